"""Untrusted. Loops whose whole state is linear modulo constants, as parallel reductions.

Over the integers the laws hold without bounds: `act A (act B s) = act (mul A B) s` for every integer s. That a step
does not trap follows from the types of its leaves. A modulus from outside must lie in 1 .. 2**32 - 1, and a component
that a branch leaves alone in 0 .. m - 1 when the loop starts; both are tested at run time unless they are literals.
Where a test fails the loop runs as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hyperion.ir.function import Equation, Function, Value, walk
from hyperion.ir.types import BOOL, INT, ArrayType, IntType
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, beta_spine, chain, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure, argument_type, untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import replace_all
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.generic import instantiate, reduce_theorem
from hyperion_proofs.guards import computed, everywhere
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts, eliminate
from hyperion_proofs.ladder.exact import Exact
from hyperion_proofs.ladder.intervals import ZERO
from hyperion_proofs.ladder.modular import Residues, find, remainders
from hyperion_proofs.ladder.modular_facts import Facts
from hyperion_proofs.ladder.modular_proofs import ModularLaws
from hyperion_proofs.loop import Loop
from hyperion_proofs.reduction import LANES, PIECE
from hyperion_proofs.regions import Regions
from hyperion_proofs.sites import Site
from hyperion_proofs.templates import NotLinear
from hyperion_proofs.versions import versioned

LARGEST = 2**32 - 1
"""The largest modulus that is known only at run time: its remainders are computed in 64 bits."""


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
        self.facts = Facts.of([self._test(m) for m in self.moduli], names)
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
        whole = both.emitter.every(tests, hint="safe")

        def prove(known: Theorem) -> Theorem:
            parts = all_parts(known, len(tests))
            names = [self._names(m) for m in self.moduli]
            return self._loop(reduce, Facts.of(parts[: len(names)], names), parts[len(names) :])

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
        laws = ModularLaws(loop, facts, [self.residues.rows[i].modulus for i in self.kept]).all()
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
