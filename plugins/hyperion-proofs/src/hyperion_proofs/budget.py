"""Untrusted. Trapping i64 steps: the parallel form where a budget of magnitudes suffices, else the loop as written.

    |s0| + w * n <= 2**63 - 1        no step of the loop and no summary leaves i64

w bounds what one step adds. It follows from the elements' type or, for 64-bit elements, from a range `lo <= x <= hi`
that the guard tests for every element; lo and hi are computed from n and |s0| so that the budget suffices.
"""

from __future__ import annotations

from dataclasses import dataclass

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, INT, IntType
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.bounds import Bounds, Shape, factors, from_shape, shape, union
from hyperion_proofs.derived import head, instance
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.evaluate import NARROW
from hyperion_proofs.guards import everywhere, in_limits, limits, magnitude
from hyperion_proofs.implication import all_conjuncts, all_of, eliminate, parts
from hyperion_proofs.inequalities import drop, nonneg_mul
from hyperion_proofs.laws import Magnitudes, nothing_known
from hyperion_proofs.pretty import bound_text, source_names
from hyperion_proofs.reduction import Instance, Reduction, chosen
from hyperion_proofs.zipping import no_longer

TOP = I64.maximum


@dataclass(frozen=True)
class _Limits:
    """The range that the guard tests for every element, and a bound of its magnitudes."""

    low: Value
    high: Value
    magnitude: Term


def budgeted(reduction: Reduction) -> tuple[Function, Theorem, str]:
    """The function with the loop in parallel form under a guard, that it is equal, and the guard as text."""
    return _Budget(reduction).derive()


class _Budget:
    def __init__(self, reduction: Reduction) -> None:
        self.r = reduction
        self.site = reduction.site
        self.wide = [
            (i, ty) for i, ty in enumerate(reduction.element_types) if isinstance(ty, IntType) and str(ty) not in NARROW
        ]
        self.parts = untuple(reduction.body.element, len(reduction.element_types))

    def derive(self) -> tuple[Function, Theorem, str]:
        weights, unknown = self._weights()
        emitter = Emitter(self.site.names, self.site.captured())
        size = self._initial_size(emitter)
        n = emitter.op("len", INT, self.r.array, hint="n")
        degree = max((factors(m).count(unknown) for m in weights if m is not None), default=0)
        tested = self.wide and degree > 0  # a count, say, does not depend on how large elements are
        range_ = self._range(emitter, weights, (unknown, degree), size, n) if tested else None
        self.site.define(emitter.equations)
        found = self._limits(*range_) if range_ is not None else None
        weight = from_shape(weights)
        if found is not None:
            weight = from_shape(shape(t.substitute(weight, {unknown: found.magnitude})))
        guard = self._text(weight, found)
        reduce = self.r.equation(self._guard_region(found) if found else None)
        tail, test = self._test(reduce, weight, size, n, found)
        proved = self.r.instance(reduce, self._magnitudes(weight, found))
        results = reduce.results[1:] if found else reduce.results
        bound, count = self.site.env[size.name], self.site.env[n.name]

        def fast(known: Theorem) -> Theorem:
            return self._fast(proved, known, (bound, count), found)

        new, theorem = chosen(self.r, emitter.equations, [reduce, *tail.equations], test, results, fast)
        return new, theorem, guard

    def _text(self, weight: Term, found: _Limits | None) -> str:
        names = {x: name for (x, v) in self.site.captured().items() for name in source_names([v])}
        if found is not None:
            names[found.magnitude] = "m"
        step = bound_text(weight, names)
        step = f"({step})" if " + " in step else step
        (x,) = source_names(self.r.loop_region.parameters[:1])
        n = f"len({self.r.array.name})"
        growth = n if step == "1" else f"{n}*{step}"
        every = f"|{x}| <= m for every {x}, with m chosen so that " if found is not None else ""
        return f"{every}|initial state| + {growth} < 2**63"

    # ---- what a step adds

    def _weights(self) -> tuple[Shape, Term]:
        """The bound of everything that one step adds, over a stand-in for the element's magnitude."""
        body = self.r.body
        p, unknown = t.var("budget.p", t.INT), t.var("budget.m", t.INT)
        leaves = self._captured()
        for u in untuple(body.state, body.count):
            if u.type.name == "i64":
                z = apply("toZ.i64", u)
                leaves[z] = k.assume(apply("within", p, z), TRUE)
        for i, ty in self.wide:
            z = apply(f"toZ.{ty}", self.parts[i])
            leaves[z] = k.assume(apply("within", unknown, z), TRUE)
        zero = literals.int_lit(0)
        nonneg = {v: k.assume(apply("le", zero, v), TRUE) for v in (p, unknown)} | self._captured_nonneg()
        bounds = Bounds(leaves, nonneg)
        shapes: list[Shape] = []
        stored = [e for e, ty in zip(body.summary.lift, body.summary.types, strict=True) if ty == I64]
        for e in (*body.ranges, *stored):
            found = dict(shape(bounds.bound(e)))
            if found.pop(p, 0) > 1 or any(m is not None and p in factors(m) for m in found):
                raise Refused("the state grows by more than a bounded amount in a step", span=self.site.equation.span)
            shapes.append(found)
        return union(*shapes), unknown

    def _captured_values(self) -> list[Term]:
        """Integer values of the words in scope."""
        words = [x for x in self.site.captured() if x.type.name == "i64" and head(x) != "ofZ.i64"]
        return [apply("toZ.i64", x) for x in words]

    def _captured(self) -> dict[Term, Theorem]:
        return {z: instance("within.abs", a=z) for z in self._captured_values()}

    def _captured_nonneg(self) -> dict[Term, Theorem]:
        return {apply("abs", z): instance("int.nonneg.abs", a=z) for z in self._captured_values()}

    def _magnitudes(self, weight: Term, found: _Limits | None) -> Magnitudes:
        top, captured, nonneg = literals.int_lit(TOP), self._captured(), self._captured_nonneg()
        if found is None:
            return Magnitudes(weight, top, captured, nonneg, nothing_known)
        wide = found.magnitude
        lo, hi = (magnitude(apply("toZ.i64", self.site.env[v.name]), wide) for v in (found.low, found.high))
        nonneg[wide] = discharge(instance("within.nonneg", p=wide, a=lo.left.argument), lo)
        low, high = limits(lo)[0], limits(hi)[1]
        return Magnitudes(weight, top, captured, nonneg, lambda fact: in_limits(fact, low, high))

    # ---- the guard's code

    def _initial_size(self, emitter: Emitter) -> Value:
        """The largest magnitude of the initial state."""
        words = [v for v in self.r.inits if v.type == I64]
        sizes = [emitter.op("abs", INT, emitter.op("cast", INT, v), hint="size") for v in words]
        total = sizes[-1]
        for v in reversed(sizes[:-1]):
            total = emitter.op("max", INT, v, total, hint="size")
        return total

    def _range(
        self, emitter: Emitter, weights: Shape, unknown: tuple[Term, int], size: Value, n: Value
    ) -> tuple[Value, Value]:
        """A large symmetric range of elements for which the budget suffices; any choice would be sound."""
        atom, degree = unknown
        about = {m: c for m, c in weights.items() if m is not None and atom in factors(m)}
        rest = from_shape({m: c for m, c in weights.items() if m not in about})
        one = emitter.const(1, INT)
        used = emitter.op("add", INT, size, emitter.op("mul", INT, emitter.exact(rest), n))
        free = emitter.op("sub", INT, emitter.const(TOP, INT), used)
        count = emitter.const(int(sum(about.values())), INT)
        captured = [emitter.exact(u) for m in about for u in factors(m) if u is not atom]
        for u in captured:  # at least one, so that a captured 0 does no harm
            count = emitter.op("mul", INT, count, emitter.op("max", INT, one, u))
        share = emitter.op("mul", INT, count, emitter.op("add", INT, n, one))
        hi = emitter.op("cast.wrap", I64, emitter.op("floordiv", INT, free, share), hint="hi")
        if degree > 1:
            hi = self._root(emitter, hi, degree)
        return emitter.op("neg.wrap", I64, hi, hint="lo"), hi

    def _root(self, emitter: Emitter, x: Value, degree: int) -> Value:
        """A power of two, at most four times too small, whose power `degree` is at most x."""
        found = emitter.const(0, I64)
        for bits in range(0, 63 // degree + 1, 2):
            enough = emitter.op("le", BOOL, emitter.const(1 << bits * degree, I64), x)
            found = emitter.op("select", I64, enough, emitter.const(1 << bits, I64), found, hint="hi")
        return found

    def _limits(self, low: Value, high: Value) -> _Limits:
        lo, hi = (apply("abs", apply("toZ.i64", self.site.env[v.name])) for v in (low, high))
        return _Limits(low, high, apply("max", lo, hi))

    def _guard_region(self, found: _Limits) -> Region:
        elements = [self.site.names.fresh("x", ty) for ty in self.r.element_types]
        emitter = Emitter(self.site.names, {})
        tests: list[Value] = []
        for i, _ in self.wide:
            x = elements[i]
            above, below = emitter.op("le", BOOL, found.low, x), emitter.op("le", BOOL, x, found.high)
            tests.append(emitter.op("and", BOOL, above, below))
        whole = tests[-1]
        for test in reversed(tests[:-1]):
            whole = emitter.op("and", BOOL, test, whole)
        return region(elements, emitter, [whole])

    def _test(
        self, reduce: Equation, weight: Term, size: Value, n: Value, found: _Limits | None
    ) -> tuple[Emitter, Value]:
        """size + weight * n <= TOP, and the guard for every element."""
        values = self.site.captured()
        if found is not None:
            values |= {self.site.env[v.name]: v for v in (found.low, found.high)}
        emitter = Emitter(self.site.names, values)
        grown = emitter.op("mul", INT, emitter.exact(weight), n, hint="growth")
        total = emitter.op("add", INT, size, grown, hint="reach")
        test = emitter.op("le", BOOL, total, emitter.const(TOP, INT), hint="fits")
        if found is not None:
            test = emitter.op("and", BOOL, reduce.results[0], test, hint="safe")
        entry = self.r.entry_test()
        if entry is not None:
            more, entered = entry
            emitter.equations += more.equations
            test = emitter.op("and", BOOL, entered, test, hint="safe")
        return emitter, test

    # ---- the proof

    def _fast(self, proved: Instance, known: Theorem, sizes: tuple[Term, Term], found: _Limits | None) -> Theorem:
        """|- loop = ok (preduce ..) from |- the guard = true."""
        size, count = sizes
        opened = beta_spine(t.app(proved.loop.ok_s, size, proved.state))
        goals = all_conjuncts(opened.right)
        bounds = [goal for goal in goals if head(goal) == "within"]
        entered, known = parts(known) if len(goals) > len(bounds) else (None, known)
        every, fits = parts(known) if found is not None else (everywhere(proved.xs), known)
        each = [self._initial(goal, size) for goal in bounds] + self.r.entered(goals[len(bounds) :], entered)
        ok_s = k.trans(opened, all_of(each))
        fits = self._shorter(fits, proved.xs, count, found)
        return eliminate(proved.theorem, (size, proved.state), (ok_s, every, fits))

    def _weighs(self, found: _Limits | None, weight: Term) -> Theorem:
        """|- le 0 weight = true"""
        known = self._magnitudes(weight, found)
        return Bounds(known.captured, known.nonneg).nonneg_of(weight, shape)

    def _shorter(self, fits: Theorem, xs: Term, count: Term, found: _Limits | None) -> Theorem:
        """|- size + w * length xs <= top from |- size + w * count <= top: the list of pairs is no longer than count."""
        length = apply("length", xs)
        if length is count:
            return fits
        total = arguments(fits.left)[1][0]
        size, grown = arguments(total)[1]
        weight = arguments(grown)[1][0]
        extra = nonneg_mul(self._weighs(found, weight), no_longer(xs, count))
        return drop(fits, apply("add", size, apply("mul", weight, length)), extra)

    def _initial(self, goal: Term, size: Term) -> Theorem:
        """|- within size (toZ s_i) = true: the size is the largest magnitude of the initial state."""
        z = goal.argument
        inner = k.refl(z)
        if z.argument.kind == "P":
            inner = k.app(k.refl(z.function), k.projbeta(z.argument))
        return k.trans(k.app(k.refl(goal.function), inner), magnitude(inner.right, size))
