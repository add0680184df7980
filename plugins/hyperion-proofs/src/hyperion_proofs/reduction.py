"""Untrusted. Builds the parallel form of a state-carrying loop and proves it equal, laws and guard included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, INT, ArrayType, IntType, Type
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect, Pure, untuple
from hyperion.logic.terms import Term
from hyperion_proofs import generic
from hyperion_proofs.analysis import Body, Refused, analyse
from hyperion_proofs.bounds import Bounds, Shape, from_shape, shape, union
from hyperion_proofs.derived import (
    NoProof,
    arguments,
    beta_spine,
    by_cases,
    chain,
    cond_is,
    discharge,
    head,
    instance,
)
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.equality import Layout
from hyperion_proofs.generic import Loop, instantiate, reduce_theorem
from hyperion_proofs.implication import all_of, conjuncts, eliminate, parts
from hyperion_proofs.laws import Laws, nothing_known, ok_predicate
from hyperion_proofs.regions import RegionBuilder, Regions
from hyperion_proofs.ring import INTEGERS
from hyperion_proofs.sites import Site

TOP = I64.maximum
LANES, PIECE = 8, 4096 + 16  # not a power of two: lanes a power of two apart would share cache sets
_NARROW = ("i8", "i16", "i32", "u8", "u16", "u32")


class Reduction:
    """One `fold` over one array in a function."""

    def __init__(self, function: Function, index: int) -> None:
        self.site = Site(function, index)
        equation = self.site.equation
        if equation.attribute("arrays") != 1:
            raise Refused("the loop runs over several arrays at once", span=equation.span)
        self.array, self.inits = equation.operands[0], equation.operands[1:]
        assert isinstance(self.array.type, ArrayType)
        self.element_type = self.array.type.element
        self.loop_region = equation.regions[0]
        self.step = self.site.denotation.step(self.loop_region, 1, self.site.env)
        self.body: Body = analyse(self.step, self.loop_region.parameters[1:], self.loop_region)

    @property
    def result_type(self) -> Type:
        return self.inits[0].type

    # ---- the derived function

    def derive(self) -> tuple[Function, Theorem]:
        """The function with the loop in parallel form, and |- denote(source) = denote(it)."""
        regions = RegionBuilder(self.site, self.body, self.result_type).build(self.element_type)
        self.summary = regions
        if self.body.domain == "budget":
            return _Budgeted(self, regions).derive()
        return self._unguarded(regions)

    def reduce_equation(self, regions: Regions, guard: Region | None) -> Equation:
        results = [self.site.names.fresh(r.name, r.type) for r in self.site.equation.results]
        held = (self.site.names.fresh("held", BOOL),) if guard else ()
        every = (regions.lift, regions.mul, regions.act, *((guard,) if guard else ()))
        attributes = (("arrays", 1), ("lanes", LANES), ("piece", PIECE))
        operands = (self.array, *self.inits)
        return Equation((*held, *results), "par.reduce", operands, attributes, every, self.site.equation.span)

    def layout(self, m: int) -> Layout:
        return Layout(self.body.domain, self.body.word, self.body.count, m, self.body.tropical())

    def loop_terms(self, reduced: Pure, guarded: bool) -> tuple[Term, list[Term]]:
        """The value of the par.reduce as denoted, and its arguments cut lift mul act xs state."""
        value = reduced.values[1 if guarded else 0]
        value = value.body if value.kind == "P" and head(value.body) == "preduce" else value
        return value, arguments(value)[1]

    def _unguarded(self, regions: Regions) -> tuple[Function, Theorem]:
        site = self.site
        reduce = self.reduce_equation(regions, None)
        reduced = site.denotation.equation(reduce, site.env)
        assert isinstance(reduced, Pure)
        _, (cut, lift, mul, act, xs, state) = self.loop_terms(reduced, guarded=False)
        m = regions.size
        layout = self.layout(m)
        zero = literals.int_lit(0)
        ok_x = t.lam(t.var("x", self.body.element.type), TRUE)
        assert act.type.args is not None and act.type.args[1].args is not None
        ok_s = ok_predicate(layout, act.type.args[1].args[0], self.body.count)
        loop = Loop(self.step, lift, mul, act, ok_s, ok_predicate(layout, act.type.args[0], m), ok_x, zero, zero)
        laws = Laws(loop, layout, {}, {}, nothing_known).all()
        th = instantiate(loop, cut, xs, laws, reduce_theorem())
        fits = _computed(apply("le", apply("add", zero, apply("mul", zero, apply("length", xs))), zero))
        size = beta_spine(t.app(ok_s, zero, state))
        facts = [k.trans(size, k.compute(size.right)), _everywhere(ok_x, xs), fits]
        proved = eliminate(th, (zero, state), facts)
        if self.body.domain == "real":
            return self._finite(reduce, proved)
        equation = replace(reduce, results=site.equation.results)
        function = site.replaced([equation])
        return function, site.conclude(proved, function)

    def _finite(self, reduce: Equation, proved: Theorem) -> tuple[Function, Theorem]:
        """Over the reals there is no infinity: a result that is not finite is computed again in the source's order."""
        emitter = Emitter(self.site.names, {})
        ok: Value | None = None
        for r in reduce.results:
            rest = emitter.op("sub", r.type, r, r, attributes=(("fp", "reassoc"),))
            zero = emitter.const((0.0).hex(), r.type)
            finite = emitter.op("eq", BOOL, rest, zero)
            ok = finite if ok is None else emitter.op("and", BOOL, ok, finite)
        assert ok is not None
        return self.versioned([reduce, *emitter.equations], ok, reduce.results, lambda _: proved)

    def versioned(
        self, before: Sequence[Equation], test: Value, results: Sequence[Value], prove: object
    ) -> tuple[Function, Theorem]:
        """`before`, then `if test {results} {the source's loop}`. `prove(|- test = true)` gives |- loop = ok results."""
        assert callable(prove)
        site = self.site
        site.define(before)
        again = tuple(site.names.fresh(r.name, r.type) for r in site.equation.results)
        fallback = Region((), (replace(site.equation, results=again),), again)
        choose = Equation(
            site.equation.results, "if", (test,), (), (Region((), (), tuple(results)), fallback), site.equation.span
        )
        chosen = site.denotation.equation(choose, site.env)
        assert isinstance(chosen, Effect)
        loop = site.loop_outcome()
        condition = arguments(chosen.outcome)[1][0]

        def case(known: Theorem) -> Theorem:
            picked = k.sym(cond_is(known, chosen.outcome))
            if known.right is not TRUE:
                return picked
            fast = prove(known)
            if fast.right is not picked.left:  # ok r against ok (r.0, r.1, ..)
                fast = k.trans(fast, k.app(k.refl(fast.right.function), k.sym(k.tupeta(fast.right.argument))))
            return k.trans(fast, picked)

        th = by_cases(condition, loop, chosen.outcome, case)
        function = site.replaced([*before, choose])
        return function, site.conclude(th, function)


class _Budgeted:
    """Trapping i64 steps: the parallel form under a guard on magnitudes, the source loop otherwise."""

    def __init__(self, reduction: Reduction, regions: Regions) -> None:
        self.r = reduction
        self.site = reduction.site
        self.regions = regions
        self.wide = isinstance(reduction.element_type, IntType) and str(reduction.element_type) not in _NARROW

    def _weights(self) -> tuple[Shape, Term]:
        """The bound of everything that one step adds, over a stand-in for the element's magnitude."""
        body = self.r.body
        p, m = t.var("budget.p", t.INT), t.var("budget.m", t.INT)
        leaves: dict[Term, Theorem] = {}
        for u in untuple(body.state, body.count):
            z = apply("toZ.i64", u)
            leaves[z] = k.assume(apply("within", p, z), TRUE)
        if self.wide:
            z = apply(f"toZ.{self.r.element_type}", body.element)
            leaves[z] = k.assume(apply("within", m, z), TRUE)
        leaves |= self._captured()
        nonneg = {v: k.assume(apply("le", literals.int_lit(0), v), TRUE) for v in (p, m)} | self._captured_nonneg()
        bounds = Bounds(leaves, nonneg)
        shapes: list[Shape] = []
        for e in (*body.ranges, *(e for g in body.groups for e in g.template.lift())):
            found = dict(shape(bounds.bound(e)))
            if found.pop(p, 0) > 1:
                raise Refused("the state grows by more than a bounded amount in a step", span=self.site.equation.span)
            shapes.append(found)
        return union(*shapes), m

    def _captured_words(self) -> list[Term]:
        return [x for x in self.site.captured() if x.type.name == "i64" and head(x) != "ofZ.i64"]

    def _captured(self) -> dict[Term, Theorem]:
        return {apply("toZ.i64", x): instance("within.abs", a=apply("toZ.i64", x)) for x in self._captured_words()}

    def _captured_nonneg(self) -> dict[Term, Theorem]:
        sizes = [apply("toZ.i64", x) for x in self._captured_words()]
        return {apply("abs", z): instance("int.nonneg.abs", a=z) for z in sizes}

    def derive(self) -> tuple[Function, Theorem]:
        weights, stand_in = self._weights()
        emitter = Emitter(self.site.names, self.site.captured())
        size = self._initial_size(emitter)
        n = emitter.op("len", INT, self.r.array, hint="n")
        limits = self._limits(emitter, weights, stand_in, size, n) if self.wide else None
        self.site.define(emitter.equations)
        env = self.site.env
        magnitude = None
        values = self.site.captured()
        if limits is not None:
            lo, hi = (env[v.name] for v in limits)
            magnitude = apply("max", apply("abs", apply("toZ.i64", lo)), apply("abs", apply("toZ.i64", hi)))
            values |= {lo: limits[0], hi: limits[1]}
        weights = {magnitude if p is stand_in and magnitude is not None else p: c for p, c in weights.items()}
        w = from_shape(weights)
        guard = self._guard_region(limits)
        reduce = self.r.reduce_equation(self.regions, guard)
        tail = Emitter(self.site.names, values)
        grown = tail.op("mul", INT, tail.exact(w), n, hint="growth")
        total = tail.op("add", INT, size, grown, hint="reach")
        test = tail.op("le", BOOL, total, tail.const(TOP, INT), hint="fits")
        if guard is not None:
            test = tail.op("and", BOOL, reduce.results[0], test, hint="safe")
        results = reduce.results[1:] if guard is not None else reduce.results
        done = list(emitter.equations)
        self._prepare(reduce, w, limits, magnitude)
        return self._versioned(done, [reduce, *tail.equations], test, results, env[size.name])

    def _versioned(
        self, done: list[Equation], more: list[Equation], test: Value, results: Sequence[Value], size: Term
    ) -> tuple[Function, Theorem]:
        return self.r.versioned([*done, *more], test, results, lambda known: self._fast(known, size))

    def _initial_size(self, emitter: Emitter) -> Value:
        sizes = [emitter.op("abs", INT, emitter.op("cast", INT, v), hint="size") for v in self.r.inits]
        total = sizes[-1]
        for v in reversed(sizes[:-1]):
            total = emitter.op("max", INT, v, total, hint="size")
        return total

    def _limits(self, emitter: Emitter, weights: Shape, stand_in: Term, size: Value, n: Value) -> tuple[Value, Value]:
        """The largest symmetric range of elements for which the budget suffices; any choice would be sound."""
        count = int(weights.get(stand_in, 0)) or 1
        rest = from_shape({p: c for p, c in weights.items() if p is not stand_in})
        one = emitter.const(1, INT)
        used = emitter.op("add", INT, size, emitter.op("mul", INT, emitter.exact(rest), n))
        free = emitter.op("sub", INT, emitter.const(TOP, INT), used)
        share = emitter.op("mul", INT, emitter.const(count, INT), emitter.op("add", INT, n, one))
        hi = emitter.op("cast.wrap", I64, emitter.op("floordiv", INT, free, share), hint="hi")
        return emitter.op("neg.wrap", I64, hi, hint="lo"), hi

    def _guard_region(self, limits: tuple[Value, Value] | None) -> Region | None:
        if limits is None:
            return None
        lo, hi = limits
        x = self.site.names.fresh("x", self.r.element_type)
        emitter = Emitter(self.site.names, {})
        above, below = emitter.op("le", BOOL, lo, x), emitter.op("le", BOOL, x, hi)
        return region([x], emitter, [emitter.op("and", BOOL, above, below)])

    def _prepare(self, reduce: Equation, w: Term, limits: tuple[Value, Value] | None, magnitude: Term | None) -> None:
        """Prove the laws of this loop, and so the generic theorem for it."""
        site, body = self.site, self.r.body
        reduced = site.denotation.equation(reduce, site.env)
        assert isinstance(reduced, Pure)
        _, (cut, lift, mul, act, xs, state) = self.r.loop_terms(reduced, guarded=limits is not None)
        m = self.regions.size
        layout = self.r.layout(m)
        assert act.type.args is not None and act.type.args[1].args is not None
        ok_s = ok_predicate(layout, act.type.args[1].args[0], body.count)
        ok_m = ok_predicate(layout, act.type.args[0], m)
        ok_x = t.lam(t.var("x", body.element.type), TRUE)
        if limits is not None:
            ok_x = arguments(reduced.values[0])[1][0]
        loop = Loop(self.r.step, lift, mul, act, ok_s, ok_m, ok_x, w, literals.int_lit(TOP))
        nonneg, element = self._captured_nonneg(), nothing_known
        if limits is not None and magnitude is not None:
            ranges = self._range_facts(limits, magnitude)
            positive = instance("within.nonneg", p=magnitude, a=ranges[2].left.argument)
            nonneg[magnitude] = discharge(positive, ranges[2])

            def element(fact: Theorem, x: Term) -> dict[Term, Theorem]:
                low, high = parts(k.trans(k.sym(beta_spine(fact.left)), fact))
                z = high.left.function.argument
                th = instance("within.range", lo=low.left.function.argument, hi=high.left.argument, p=magnitude, a=z)
                return {z: discharge(th, low, high, ranges[0], ranges[1])}

        laws = Laws(loop, layout, self._captured(), nonneg, element).all()
        self._theorem = instantiate(loop, cut, xs, laws, reduce_theorem())
        self._loop, self._xs, self._state, self._guarded = loop, xs, state, limits is not None

    def _range_facts(self, limits: tuple[Value, Value], magnitude: Term) -> tuple[Theorem, Theorem, Theorem]:
        """|- -magnitude <= lo, |- hi <= magnitude, |- within magnitude lo."""
        lo, hi = (apply("toZ.i64", self.site.env[v.name]) for v in limits)
        first = _widened(instance("within.abs", a=lo), magnitude)
        second = _widened(instance("within.abs", a=hi), magnitude)
        low = parts(k.trans(k.sym(_unfolded(first)), first))[0]
        high = parts(k.trans(k.sym(_unfolded(second)), second))[1]
        return low, high, first

    def _fast(self, known: Theorem, size: Term) -> Theorem:
        """|- loop = ok (preduce ..) from |- the guard = true."""
        every: Theorem | None = None
        fits = known
        if self._guarded:
            every, fits = parts(known)
        every = every or _everywhere(self._loop.ok_x, self._xs)
        opened = beta_spine(t.app(self._loop.ok_s, size, self._state))
        each = [self._initial(part, size) for part in conjuncts(opened.right, self.r.body.count)]
        ok_s = k.trans(opened, all_of(each))
        return eliminate(self._theorem, (size, self._state), (ok_s, every, fits))

    def _initial(self, goal: Term, size: Term) -> Theorem:
        """|- within size (toZ s_i) = true: the size is the largest magnitude of the initial state."""
        z = goal.argument
        inner = k.refl(z)
        if z.argument.kind == "P":
            inner = k.app(k.refl(z.function), k.projbeta(z.argument))
        th = _widened(instance("within.abs", a=inner.right), size)
        return k.trans(k.app(k.refl(goal.function), inner), th)


def _unfolded(th: Theorem) -> Theorem:
    """|- within p a = and (-p <= a) (a <= p), for th's left side."""
    p, a = th.left.function.argument, th.left.argument
    return instance("within.def", p=p, a=a)


def _widened(th: Theorem, wide: Term) -> Theorem:
    """From |- within p a: |- within wide a, where wide is a max that contains p."""
    p, a = th.left.function.argument, th.left.argument
    if p is wide:
        return th
    if head(wide) != "max":
        raise NoProof("the magnitude is not among those of the guard")
    left, right = arguments(wide)[1]
    if p is left:
        return discharge(instance("within.max.left", p=p, q=right, a=a), th)
    inner = _widened(th, right)
    swapped = discharge(instance("within.max.left", p=right, q=left, a=a), inner)
    flip = INTEGERS.commute("max", wide)
    function = swapped.left.function.function
    return chain(k.app(k.app(k.refl(function), flip), k.refl(a)), swapped)


def _computed(x: Term) -> Theorem:
    """|- le a b = true by arithmetic that leaves literals only."""
    function, (a, b) = arguments(x)
    left, right = INTEGERS.normal(a) or k.refl(a), INTEGERS.normal(b) or k.refl(b)
    th = k.app(k.app(k.refl(function), left), right)
    return k.trans(th, k.compute(th.right))


@cache
def _always() -> Theorem:
    """|- all (\\x. true) xs = true."""
    from hyperion_proofs.derived import unfold, use

    ok_x = t.lam(t.var("x", generic.X), TRUE)
    xs, x = generic.XS, generic.HEAD
    nil, cons = generic.nil_cons(x, xs)
    base = generic.reduce_list("all", apply("all", ok_x, nil))
    ih = k.assume(apply("all", ok_x, xs), TRUE)
    th = generic.reduce_list("all", apply("all", ok_x, cons))
    back = generic.rewrite(th.right, k.sym(unfold("all", apply("all", ok_x, xs))))
    assert back is not None
    th = k.trans(th, back)  # and ((\x. true) x) (all .. xs)
    first = k.beta(th.right.function.argument)
    both = k.app(k.app(k.refl(th.right.function.function), first), ih)
    opened = use("and.def", both.right)
    assert opened is not None
    step = chain(th, both, opened, cond_is(k.refl(TRUE), opened.right))
    return k.list_induction(x, xs, apply("all", ok_x, xs), TRUE, base, step)


def _everywhere(ok_x: Term, xs: Term) -> Theorem:
    """|- all ok_x xs = true for the predicate that always holds."""
    assert xs.type.args is not None
    th = k.inst_type({"'x": xs.type.args[0]}, _always())
    (v,) = th.left.free
    return k.inst({v: xs}, th)


__all__ = ["LANES", "PIECE", "Reduction"]
