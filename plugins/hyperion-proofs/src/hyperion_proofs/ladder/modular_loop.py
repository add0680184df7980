"""Untrusted. Loops whose whole state is linear modulo constants, as parallel reductions.

Over the integers the laws hold without bounds: `act A (act B s) = act (mul A B) s` for every integer s. That a step
does not trap follows from the types of its leaves. A modulus from outside must lie in 1 .. 2**32 - 1, and a component
that a branch leaves alone in 0 .. m - 1 when the loop starts; both are tested at run time unless they are literals.
Where a test fails the loop runs as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from hyperion.ir.function import Equation, Function, Value, walk
from hyperion.ir.types import BOOL, INT, ArrayType, IntType
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, beta_spine, chain, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure, argument_type, untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import cond_is, contradiction, instance, replace_all, use
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.generic import instantiate, reduce_theorem
from hyperion_proofs.guards import computed, everywhere
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts, eliminate
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.ladder.exact import Exact
from hyperion_proofs.ladder.intervals import ONE, ZERO, Interval, Intervals, implied, moved
from hyperion_proofs.ladder.modular import Residues, find, remainders
from hyperion_proofs.loop import Loop, law_theorem
from hyperion_proofs.modular_laws import equal_inside, normal
from hyperion_proofs.reduction import LANES, PIECE
from hyperion_proofs.regions import Regions
from hyperion_proofs.sites import Site
from hyperion_proofs.templates import NotLinear
from hyperion_proofs.versions import versioned

LARGEST = 2**32 - 1
"""The largest modulus that is known only at run time: its remainders are computed in 64 bits."""

NO_STATE = t.var("no.state", t.INT)
"""No test is about it, so that no conditional becomes a maximum."""


@dataclass(frozen=True)
class Modulus:
    """A modulus from outside: its word, the same value brought into 1 .. LARGEST, and the test that it was there."""

    word: Value
    clamped: Value
    test: Value


def takes_remainders(loop: Equation) -> bool:
    return any(e.op.partition(".")[0] == "mod" for region in loop.regions for e in walk(region.equations))


class ModularLoop:
    """One `fold` over one array. Raises Refused or NotLinear where its state is not linear modulo constants."""

    def __init__(self, function: Function, index: int) -> None:
        self.site = Site(function, index)
        equation = self.site.equation
        if equation.attribute("arrays") != 1:
            raise Refused("the loop runs over several arrays at once", span=equation.span)
        self.array, self.inits = equation.operands[0], equation.operands[1:]
        assert isinstance(self.array.type, ArrayType)
        self.region = equation.regions[0]
        states = self.region.parameters[1:]
        if not states or not all(isinstance(v.type, IntType) for v in states):
            raise NotLinear("the state is no machine integers")
        self.before = Exact(self.site.names, self.site.captured())
        self.moduli = [self._modulus(v) for v in self._captured_moduli()]
        self.site.define(self.before.emitter.equations)
        self.step = self.site.denotation.step(self.region, 1, self.site.env)
        self.state = t.var("s", self.step.bound_type)
        self.element = t.var("x", self.step.body.bound_type)
        self.atoms = [apply(f"toZ.{v.type}", u) for v, u in zip(states, untuple(self.state, len(states)), strict=True)]
        names = [self._names(m) for m in self.moduli]
        self.facts = Facts.of([self._test(m) for m in self.moduli], names, self.step)
        self.kept, self.residues = self._find(self.facts)
        self.summary = self._regions()

    # ---- moduli from outside

    def _captured_moduli(self) -> Iterator[Value]:
        """The values from outside that the body takes remainders by, each once."""
        made = {r.name: e for e in self.region.equations for r in e.results}
        seen: set[str] = set()
        for e in walk(self.region.equations):
            if e.op.partition(".")[0] != "mod":
                continue
            value = e.operands[1]
            while value.name in made and made[value.name].op.partition(".")[0] == "cast":
                (value,) = made[value.name].operands
            known = self.site.env.get(value.name)
            literal = known is not None and head(known).startswith("ofZ.") and known.argument.kind == "K"
            if known is not None and not literal and isinstance(value.type, IntType) and value.name not in seen:
                seen.add(value.name)
                yield value

    def _modulus(self, word: Value) -> Modulus:
        emitter = self.before.emitter
        value = self.before.integer(apply(f"toZ.{word.type}", self.site.env[word.name]))
        one, most = emitter.const(1, INT), emitter.const(LARGEST, INT)
        clamped = emitter.op("min", INT, emitter.op("max", INT, one, value), most, hint="modulus")
        return Modulus(word, clamped, emitter.op("eq", BOOL, clamped, value, hint="inside"))

    def _test(self, m: Modulus) -> Theorem:
        return k.assume(self.site.env[m.test.name], TRUE)

    def _names(self, m: Modulus) -> Term:
        return apply(f"toZ.{m.word.type}", self.site.env[m.word.name])

    # ---- what the step is

    def _find(self, facts: Facts) -> tuple[list[int], Residues]:
        """The components that must start below their moduli, and the summary."""
        rows = remainders(self._exprs(facts.assuming()), self.atoms, self.state)
        kept = sorted(frozenset[int]().union(*(row.bare for row in rows)))
        for components in (kept, list(range(len(rows)))):
            below = [k.assume(g, TRUE) for i in components for g in _within(self.atoms[i], rows[i].modulus)]
            try:
                exprs = self._exprs(facts.with_states(below).evaluator())
            except NotLinear:
                if components is kept and len(kept) < len(rows):
                    continue
                raise
            return components, find(exprs, self.atoms, self.state, facts.intervals)
        raise NotLinear("a step may trap")

    def _exprs(self, evaluate: Evaluator) -> list[Term]:
        """The new components as integers."""
        value = evaluate(t.app(self.step, self.state, self.element)).right
        if head(value) != "ok":
            raise NotLinear("a step may trap where the state and the element have any value of their types")
        items = untuple(value.argument, len(self.atoms))
        return [u.argument if head(u) == f"ofZ.{u.type}" else apply(f"toZ.{u.type}", u) for u in items]

    # ---- code

    def _regions(self) -> Regions:
        names, kinds = self.site.names, self.residues.types
        scope = self.site.captured()
        for m in self.moduli:
            scope |= {self.site.env[m.clamped.name]: m.clamped, self._names(m): m.clamped}
        x = names.fresh("x", self.region.parameters[0].type)
        lift = Exact(names, scope | {self.element: x})
        lifted = [lift.reduced(e, kind) for e, kind in zip(self.residues.lift(), kinds, strict=True)]
        later, earlier = ([names.fresh(hint, kind) for kind in kinds] for hint in "ab")
        mul = Exact(names, scope | _symbols([*later, *earlier]))
        joined = self.residues.mul(*([_symbol(v) for v in side] for side in (later, earlier)))
        merged = [mul.reduced(e, kind) for e, kind in zip(joined, kinds, strict=True)]
        stored = [names.fresh("a", kind) for kind in kinds]
        states = [names.fresh("s", v.type) for v in self.region.parameters[1:]]
        act = Exact(names, scope | _symbols([*stored, *states]))
        acted = self.residues.act([_symbol(v) for v in stored], [_symbol(v) for v in states])
        new = [act.reduced(e, v.type) for e, v in zip(acted, states, strict=True)]
        return Regions(
            lift.region([x], lifted), mul.region([*later, *earlier], merged), act.region([*stored, *states], new)
        )

    def equation(self) -> Equation:
        """The loop as par.reduce, with fresh results."""
        results = [self.site.names.fresh(r.name, r.type) for r in self.site.equation.results]
        regions = (self.summary.lift, self.summary.mul, self.summary.act)
        attributes = (("arrays", 1), ("lanes", LANES), ("piece", PIECE))
        return Equation(
            tuple(results), "par.reduce", (self.array, *self.inits), attributes, regions, self.site.equation.span
        )

    def _start_tests(self) -> list[Value]:
        """0 <= s and s < m of components that a branch may leave alone, where these are no literals."""
        found: list[Value] = []
        tests = Exact(self.site.names, self.site.captured())
        for i in self.kept:
            s = apply(f"toZ.{self.inits[i].type}", self.site.env[self.inits[i].name])
            m = self.residues.rows[i].modulus
            for goal in _within(s, m):
                if _decided(goal) is None:
                    found.append(tests.truth(goal))
        self.before.emitter.equations += tests.emitter.equations
        self.site.define(tests.emitter.equations)
        return found

    def derive(self) -> tuple[Function, Theorem, str]:
        """The function with the loop in parallel form, that it is equal, and the tests as text."""
        starts = self._start_tests()
        tests = [*(m.test for m in self.moduli), *starts]
        reduce = self.equation()
        if not tests:
            proved = self._loop(reduce, self.facts, [])
            function = self.site.replaced(
                [
                    Equation(
                        self.site.equation.results,
                        reduce.op,
                        reduce.operands,
                        reduce.attributes,
                        reduce.regions,
                        reduce.span,
                    )
                ]
            )
            return function, self.site.conclude(proved, function), ""
        both = Exact(self.site.names, {})
        whole = tests[-1]
        for test in reversed(tests[:-1]):
            whole = both.emitter.op("and", BOOL, test, whole, hint="safe")

        def prove(known: Theorem) -> Theorem:
            parts = all_parts(known, len(tests))
            names = [self._names(m) for m in self.moduli]
            return self._loop(reduce, Facts.of(parts[: len(names)], names, self.step), parts[len(names) :])

        before = [*self.before.emitter.equations, reduce, *both.emitter.equations]
        function, theorem = versioned(self.site, before, whole, reduce.results, prove)
        return function, theorem, self._text()

    def _text(self) -> str:
        said = [f"1 <= {m.word.name} < 2**32" for m in self.moduli]
        if self.kept:
            said.append("the state starts below its modulus")
        return " and ".join(said)

    # ---- proofs

    def _loop(self, reduce: Equation, facts: Facts, starts: Sequence[Theorem]) -> Theorem:
        """|- loop = ok (preduce ..)."""
        reduced = self.site.denotation.equation(reduce, self.site.env)
        assert isinstance(reduced, Pure)
        value = reduced.values[-1]
        value = value.body if value.kind == "P" else value
        cut, lift, mul, act, xs, state = arguments(value)[1]
        p = t.var("p", t.INT)
        ok_x = t.lam(t.var("x", argument_type(xs.type)), TRUE)
        ok_m = t.lams((p, t.var("v", t.domain(act.type))), apply("le", ZERO, p))
        loop = Loop(self.step, lift, mul, act, self._ok_s(p), ok_m, ok_x, ZERO, ZERO)
        laws = _Laws(loop, facts, [self.residues.rows[i].modulus for i in self.kept]).all()
        theorem = instantiate(loop, cut, xs, laws, reduce_theorem())
        fits = computed(apply("le", apply("add", ZERO, apply("mul", ZERO, apply("length", xs))), ZERO))
        return eliminate(theorem, (ZERO, state), [self._starts(loop, state, starts), everywhere(xs), fits])

    def _ok_s(self, p: Term) -> Term:
        v = t.var("v", self.state.type)
        atoms = [t.substitute(self.atoms[i], {self.state: v}) for i in self.kept]
        goals = [g for i, a in zip(self.kept, atoms, strict=True) for g in _within(a, self.residues.rows[i].modulus)]
        body = apply("le", ZERO, p)
        for goal in reversed(goals):
            body = apply("and", goal, body)
        return t.lams((p, v), body)

    def _starts(self, loop: Loop, state: Term, starts: Sequence[Theorem]) -> Theorem:
        """|- okS 0 s0 = true."""
        opened = beta_spine(t.app(loop.ok_s, ZERO, state))
        known = {th.left: th for th in starts}
        proved: list[Theorem] = []
        for part in all_conjuncts(opened.right):
            tidy = replace_all(part, lambda u: k.projbeta(u) if u.kind == "P" and u.body.kind == "T" else None)
            goal = tidy.right if tidy else part
            found = known.get(goal) or _decided(goal)
            if found is None:
                raise NoProof("the state does not start where it should")
            proved.append(chain(tidy, found))
        return k.trans(opened, all_of(proved))


@dataclass(frozen=True)
class Facts:
    """What the tests say of moduli: equations clamped = value, that no modulus is 0, and intervals."""

    rewrites: tuple[Theorem, ...]
    known: Mapping[Term, Interval]

    @cached_property
    def intervals(self) -> Intervals:
        return Intervals(self.known)

    @staticmethod
    def of(tests: Sequence[Theorem], values: Sequence[Term], step: Term) -> Facts:
        """From |- eq clamped value = true for each value; of the powers of two in `step` too."""
        rewrites = list(_powers_of_two(step))
        known: dict[Term, Interval] = {}
        for test, value in zip(tests, values, strict=True):
            clamped = test.left.function.argument
            opened = k.trans(k.sym(instance("int.eq.def", a=clamped, b=value)), test)
            first, last = all_parts(opened, 2)
            same = discharge(instance("int.le.antisym", a=clamped, b=value), first, last)
            known[value] = moved(Intervals()(clamped), same)
            zero = instance("int.eq.def", a=value, b=ZERO)
            positive = implied(apply("le", ONE, value), [known[value].below])
            rewrites += [same, k.trans(zero, _no_zero(zero.right, positive))]
        return Facts(tuple(rewrites), known)

    def evaluator(self) -> Evaluator:
        return Evaluator(self.intervals.in_range, self.rewrites, NO_STATE)

    def assuming(self) -> Evaluator:
        """An evaluator for which every sum and product is in range."""

        def oracle(word: str, e: Term) -> Theorem:
            return self.intervals.in_range(word, e) or k.assume(apply(f"inr.{word}", e), TRUE)

        return Evaluator(oracle, self.rewrites, NO_STATE)

    def with_states(self, below: Sequence[Theorem]) -> Facts:
        """With 0 <= s and s < m of components, in this order."""
        if not below:
            return self
        known = dict(self.known)
        for low, less in zip(below[::2], below[1::2], strict=True):
            s, m = arguments(less.left)[1]
            size = self.intervals(m)
            above = implied(apply("le", s, literals.int_lit(size.high - 1)), [_as_le(less), size.above])
            known[s] = Interval(0, size.high - 1, low, above)
        return Facts(self.rewrites, known)


def _powers_of_two(step: Term) -> Iterator[Theorem]:
    """|- pow2 e = a literal, for those in `step` whose exponent is one."""
    for u in t.subterms(step):
        if u.kind == "A" and head(u) == "pow2" and not u.loose:
            exponent = Evaluator(no_range)(u.argument)
            if exponent.right.kind == "K" and 0 <= literals.int_value(exponent.right) <= 128:
                yield k.trans(k.app(k.refl(u.function), exponent), power_of_two(literals.int_value(exponent.right)))


@cache
def power_of_two(n: int) -> Theorem:
    """|- pow2 n = 2**n."""
    if n == 0:
        return k.axiom("int.pow2.zero")
    less = literals.int_lit(n - 1)
    law = discharge(instance("int.pow2.next", n=less), k.compute(apply("le", ZERO, less)))
    exponent = k.app(k.refl(law.left.function), k.compute(law.left.argument))
    product = k.app(k.refl(law.right.function), power_of_two(n - 1))
    return chain(k.sym(exponent), law, product, k.compute(product.right))


def _no_zero(both: Term, positive: Theorem) -> Theorem:
    """|- and (le v 0) (le 0 v) = false from |- le 1 v = true."""
    le = both.function.argument
    no = apply("le", ONE, positive.left.argument)
    law = instance("int.le.not", a=le.function.argument, b=ZERO)  # not (le v 0) = lt 0 v
    less = k.trans(law, instance("int.lt.def", a=ZERO, b=positive.left.argument))
    tidy = k.compute(less.right.function.argument)
    holds = k.trans(less, k.app(k.app(k.refl(less.right.function.function), tidy), k.refl(less.right.argument)))
    assert holds.right is no
    negated = k.trans(holds, positive)  # not (le v 0) = true

    def case(known: Theorem) -> Theorem:
        if known.right is FALSE:
            return known
        opened = use("not.def", negated.left)
        assert opened is not None
        absurd = chain(k.sym(negated), opened, cond_is(known, opened.right))
        return contradiction(absurd, le, FALSE)

    false = k.bool_cases(le, case(k.assume(le, TRUE)), case(k.assume(le, FALSE)))
    opened = use("and.def", both)
    assert opened is not None
    return k.trans(opened, cond_is(false, opened.right))


def _within(s: Term, m: Term) -> tuple[Term, Term]:
    return apply("le", ZERO, s), apply("lt", s, m)


def _decided(goal: Term) -> Theorem | None:
    """|- goal = true, for literals."""
    th = Evaluator(no_range)(goal)
    if th.right is not TRUE:
        try:
            th = k.trans(th, k.compute(th.right))
        except k.RuleError:
            return None
    return th if th.right is TRUE else None


def _symbol(v: Value) -> Term:
    """The integer value of a parameter."""
    assert isinstance(v.type, IntType)
    return apply(f"toZ.{v.type}", t.var(f"entry.{v.name}", t.type_of(str(v.type))))


def _symbols(values: Sequence[Value]) -> dict[Term, Value]:
    return {_symbol(v).argument: v for v in values}


class _Laws:
    """Proves the laws of one loop from what is known of its moduli."""

    def __init__(self, loop: Loop, facts: Facts, moduli: Sequence[Term]) -> None:
        self.loop = loop
        self._facts = facts
        self._moduli = moduli
        self._evaluate = facts.evaluator()

    def all(self) -> dict[str, Theorem]:
        return {name: law_theorem(self.loop, name, self._prove(name)) for name in self.loop.laws()}

    def _prove(self, name: str) -> Theorem:
        _, conditions, left, right = self.loop.laws()[name]
        facts = [k.trans(k.sym(beta_spine(c)), k.assume(c, TRUE)) for c in conditions]
        match name:
            case "step" | "join":
                states = all_parts(facts[0] if name == "step" else facts[2], 2 * len(self._moduli) + 1)[:-1]
                return _Equality(self._facts.with_states(states), states).prove(left, right)
            case "lift" | "unit":
                opened = beta_spine(left)
                return k.trans(opened, k.compute(opened.right))
            case "mul":
                return k.trans(beta_spine(left), nonneg_add(*facts[:2]))
            case "act":
                return self._act(left, facts[0], all_parts(facts[1], 2 * len(self._moduli) + 1)[-1])
            case "size":
                return all_parts(facts[0], 2 * len(self._moduli) + 1)[-1]
            case _:
                raise NoProof(f"an unknown law {name}")

    def _act(self, goal: Term, first: Theorem, last: Theorem) -> Theorem:
        """|- okS (p + q) (act A s) = true: the new components are remainders."""
        opened = beta_spine(goal)
        proved: list[Theorem] = []
        for part in all_conjuncts(opened.right)[:-1]:
            evaluated = self._evaluate(part)
            x = evaluated.right
            if head(x) == "lt":
                less = instance("int.lt.def", a=x.function.argument, b=x.argument)
                evaluated, x = k.trans(evaluated, less), less.right
            proved.append(k.trans(evaluated, self._remainder_fact(x)))
        return k.trans(opened, all_of([*proved, nonneg_add(first, last)]))

    def _remainder_fact(self, x: Term) -> Theorem:
        facts: list[Theorem] = []
        for u in t.subterms(x):
            if head(u) == "mod" and u.type is t.INT and u.kind == "A" and not u.loose:
                _, (a, m) = arguments(u)
                positive = instance("int.lt.def", a=ZERO, b=m)
                positive = k.trans(positive, implied(positive.right, self._facts.intervals(m).facts))
                low = discharge(instance("int.mod.nonneg", a=a, m=m), positive)
                less = discharge(instance("int.mod.less", a=a, m=m), positive)
                facts += [low, k.trans(k.sym(instance("int.lt.def", a=u, b=m)), less)]
        return implied(x, facts)


class _Equality:
    """Proves that two states, or outcomes of states, are equal. `small` says 0 <= s and s < m of components."""

    def __init__(self, facts: Facts, small: Sequence[Theorem]) -> None:
        self._facts = facts
        self._small_facts = [_as_le(th) for th in small]
        self._evaluate = facts.evaluator()

    def prove(self, left: Term, right: Term) -> Theorem:
        a, b = self._evaluate(left), self._evaluate(right)
        return chain(a, self._same(a.right, b.right), k.sym(b))

    def _same(self, a: Term, b: Term) -> Theorem:
        if a is b:
            return k.refl(a)
        if head(a) == head(b) == "ok":
            return k.app(k.refl(a.function), self._same(a.argument, b.argument))
        if a.kind == "T" or b.kind == "T":
            count = len((a if a.kind == "T" else b).items)
            pairs = zip(untuple(a, count), untuple(b, count), strict=True)
            whole = k.tuple_(*(self._same(u, v) for u, v in pairs))
            first = None if a.kind == "T" else k.sym(k.tupeta(a))
            return chain(first, whole, None if b.kind == "T" else k.tupeta(b))
        word = a.type.text
        sides = [None if head(x) == f"ofZ.{word}" else k.sym(_of_to(word, x)) for x in (a, b)]
        u, v = (th.right if th else x for th, x in zip(sides, (a, b), strict=True))
        middle = k.app(k.refl(u.function), self._split(u.argument, v.argument))
        return chain(sides[0], middle, k.sym(sides[1]) if sides[1] else None)

    def _split(self, a: Term, b: Term, depth: int = 0) -> Theorem:
        found = self._leaf(a, b)
        if found is not None:
            return found
        test = _some_test(a) or _some_test(b)
        if test is None or depth > 6:
            raise NoProof("the two sides have different normal forms")

        def case(known: Theorem) -> Theorem:
            def decide(u: Term) -> Theorem | None:
                _, args = arguments(u)
                return cond_is(known, u) if head(u) == "cond" and len(args) == 3 and args[0] is test else None

            first, last = replace_all(a, decide), replace_all(b, decide)
            u, v = first.right if first else a, last.right if last else b
            return chain(first, self._split(u, v, depth + 1), k.sym(last) if last else None)

        return k.bool_cases(test, case(k.assume(test, TRUE)), case(k.assume(test, FALSE)))

    def _leaf(self, a: Term, b: Term) -> Theorem | None:
        if head(a) == "mod" and head(b) != "mod":
            flipped = self._leaf(b, a)
            return None if flipped is None else k.sym(flipped)
        if head(b) == "mod" and head(a) != "mod":
            wrapped = self._small(apply("mod", a, b.argument))
            if wrapped is None:
                return None
            rest = equal_inside(wrapped.left, b) or _by_period(wrapped.left, b)
            return None if rest is None else k.trans(k.sym(wrapped), rest)
        return equal_inside(a, b) or _by_period(a, b)

    def _small(self, x: Term) -> Theorem | None:
        """|- mod a m = a, where 0 <= a < m is known."""
        _, (a, m) = arguments(x)
        facts = list(self._small_facts)
        try:
            for e in (a, m):
                if e.kind == "K" or head(e).startswith("toZ."):
                    facts += self._facts.intervals(e).facts
            low = implied(apply("le", ZERO, a), facts)
            less = instance("int.lt.def", a=a, b=m)
            less = k.trans(less, implied(less.right, facts))
        except NoProof:
            return None
        return discharge(instance("int.mod.small", a=a, m=m), low, less)


def _by_period(a: Term, b: Term) -> Theorem | None:
    """|- mod e m = mod f m for a literal m, where the coefficients of e and f differ by multiples of m."""
    if head(a) != "mod" or head(b) != "mod" or a.argument is not b.argument or a.argument.kind != "K":
        return None
    m = literals.int_value(a.argument)
    na, nb = normal(a) or k.refl(a), normal(b) or k.refl(b)
    first, last = (th.right.function.argument for th in (na, nb))
    difference = INTEGERS.normal(apply("sub", first, last))
    quotient = _divided(difference.right, m) if difference is not None and m else None
    if quotient is None:
        return None
    moved = INTEGERS.equal(first, apply("add", last, apply("mul", quotient, a.argument)))
    assert moved is not None
    function = na.right.function.function
    shifted = k.app(k.app(k.refl(function), moved), k.refl(a.argument))
    return chain(na, shifted, instance("int.mod.period", a=last, k=quotient, m=a.argument), k.sym(nb))


def _divided(x: Term, m: int) -> Term | None:
    """The polynomial x, in normal form, divided by m; None where a coefficient is no multiple."""
    if INTEGERS.is_op(x, "add"):
        first, rest = _divided(x.function.argument, m), _divided(x.argument, m)
        return None if first is None or rest is None else apply("add", first, rest)
    coefficient, product = INTEGERS.split(x)
    if coefficient % m:
        return None
    value = literals.int_lit(int(coefficient) // m)
    return value if product is None else apply("mul", value, product)


def _as_le(th: Theorem) -> Theorem:
    """|- lt a b = true as |- le (1 + a) b = true."""
    if head(th.left) != "lt":
        return th
    a, b = arguments(th.left)[1]
    return k.trans(k.sym(instance("int.lt.def", a=a, b=b)), th)


def _of_to(word: str, x: Term) -> Theorem:
    return instance(f"{word}.of.to", x=x)


def _some_test(x: Term) -> Term | None:
    for u in t.subterms(x):
        if u.kind == "A" and head(u) == "cond" and len(arguments(u)[1]) == 3:
            return arguments(u)[1][0]
    return None
