"""Untrusted. The parallel form of a state-carrying loop, and the generic theorem at that loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, INT, ArrayType, FloatType, Type
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure, argument_type, untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Body, analyse
from hyperion_proofs.derived import replace_all
from hyperion_proofs.emission import Emitter
from hyperion_proofs.equality import Layout
from hyperion_proofs.generic import instantiate, reduce_theorem
from hyperion_proofs.guards import computed, everywhere
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts, eliminate
from hyperion_proofs.laws import UNBOUNDED, ZERO, Late, Laws, Magnitudes, atom, ok_predicate
from hyperion_proofs.loop import Loop
from hyperion_proofs.regions import RegionBuilder
from hyperion_proofs.sites import Site
from hyperion_proofs.versions import versioned, versioned_together

LANES, PIECE = 8, 4096 + 16  # not a power of two: lanes a power of two apart would share cache sets


@dataclass(frozen=True)
class Instance:
    """The generic theorem at one loop, over its list `xs` and its initial `state`."""

    loop: Loop
    xs: Term
    state: Term
    theorem: Theorem


class Reduction:
    """One `fold` over arrays in a function. Raises Refused or NotLinear where it has no summary."""

    def __init__(self, function: Function, index: int) -> None:
        self.site = Site(function, index)
        equation = self.site.equation
        count = equation.attribute("arrays")
        assert isinstance(count, int)
        self.arrays, self.inits = equation.operands[:count], equation.operands[count:]
        self.element_types = [_element(a) for a in self.arrays]
        self.loop_region = equation.regions[0]
        self.step = self.site.denotation.step(self.loop_region, count, self.site.env)
        self.body: Body = analyse(self.step, self.loop_region.parameters[count:], self.loop_region, self.element_types)
        builder = RegionBuilder(self.site, self.body.summary, self.body.types, self.body.domain == "real")
        self.summary = builder.build(self.element_types, untuple(self.body.element, count))

    @property
    def array(self) -> Value:
        """The first array that the loop goes over."""
        return self.arrays[0]

    @property
    def layout(self) -> Layout:
        state = tuple(u.type for u in untuple(self.body.state, self.body.count))
        real = self.body.domain == "real"
        stored = tuple(t.REAL if real and isinstance(ty, FloatType) else t.type_of(str(ty)) for ty in self._stored)
        return Layout(self.body.domain, state, stored, self.body.summary.leaves, self.body.summary.deciders)

    @property
    def _stored(self) -> Sequence[Type]:
        return self.body.summary.types

    # ---- what must hold of the initial state

    def entry_test(self) -> tuple[Emitter, Value] | None:
        """Code that tests what the summary asks of the initial state; None where it asks nothing."""
        conditions = self._entry_conditions()
        if not conditions:
            return None
        emitter = Emitter(
            self.site.names, self.site.captured() | dict(zip(map(atom, self._entering()), self.inits, strict=True))
        )
        tests = [emitter.truth(c, I64) for c in conditions]
        whole = tests[-1]
        for test in reversed(tests[:-1]):
            whole = emitter.op("and", BOOL, test, whole)
        return emitter, whole

    def entry_text(self) -> str:
        """The test in words."""
        return "where the initial state is as the summary asks, tested at run time; else the loop as written"

    def _entry_conditions(self) -> list[Term]:
        return self.body.summary.state_holds([atom(x) for x in self._entering()])

    def _entering(self) -> list[Term]:
        return [self.site.env[v.name] for v in self.inits]

    def entered(self, goals: Sequence[Term], known: Theorem | None) -> list[Theorem]:
        """|- goal = true for each condition of the initial state, from |- the conjunction of all = true."""
        if not goals:
            return []
        assert known is not None
        proved: list[Theorem] = []
        for goal, fact in zip(goals, all_parts(known, len(goals)), strict=True):
            same = replace_all(goal, _projected)
            proved.append(k.trans(same, fact) if same is not None else fact)
        return proved

    def equation(self, guard: Region | None = None) -> Equation:
        """The loop as par.reduce, with fresh results."""
        results = [self.site.names.fresh(r.name, r.type) for r in self.site.equation.results]
        held = [self.site.names.fresh("held", BOOL)] if guard else []
        regions = [self.summary.lift, self.summary.mul, self.summary.act, *([guard] if guard else [])]
        attributes = (("arrays", len(self.arrays)), ("lanes", LANES), ("piece", PIECE))
        operands = (*self.arrays, *self.inits)
        span = self.site.equation.span
        return Equation((*held, *results), "par.reduce", operands, attributes, tuple(regions), span)

    def _denoted(self, reduce: Equation) -> tuple[Term, ...]:
        """What par.reduce gives, for arrays of one length."""
        found = self.site.denotation.equation(reduce, self.site.env)
        if isinstance(found, Pure):
            return found.values
        pairs, give = arguments(found.outcome)[1]
        together = arguments(arguments(pairs)[1][1])[1][0]
        return untuple(t.open_binder(give, together).argument, len(reduce.results))

    # ---- arrays of one length

    def one_length(self) -> tuple[Emitter, Value] | None:
        """Code that tests whether all arrays have one length; None for one array."""
        if len(self.arrays) == 1:
            return None
        emitter = Emitter(self.site.names, {})
        first, *others = (emitter.op("len", INT, a, hint="n") for a in self.arrays)
        tests = [emitter.op("eq", BOOL, first, other, hint="same") for other in others]
        whole = tests[-1]
        for test in reversed(tests[:-1]):
            whole = emitter.op("and", BOOL, test, whole)
        return emitter, whole

    def instance(self, reduce: Equation, magnitudes: Magnitudes) -> Instance:
        """Proves the loop's laws, and so the generic theorem for the loop and `reduce`, its parallel form."""
        values = self._denoted(reduce)
        value = values[-1]
        value = value.body if value.kind == "P" else value
        cut, lift, mul, act, xs, state = arguments(value)[1]
        ok_x = t.lam(t.var("x", argument_type(xs.type)), TRUE)
        if len(reduce.regions) == 4:
            ok_x = arguments(values[0])[1][0]
        layout, summary = self.layout, self.body.summary
        ok_s = ok_predicate(layout, state.type, layout.state, summary.state_holds)
        late = Late(summary.late, magnitudes.weight)
        ok_m = ok_predicate(layout, t.domain(act.type), layout.summary, summary.holds, late)
        loop = Loop(self.step, lift, mul, act, ok_s, ok_m, ok_x, magnitudes.weight, magnitudes.limit)
        laws = Laws(loop, layout, magnitudes).all()
        return Instance(loop, xs, state, instantiate(loop, cut, xs, laws, reduce_theorem()))


def _projected(x: Term) -> Theorem | None:
    """|- (a, b).i = a or b."""
    return k.projbeta(x) if x.kind == "P" and x.body.kind == "T" else None


def _element(array: Value) -> Type:
    assert isinstance(array.type, ArrayType)
    return array.type.element


def unguarded(reduction: Reduction) -> tuple[Function, Theorem, str]:
    """Where the laws hold without bounds: the function with the loop in parallel form, that it is equal, and the test
    of the initial state, if there is one; where that fails, the loop is as it was written."""
    reduce = reduction.equation()
    test = reduction.entry_test()
    if test is None and len(reduction.arrays) == 1:
        site = reduction.site
        proved = _unbounded(reduction, reduce, None)
        function = site.replaced([replace(reduce, results=site.equation.results)])
        return function, site.conclude(proved, function), ""
    emitter, value = test or (None, None)
    before = [reduce, *(emitter.equations if emitter else [])]
    entered = value is not None
    new, theorem = chosen(
        reduction,
        [],
        before,
        value,
        reduce.results,
        lambda known: _unbounded(reduction, reduce, known if entered else None),
    )
    return new, theorem, reduction.entry_text() if entered else ""


def chosen(
    reduction: Reduction,
    first: Sequence[Equation],
    before: Sequence[Equation],
    test: Value | None,
    results: Sequence[Value],
    prove: Callable[[Theorem], Theorem],
) -> tuple[Function, Theorem]:
    """The versions of the loop: `first` is total, `before` too where the arrays have one length."""
    alike = reduction.one_length()
    if alike is not None:
        emitter, same = alike
        outer = [*first, *emitter.equations]
        return versioned_together(reduction.site, outer, same, before, test, results, prove)
    assert test is not None
    return versioned(reduction.site, [*first, *before], test, results, prove)


def finite(reduction: Reduction) -> tuple[Function, Theorem]:
    """Over the reals there is no infinity: a result that is not finite is computed again in the source's order."""
    reduce = reduction.equation()
    emitter = Emitter(reduction.site.names, {})
    ok: Value | None = None
    for r in reduce.results:
        rest = emitter.op("sub", r.type, r, r, attributes=(("fp", "reassoc"),))
        is_finite = emitter.op("eq", BOOL, rest, emitter.const((0.0).hex(), r.type))
        ok = is_finite if ok is None else emitter.op("and", BOOL, ok, is_finite)
    assert ok is not None
    proved = _unbounded(reduction, reduce, None)
    return chosen(reduction, [], [reduce, *emitter.equations], ok, reduce.results, lambda _: proved)


def _unbounded(reduction: Reduction, reduce: Equation, entry: Theorem | None) -> Theorem:
    """|- loop = ok (preduce ..), where |- the test of the initial state = true."""
    found = reduction.instance(reduce, UNBOUNDED)
    fits = computed(apply("le", apply("add", ZERO, apply("mul", ZERO, apply("length", found.xs))), ZERO))
    opened = beta_spine(t.app(found.loop.ok_s, ZERO, found.state))
    first, *others = all_conjuncts(opened.right)
    size = k.trans(opened, all_of([k.compute(first), *reduction.entered(others, entry)]))
    facts = [size, everywhere(found.xs), fits]
    return eliminate(found.theorem, (ZERO, found.state), facts)
