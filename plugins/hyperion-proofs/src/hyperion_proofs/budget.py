"""Untrusted. Trapping i64 steps: the parallel form where a budget of magnitudes suffices, else the loop as written.

    |s0| + w * n <= 2**63 - 1        no step of the loop and no summary leaves i64

w bounds what one step adds. It follows from the elements' type or, for 64-bit elements, from a range `lo <= x <= hi`
that the guard tests for every element; lo and hi are computed from n and |s0| so that the budget suffices.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.assumptions import Everywhere, size, within
from hyperion_proofs.bounds import Bounds, Shape, factors, from_shape, shape, shape_of, union
from hyperion_proofs.derived import head, instance
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.evaluate import NARROW
from hyperion_proofs.guards import everywhere, in_limits, limits, magnitude
from hyperion_proofs.implication import all_conjuncts, all_of, eliminate, parts
from hyperion_proofs.inequalities import drop, nonneg_mul
from hyperion_proofs.laws import Magnitudes, about_size, nothing_known
from hyperion_proofs.pretty import bound_text, source_names
from hyperion_proofs.reduction import Instance, Reduction, all_finite, chosen
from hyperion_proofs.theories.linear import nonnegative
from hyperion_proofs.zipping import no_longer

TOP = I64.maximum
LARGEST = 1 << 61
"""The largest element that any guard lets through, so that the guard itself fits 128 bits."""


@dataclass(frozen=True)
class _Limits:
    """The range that the guard tests for every element, and a bound of its magnitudes."""

    low: Value
    high: Value
    magnitude: Term


@dataclass(frozen=True)
class Form:
    """A loop in parallel form: what runs before the guard is tested, and where it holds; what a guard of every element
    gives."""

    before: tuple[Equation, ...]
    inside: tuple[Equation, ...]
    results: tuple[Value, ...]
    held: Value | None


def budgeted(reduction: Reduction) -> tuple[Function, Theorem, str]:
    """The function with the loop in parallel form under a guard, that it is equal, and the guard as text."""
    return Budget(reduction).derive()


class Budget:
    def __init__(self, reduction: Reduction) -> None:
        self.r = reduction
        self.site = reduction.site
        self.top = TOP
        self._fixed: Term | None = None  # the size of what is as large as one element or the initial state
        self.wide = [
            (i, ty) for i, ty in enumerate(reduction.element_types) if isinstance(ty, IntType) and str(ty) not in NARROW
        ]
        self.parts = untuple(reduction.body.element, len(reduction.element_types))
        self._known = self.r.everywhere if not self.r.body.assumed else None
        self._sizes = self._assumed_sizes()

    def _assumed_sizes(self) -> dict[Term, int]:
        """The magnitudes of 64-bit elements that follow from what is assumed of every element."""
        if self._known is None:
            return {}
        fact = k.assume(t.app(self._known.predicate, self.r.body.element), TRUE)
        found = {
            z: self._known.interval(z, fact)
            for z in (apply("toZ.i64", self.parts[i]) for i, ty in self.wide if ty == I64)
        }
        return {z: size(interval) for z, interval in found.items() if interval is not None}

    def derive(self) -> tuple[Function, Theorem, str]:
        weights, unknown = self._weights()
        emitter = Emitter(self.site.names, self.site.captured())
        size = self._initial_size(emitter)
        n = emitter.op("len", INT, self.r.array, hint="n")
        degree = max((factors(m).count(unknown) for m in weights if m is not None), default=0)
        tested = self.wide and degree > 0  # a count, say, does not depend on how large elements are
        if tested or self.r.body.assumed:
            self._known = None
            self.r.test_assumptions()
        range_ = self._range(emitter, weights, (unknown, degree), size, n) if tested else None
        self.site.define(emitter.equations)
        found = self._limits(*range_) if range_ is not None else None
        weight = from_shape(weights)
        if found is not None and self._fixed is not None:
            self._fixed = from_shape(shape_of(t.substitute(self._fixed, {unknown: found.magnitude})))
        if found is not None:
            weight = from_shape(shape_of(t.substitute(weight, {unknown: found.magnitude})))
        guard = self._text(weight, found)
        guarded = found is not None or bool(self.r.body.assumed)
        form = self.form(self._guard_region(found) if guarded else None)
        tail, test = self._test(form, weight, size, n, found)
        proved = self.instance(form, self._magnitudes(weight, found), self._known)
        bound, count = self.site.env[size.name], self.site.env[n.name]

        def fast(known: Theorem) -> Theorem:
            return self.whole(self._fast(proved, known, (bound, count), found))

        before = [*form.before, *tail.equations]
        new, theorem = chosen(self.r, emitter.equations, before, test, form.results, fast, form.inside)
        return new, theorem, guard

    def form(self, guard: Region | None) -> Form:
        """The loop in parallel form, which with a guard tests every element."""
        reduce = self.r.equation(guard)
        if guard is None:
            return Form((reduce,), (), reduce.results, None)
        return Form((reduce,), (), reduce.results[1:], reduce.results[0])

    def instance(self, form: Form, magnitudes: Magnitudes, known: Everywhere | None) -> Instance:
        """The generic theorem for the parallel form, by what is `known` of every element."""
        return self.r.instance(form.before[0], magnitudes, known)

    def whole(self, th: Theorem) -> Theorem:
        """From the generic theorem's equation: |- the loop's outcome = ok of its results."""
        return th

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
        for most in self._sizes.values() if self._known is not None else ():
            every = f"|{x}| <= {most} for every {x}, as is tested before the loop, and "
        untrapped = f"{self.r.guard_text()} and " if self.r.body.assumed else ""
        entry = f"{self.r.entry_text()} and " if self.r.entry_test() is not None else ""
        return f"{entry}{untrapped}{every}|initial state| + {growth} < 2**{self.top.bit_length()}"

    # ---- what a step adds

    def _weights(self) -> tuple[Shape, Term]:
        """The bound of everything that one step adds, over a stand-in for the element's magnitude."""
        body = self.r.body
        p, unknown, fixed = (t.var(f"budget.{name}", t.INT) for name in "pmf")
        leaves = self._captured()
        for i, u in enumerate(untuple(body.state, body.count)):
            if u.type.name == "i64":
                z = apply("toZ.i64", u)
                bound = fixed if i in body.summary.state_fixed else p
                leaves[z] = k.assume(apply("within", bound, z), TRUE)
        elements = [apply(f"toZ.{ty}", self.parts[i]) for i, ty in self.wide]
        for z in elements:
            bound = literals.int_lit(self._sizes[z]) if z in self._sizes else unknown
            leaves[z] = k.assume(apply("within", bound, z), TRUE)
        zero = literals.int_lit(0)
        nonneg = {v: k.assume(apply("le", zero, v), TRUE) for v in (p, unknown, fixed)} | self._captured_nonneg()
        stored = [(i, e) for i, e in enumerate(body.summary.lift) if body.summary.types[i] == I64]
        kept = [e for i, e in stored if i in body.summary.fixed]
        bound_once = Bounds(leaves, nonneg)
        leaves = leaves | {z: k.assume(apply("within", fixed, z), TRUE) for z in elements if z in kept}
        bounds = Bounds(leaves, nonneg)
        shapes: list[Shape] = []
        for e in (*body.ranges, *(e for i, e in stored if i not in body.summary.fixed)):
            found = dict(shape(bounds.bound(e)))
            if found.pop(p, 0) > 1 or any(m is not None and p in factors(m) for m in found):
                raise Refused("the state grows by more than a bounded amount in a step", span=self.site.equation.span)
            shapes.append(found)
        if any(fixed in factors(m) for found in shapes for m in found if m is not None):
            self._fixed = self._fixed_size([bound_once.bound(e) for e in kept], unknown)
            known = {fixed: self._fixed}
            shapes = [dict(shape_of(t.substitute(from_shape(found), known))) for found in shapes]
        return {m: c * body.summary.depth for m, c in union(*shapes).items()}, unknown

    def _fixed_initially(self) -> list[tuple[Value, Term]]:
        """The initial values of what is as large as one element or the initial state."""
        fixed = self.r.body.summary.state_fixed
        initial = [(v, self.site.env[v.name]) for i, v in enumerate(self.r.inits) if i in fixed and v.type == I64]
        return [(v, apply("toZ.i64", x)) for v, x in initial]

    def _fixed_size(self, bounds: Sequence[Term], unknown: Term) -> Term:
        """A bound of what is as large as one element or the initial state; a test says so of initial values that are no
        literals."""
        total = union(*(shape(b) for b in bounds)) if bounds else {}
        whole = apply("add", from_shape(total), literals.int_lit(self.r.body.summary.largest))
        for _, z in self._fixed_initially():
            if _is_literal(z):
                whole = apply("add", whole, apply("abs", z))
        return from_shape(shape_of(whole))

    def _small(self) -> list[tuple[Value, Term]]:
        """The initial values that a test compares with that bound."""
        return [(v, z) for v, z in self._fixed_initially() if self._fixed is not None and not _is_literal(z)]

    def _captured_values(self) -> list[Term]:
        """Integer values of the words in scope."""
        words = [x for x in self.site.captured() if x.type.name == "i64" and head(x) != "ofZ.i64"]
        return [apply("toZ.i64", x) for x in words]

    def _captured(self) -> dict[Term, Theorem]:
        return {z: instance("within.abs", a=z) for z in self._captured_values()}

    def _captured_nonneg(self) -> dict[Term, Theorem]:
        values = [*self._captured_values(), *(z for _, z in self._fixed_initially())]
        return {apply("abs", z): instance("int.nonneg.abs", a=z) for z in values}

    def _magnitudes(self, weight: Term, found: _Limits | None) -> Magnitudes:
        top, captured, nonneg = literals.int_lit(self.top), self._captured(), self._captured_nonneg()
        if found is None:
            known = self._sizes_of if self._sizes else nothing_known
            return Magnitudes(weight, top, captured, nonneg, known, self._fixed)
        wide = found.magnitude
        lo, hi = (magnitude(apply("toZ.i64", self.site.env[v.name]), wide) for v in (found.low, found.high))
        nonneg[wide] = discharge(instance("within.nonneg", p=wide, a=lo.left.argument), lo)
        low, high = limits(lo)[0], limits(hi)[1]

        def element(fact: Theorem) -> dict[Term, Theorem]:
            if self.r.body.assumed:
                fact, _ = parts(k.trans(k.sym(beta_spine(fact.left)), fact))
            return in_limits(fact, low, high)

        return Magnitudes(weight, top, captured, nonneg, element, self._fixed)

    def _sizes_of(self, fact: Theorem) -> dict[Term, Theorem]:
        """|- within size z = true of an element, from |- what is assumed of it."""
        assert self._known is not None
        x = fact.left.argument
        inside: dict[Term, Theorem] = {}
        for z in self._sizes:
            here = t.substitute(z, {self.r.body.element: x})
            interval = self._known.interval(here, fact)
            assert interval is not None
            inside[here] = within(interval, here)
        return inside

    # ---- the guard's code

    def _initial_size(self, emitter: Emitter) -> Value:
        """The largest magnitude of the initial state."""
        words = [v for v in self.r.inits if v.type == I64]
        sizes = [emitter.op("abs", INT, emitter.op("cast", INT, v), hint="size") for v in words]
        total = sizes[-1] if sizes else emitter.const(0, INT)
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
        free = emitter.op("sub", INT, emitter.const(self.top, INT), used)
        count = emitter.const(int(sum(about.values())), INT)
        captured = [emitter.exact(u) for m in about for u in factors(m) if u is not atom]
        for u in captured:  # at least one, so that a captured 0 does no harm
            count = emitter.op("mul", INT, count, emitter.op("max", INT, one, u))
        share = emitter.op("mul", INT, count, emitter.op("add", INT, n, one))
        hi = emitter.op("cast.wrap", I64, emitter.op("floordiv", INT, free, share), hint="hi")
        if degree > 1:
            hi = self._root(emitter, hi, degree)
        else:
            hi = emitter.op("min", I64, hi, emitter.const(LARGEST, I64), hint="hi")
            hi = emitter.op("max", I64, hi, emitter.const(0, I64), hint="hi")
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

    def _guard_region(self, found: _Limits | None) -> Region:
        elements = [self.site.names.fresh("x", ty) for ty in self.r.element_types]
        emitter = Emitter(self.site.names, self.r.scope(elements))
        if found is None:
            return region(elements, emitter, [self.r.untrapped(emitter)])
        tests: list[Value] = []
        for i, _ in self.wide:
            x = elements[i]
            above, below = emitter.op("le", BOOL, found.low, x), emitter.op("le", BOOL, x, found.high)
            tests.append(emitter.op("and", BOOL, above, below))
        whole = emitter.every(tests)
        if self.r.body.assumed:
            whole = emitter.op("and", BOOL, whole, self.r.untrapped(emitter))
        return region(elements, emitter, [whole])

    def _test(self, form: Form, weight: Term, size: Value, n: Value, found: _Limits | None) -> tuple[Emitter, Value]:
        """size + weight * n <= TOP, and the guard for every element."""
        values = self.site.captured()
        if found is not None:
            values |= {self.site.env[v.name]: v for v in (found.low, found.high)}
        emitter = Emitter(self.site.names, values)
        grown = emitter.op("mul", INT, emitter.exact(weight), n, hint="growth")
        total = emitter.op("add", INT, size, grown, hint="reach")
        test = emitter.op("le", BOOL, total, emitter.const(self.top, INT), hint="fits")
        for v, _ in self._small():
            assert self._fixed is not None
            size_of = emitter.op("abs", INT, emitter.op("cast", INT, v))
            test = emitter.op(
                "and", BOOL, emitter.op("le", BOOL, size_of, emitter.exact(self._fixed)), test, hint="safe"
            )
        if form.held is not None:
            test = emitter.op("and", BOOL, form.held, test, hint="safe")
        entry = self.r.entry_test()
        if entry is not None:
            more, entered = entry
            emitter.equations += more.equations
            test = emitter.op("and", BOOL, entered, test, hint="safe")
        finite = all_finite(emitter, form.results) if self.r.body.real else None
        return emitter, emitter.op("and", BOOL, test, finite, hint="safe") if finite else test

    # ---- the proof

    def _fast(self, proved: Instance, known: Theorem, sizes: tuple[Term, Term], found: _Limits | None) -> Theorem:
        """|- loop = ok (preduce ..) from |- the guard = true."""
        if self.r.body.real:
            known, _ = parts(known)
        size, count = sizes
        opened = beta_spine(t.app(proved.loop.ok_s, size, proved.state))
        goals = all_conjuncts(opened.right)
        bounds = [goal for goal in goals if head(goal) == "within" or about_size(goal, size)]
        entered, known = parts(known) if self.r.entry_test() is not None else (None, known)
        guarded = found is not None or bool(self.r.body.assumed)
        every, fits = parts(known) if guarded else (self._every(proved.xs), known)
        small: dict[Term, Theorem] = {}
        for _, z in reversed(self._small()):
            small[z], fits = parts(fits)
        each = [self._initial(goal, size, found, small) for goal in bounds] + self.r.entered(
            goals[len(bounds) :], entered
        )
        ok_s = k.trans(opened, all_of(each))
        fits = self._shorter(fits, proved.xs, count, found)
        return eliminate(proved.theorem, (size, proved.state), (ok_s, every, fits))

    def _every(self, xs: Term) -> Theorem:
        """|- all okX xs = true, where no test of the elements says so."""
        return self._known.theorem if self._known is not None else everywhere(xs)

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

    def _initial(self, goal: Term, size: Term, found: _Limits | None, tested: dict[Term, Theorem]) -> Theorem:
        """|- within bound (toZ s_i) = true: the size is the largest magnitude of the initial state. `tested` are
        |- le (abs z) bound = true."""
        if about_size(goal, size):
            if size.kind == "K":  # the state has no integers
                return k.compute(goal)
            z = apply("toZ.i64", self.site.env[next(v.name for v in self.r.inits if v.type == I64)])
            return discharge(instance("within.nonneg", p=size, a=z), magnitude(z, size))
        z = goal.argument
        inner = k.refl(z)
        if z.argument.kind == "P" and z.argument.body.kind == "T":
            inner = k.app(k.refl(z.function), k.projbeta(z.argument))
        bound = goal.function.argument
        if bound is size:
            small = magnitude(inner.right, size)
        elif inner.right in tested:
            small = _within_tested(inner.right, tested[inner.right])
        else:
            assert self._fixed is not None
            known = self._magnitudes(self._fixed, found)
            small = Bounds({}, known.nonneg).widen_to(instance("within.abs", a=inner.right), bound)
        return k.trans(k.app(k.refl(goal.function), inner), small)


def _is_literal(z: Term) -> bool:
    """Whether an integer is the value of a literal word."""
    return head(z.argument) == "ofZ.i64" and z.argument.argument.kind == "K"


def _within_tested(z: Term, small: Theorem) -> Theorem:
    """From |- le (abs z) bound = true: |- within bound z = true."""
    size, bound = arguments(small.left)[1]
    free = nonnegative(small)
    more = discharge(instance("within.more", p=size, d=free.left.argument, a=z), instance("within.abs", a=z), free)
    same = INTEGERS.equal(bound, more.left.function.argument)
    assert same is not None
    return k.trans(k.app(k.app(k.refl(more.left.function.function), same), k.refl(z)), more)
