"""Untrusted. A `for` whose state follows a linear recurrence, as a power of its matrix: O(log n).

On words that wrap the step may use its counter: the powers of the counter become part of the state. Under remainders
by one modulus every product is exact; where a state is taken as it is, without a remainder, it has to be below the
modulus.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, INT
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect, tuple_of, untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counted import Counted, denied, literal_word
from hyperion_proofs.counted_power import Larger, instantiate_counted_power
from hyperion_proofs.derived import NoProof, abstract, chain, replace_all
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import all_parts
from hyperion_proofs.polynomials import INDEX, Polynomial, atom, polynomial
from hyperion_proofs.recurrences import Powers, counter_row, powers_of, row
from hyperion_proofs.residues import Residues
from hyperion_proofs.unfolding import bind_ok
from hyperion_proofs.versions import versioned_by

_ZERO = literals.int_lit(0)


def _assume(word: str, e: Term) -> Theorem | None:
    return k.assume(apply(f"inr.{word}", e), TRUE)


class Recurring:
    """One `for` in a function, as a power. Raises Refused where its update is not linear."""

    def __init__(self, function: Function, index: int) -> None:
        self.counted = counted = Counted(function, index)
        self._count = len(counted.inits)
        self._s = t.var("s", counted.state.type)
        self._x = t.var("x", counted.step.body.bound_type)
        if any(v.type != I64 for v in counted.inits):
            raise Refused("the state is not of 64-bit integers only", span=counted.equation.span)
        parts, modulus = self._evaluated()
        self.residues = Residues.of(modulus)
        self._atoms = [apply("toZ.i64", u) for u in untuple(self._s, self._count)]
        self.copied = self._copied(parts) if modulus is not None else frozenset[int]()
        exprs = [p.argument if head(p) == "ofZ.i64" else apply("toZ.i64", p) for p in parts]
        self._degree = 0
        self.powers = self._matrix([polynomial(e, self.residues.inside) for e in exprs])

    @property
    def starts_anywhere(self) -> bool:
        """Whether values of the state that are taken as they are may be beyond the modulus at first."""
        m, env = self.residues.modulus, self.counted.site.env
        numbers = [literal_word(env[self.counted.inits[j].name]) for j in self.copied]
        if m is None or any(x.kind != "K" for x in (m, *numbers)):
            return bool(self.copied)
        return any(literals.int_value(x) % literals.int_value(m) != literals.int_value(x) for x in numbers)

    # ---- what a step does

    def _evaluated(self) -> tuple[list[Term], Term | None]:
        """The new state, and the modulus of its remainders."""
        call, span = t.app(self.counted.step, self._s, self._x), self.counted.equation.span
        exact = Evaluator(no_range, state=self._s)(call).right
        facts: list[Theorem] = []
        if head(exact) != "ok":
            exact = Evaluator(_assume, state=self._s)(call).right
            while head(exact) == "cond" and len(facts) < 4:
                test = arguments(exact)[1][0]
                if head(test) != "eq" or self._s in test.free or self._x in test.free:
                    break
                facts.append(k.assume(test, FALSE))
                exact = Evaluator(_assume, tuple(facts), state=self._s)(call).right
        if head(exact) != "ok":
            raise Refused("a step may trap by more than the range of its sums and a zero modulus", span=span)
        parts = list(untuple(exact.argument, self._count))
        moduli = {u.argument for p in parts for u in t.subterms(p) if INTEGERS.is_op(u, "mod")}
        if len(moduli) > 1:
            raise Refused("a step takes remainders by several moduli", span=span)
        modulus = next(iter(moduli), None)
        if modulus is not None and ({self._s, self._x} & modulus.free):
            raise Refused("the modulus changes from step to step", span=span)
        if modulus is not None and modulus.kind == "K" and not literals.int_value(modulus):
            raise Refused("the modulus is 0", span=span)
        if modulus is None and any(e for e in facts):
            raise Refused("a step divides by a value", span=span)
        return parts, modulus

    def _copied(self, parts: Sequence[Term]) -> frozenset[int]:
        """The components that a step takes over without a remainder."""
        found: set[int] = set()
        words = untuple(self._s, self._count)
        for p in parts:
            if head(p) == "ofZ.i64" and head(p.argument) == "mod":
                continue
            if p not in words:
                raise Refused(
                    "a value of the state is computed without the remainder, so it may leave the range; reduce it too",
                    span=self.counted.equation.span,
                )
            found.add(words.index(p))
        return frozenset(found)

    def _matrix(self, steps: Sequence[Polynomial]) -> Powers:
        span = self.counted.equation.span
        x = apply("toZ.i64", self._x)
        self._degree = max((n for p in steps for powers in p.monomials for a, n in powers if a is x), default=0)
        if self._degree and self.residues.modulus is not None:
            raise Refused(
                "the step uses its counter under a remainder; that the counter is the number it stands for would have "
                "to be known at every step",
                span=span,
            )
        if self._degree > 6:
            raise Refused("the step uses the counter's powers above 6", span=span)
        counters = [t.var(f"counter.{n}", t.INT) for n in range(1, self._degree + 1)]
        atoms = [*self._atoms, *counters]
        named = [_named(p, x, counters) for p in steps]
        for p in named:
            for a in p.atoms - set(atoms):
                if {self._s, self._x} & a.free:
                    what = head(a).partition(".")[0] or "a value"
                    raise Refused(f"a step takes `{what}` of the counter or the state, which is not linear", span=span)
        element = polynomial(self._element(INDEX), self.residues.inside)
        later = [counter_row(element, INDEX, n, counters) for n in range(1, self._degree + 1)]
        rows = tuple(row(p, atoms) for p in [*named, *later])
        powers = powers_of(rows, self.residues.emitted)
        if not powers.entries:
            raise Refused("the state does not change from step to step", span=span)
        return powers

    def _element(self, i: Term) -> Term:
        """The integer that the counter's word at step i is made of."""
        word = Evaluator(no_range)(t.app(self.counted.element, i)).right
        return word.argument if head(word) == "ofZ.i64" else apply("toZ.i64", word)

    # ---- the terms of the theorem

    def _rho(self) -> Term:
        if not self.copied:
            return t.lam(self._s, self._s)
        words = [
            apply("ofZ.i64", self.residues.reduce(apply("toZ.i64", u))) if j in self.copied else u
            for j, u in enumerate(untuple(self._s, self._count))
        ]
        return t.lam(self._s, tuple_of(tuple(words)))

    def _larger(self) -> tuple[Term, Term]:
        """emb and out."""
        if not self._degree:
            return t.lams((INDEX, self._s), self._s), t.lam(self._s, self._s)
        words = list(untuple(self._s, self._count))
        for n in range(1, self._degree + 1):
            product = self._element(INDEX)
            for _ in range(n - 1):
                product = apply("mul", product, self._element(INDEX))
            words.append(apply("ofZ.i64", self.residues.reduce(product)))
        emb = t.lams((INDEX, self._s), tuple_of(tuple(words)))
        e = t.var("e", tuple_of(tuple(words)).type)
        return emb, t.lam(e, tuple_of(untuple(e, len(words))[: self._count]))

    def text(self) -> str:
        """In which arithmetic, and what the state has besides the loop's."""
        size = f"{len(self.powers.entries)} numbers"
        counter = ", with the counter's powers in the state" if self._degree else ""
        kind = "modulo 2**64" if self.residues.modulus is None else "by remainders"
        return f"{size} {kind}{counter}"

    def guard_text(self, names: Sequence[str]) -> str:
        """What is tested before."""
        parts = ["the modulus is not 0"] if self.residues.varies else []
        if self.copied:
            copied = ", ".join(names[j] for j in sorted(self.copied))
            parts.append(f"{copied} = {copied} % the modulus at first")
        if self.counted.zero_step is not None:
            parts.append("the range's step is not 0")
        return " and ".join(parts)

    # ---- the new function

    def derive(self) -> tuple[Function, Theorem]:
        """The function with the loop as a power, and |- denote(source) = denote(it)."""
        counted, site = self.counted, self.counted.site
        emitter = Emitter(site.names, site.captured())
        tests = self._tests(emitter)
        extras = [self._first_power(emitter, n) for n in range(1, self._degree + 1)]
        guarded = bool(tests) or bool(extras)
        if guarded and not tests:
            tests = [emitter.const(True, BOOL)]
        test = tests[-1] if tests else None
        for v in reversed(tests[:-1]):
            assert test is not None
            test = emitter.op("and", BOOL, v, test, hint="fits")
        results = counted.equation.results
        if guarded:
            results = tuple(site.names.fresh(r.name, r.type) for r in results)
        wide = (*results, *(site.names.fresh("power", I64) for _ in extras))
        operands = (*counted.equation.operands, *extras)
        power = Equation(wide, "par.power", operands, (), self._regions(), counted.equation.span)
        if test is None:
            site.define(emitter.equations)
            function = site.replaced([*emitter.equations, power])
            return function, site.conclude(self._powered(power, {}), function)
        return self._versioned(emitter.equations, test, power, results, len(tests))

    def _tests(self, emitter: Emitter) -> list[Value]:
        """What the power needs: a step of the range, a modulus that is not 0, states that are remainders."""
        tests: list[Value] = []
        if self.counted.zero_step is not None:
            step = emitter.op("cast", INT, self.counted.bounds[2])
            tests.append(emitter.op("ne", BOOL, step, emitter.const(0, INT)))
        if self.residues.varies:
            signs = (self.residues.positive_claim, self.residues.negative_claim)
            tests.append(emitter.op("or", BOOL, *(emitter.truth_exact(x) for x in signs)))
        for j in sorted(self.copied):
            tests.append(emitter.truth_exact(self.residues.kept(self.counted.site.env[self.counted.inits[j].name])))
        return tests

    def _first_power(self, emitter: Emitter, n: int) -> Value:
        """The n-th power of the first counter."""
        value = emitter.integer(self._element(_ZERO), I64)
        product = value
        for _ in range(n - 1):
            product = emitter.op("mul.wrap", I64, product, value)
        return product

    def _regions(self) -> tuple[Region, Region, Region]:
        entries, wide = len(self.powers.entries), self._count + self._degree
        fresh = self.counted.site.names.fresh
        a, b = ([fresh(hint, I64) for _ in range(entries)] for hint in "ab")
        a2, s = [fresh("a", I64) for _ in range(entries)], [fresh("s", I64) for _ in range(wide)]
        return (
            self._region([], self.powers.lift()),
            self._region([*a, *b], self.powers.multiply(_symbols(a), _symbols(b))),
            self._region([*a2, *s], self.powers.act(_symbols(a2), _symbols(s))),
        )

    def _region(self, parameters: list[Value], exprs: Sequence[Term]) -> Region:
        scope = self.counted.site.captured() | {_word(v): v for v in parameters}
        emitter = Emitter(self.counted.site.names, scope)
        return region(parameters, emitter, [self.residues.emit(emitter, e) for e in exprs])

    # ---- the proof

    def _powered(self, power: Equation, facts: dict[Term, Theorem]) -> Theorem:
        """|- the loop = (what the power denotes, the loop's part of its state)."""
        counted = self.counted
        found = counted.site.denotation.equation(power, counted.site.env)
        assert isinstance(found, Effect)
        zero = counted.zero_step
        steps = None if zero is None else denied(facts[apply("not", zero)])
        opened, whole = counted.opened(steps), counted.opened_power(found.outcome, steps)
        mul, act, _, m0, first = arguments(whole.right.argument)[1]
        emb, out = self._larger()
        loop = Larger(counted.step, counted.element, self._rho(), emb, out, mul, act, m0)
        proved = instantiate_counted_power(loop, counted.over, self._laws(loop), counted.state, _ZERO)
        nonzero = facts[self.residues.nonzero] if self.residues.varies else None
        proved = self._discharged(proved, nonzero)
        placed = self._placed(facts)  # rho state = state
        fold = opened.right.function.function
        put = k.trans(k.sym(placed), k.sym(_reduced(t.app(loop.rho, counted.state))))
        begun = k.app(k.app(k.refl(fold), put), k.refl(opened.right.argument))
        start = proved.right.argument.argument.argument
        at_state = k.app(k.refl(start.function), k.sym(put))
        same = k.trans(at_state, self._discharged(self.residues.equal(at_state.right, first), nonzero))
        inner = k.app(k.refl(proved.right.argument.argument.function), same)
        ended = k.app(k.refl(proved.right.function), k.app(k.refl(out), inner))
        result = beta_spine(ended.right.argument)
        left = chain(opened, begun, proved, ended, k.app(k.refl(proved.right.function), result))
        return k.trans(left, self._selected(found.outcome, whole, left.right))

    def _selected(self, outcome: Term, whole: Theorem, value: Term) -> Theorem:
        """|- value = the power's outcome, or its part that is the loop's state."""
        if not self._degree:
            return k.sym(whole)
        v = t.var("power.value", whole.right.argument.type)
        part = t.lam(v, apply("ok", tuple_of(untuple(v, self._count + self._degree)[: self._count])))
        bind = apply("bind", outcome, part)
        changed = k.app(k.app(k.refl(bind.function.function), whole), k.refl(part))
        th = bind_ok(changed)
        if th.right is not value:
            raise NoProof("the power's state was lost")
        return k.sym(th)

    @staticmethod
    def _discharged(th: Theorem, nonzero: Theorem | None) -> Theorem:
        return th if nonzero is None else discharge(th, nonzero)

    def _placed(self, facts: dict[Term, Theorem]) -> Theorem:
        """|- (the state with its remainders taken) = the state."""
        state = self.counted.state
        nonzero = facts[self.residues.nonzero] if self.residues.varies else None
        if not self.copied:
            return k.refl(state)
        parts: list[Theorem] = []
        for j, u in enumerate(untuple(state, self._count)):
            if j not in self.copied:
                parts.append(k.refl(u))
                continue
            same = self.residues.same(u, facts[self.residues.kept(u)])
            parts.append(self._discharged(same, nonzero))
        if self._count == 1:
            return parts[0]
        whole = k.tuple_(*parts)
        return whole if state.kind == "T" else k.trans(whole, k.tupeta(state))

    def _laws(self, loop: Larger) -> dict[str, Theorem]:
        return {name: self._law(*sides) for name, sides in loop.laws().items()}

    def _law(self, left: Term, right: Term) -> Theorem:
        variables: list[Term] = []
        while left.kind == "L":
            v = t.var(f"law.{len(variables)}", left.bound_type)
            variables.append(v)
            left, right = t.open_binder(left, v), t.open_binder(right, v) if right.kind == "L" else t.app(right, v)
        return abstract(variables, self.residues.equal(left, right))

    def _versioned(
        self, before: Sequence[Equation], test: Value, power: Equation, results: tuple[Value, ...], count: int
    ) -> tuple[Function, Theorem]:
        def prove(known: Theorem, outcome: Term) -> Theorem:
            th = self._powered(power, {th.left: th for th in all_parts(known, count)})
            if th.right is not outcome:
                raise NoProof("the power's place was lost")
            return th

        return versioned_by(self.counted.site, before, test, Region((), (power,), results), prove)


def _named(p: Polynomial, x: Term, counters: Sequence[Term]) -> Polynomial:
    """The powers of x as values of their own."""
    total = Polynomial({})
    for powers, c in p.monomials.items():
        rest = Polynomial({tuple((a, n) for a, n in powers if a is not x): c})
        n = dict(powers).get(x, 0)
        total += rest * atom(counters[n - 1]) if n else rest
    return total


def _reduced(x: Term) -> Theorem:
    """|- (\\v. body) a = body[a], projections of tuples taken."""
    th = beta_spine(x)
    taken = replace_all(th.right, lambda u: k.projbeta(u) if u.kind == "P" and u.body.kind == "T" else None)
    return k.trans(th, taken) if taken else th


def _word(v: Value) -> Term:
    return t.var(f"entry.{v.name}", t.type_of("i64"))


def _symbols(values: Sequence[Value]) -> list[Term]:
    return [apply("toZ.i64", _word(v)) for v in values]
