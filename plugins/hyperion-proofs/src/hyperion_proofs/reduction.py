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
from hyperion_proofs.derived import NoProof, chain, head, replace_all, use
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.equality import Layout
from hyperion_proofs.generic import instantiate, reduce_theorem
from hyperion_proofs.guards import computed, everywhere
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts, eliminate
from hyperion_proofs.laws import UNBOUNDED, ZERO, Laws, Magnitudes, Sizes, atom, no_facts, ok_predicate
from hyperion_proofs.loop import Loop
from hyperion_proofs.regions import RegionBuilder
from hyperion_proofs.sites import Site
from hyperion_proofs.stopping import same_act
from hyperion_proofs.traps import known_of
from hyperion_proofs.versions import versioned, versioned_together

LANES, PIECE = 8, 4096 + 16  # not a power of two: lanes a power of two apart would share cache sets
SINGLE = 128  # pieces of one element before a search over long pieces begins: about as fast as the loop as written


@dataclass(frozen=True)
class Keeping:
    """`act` as a region that gives a final state back, what it denotes, and that the summary's own act is the same."""

    act: Region
    term: Term
    same: Theorem


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
        carried = self.loop_region.parameters[count:]
        self.body: Body = analyse(self.step, carried, self.loop_region, self.element_types, self._entering())
        builder = RegionBuilder(self.site, self.body.summary, self.body.types, self.body.real)
        self.summary = builder.build(self.element_types, untuple(self.body.element, count))
        self.keeping = self._keeping(builder)

    def _keeping(self, builder: RegionBuilder) -> Keeping | None:
        """`act`, made to say when a state is final; None where none is, or where that is not proved."""
        try:
            found = builder.keeping()
            if found is None:
                return None
            act, test = found
            size, states = self.summary.size, self.body.count
            plain, told = (self._function(r, size, states) for r in (self.summary.act, act))
            return Keeping(act, told, same_act(plain, told, self._function(test, states)))
        except NoProof:
            return None

    def _function(self, region: Region, *split: int) -> Term:
        return self.site.denotation.pure(region, split, self.site.env)

    @property
    def array(self) -> Value:
        """The first array that the loop goes over."""
        return self.arrays[0]

    @property
    def layout(self) -> Layout:
        state = tuple(u.type for u in untuple(self.body.state, self.body.count))
        real = self.body.real
        stored = tuple(t.REAL if real and isinstance(ty, FloatType) else t.type_of(str(ty)) for ty in self._stored)
        summary = self.body.summary
        return Layout(self.body.domain, state, stored, summary.leaves, summary.deciders, summary.informed)

    @property
    def _stored(self) -> Sequence[Type]:
        return self.body.summary.types

    # ---- what must hold of every element

    def guard(self) -> Region | None:
        """Tests that no step traps for what its element is; None where no step does."""
        if not self.body.assumed:
            return None
        elements = [self.site.names.fresh("x", ty) for ty in self.element_types]
        emitter = Emitter(self.site.names, self.scope(elements))
        return region(elements, emitter, [self.untrapped(emitter)])

    def guard_text(self) -> str:
        """The tests in words."""
        needs = self.body.summary.needs
        texts = [UNTRAPPED] if any(test not in needs for test in self.body.assumed) else []
        return " and ".join([*texts, *(["every element is as the summary asks"] if needs else [])])

    def scope(self, elements: Sequence[Value]) -> dict[Term, Value]:
        """What an expression about these elements may speak of."""
        parts = untuple(self.body.element, len(self.element_types))
        return self.site.captured() | dict(zip(parts, elements, strict=True))

    def untrapped(self, emitter: Emitter) -> Value:
        tests = [(emitter.truth(test, I64), value) for test, value in self.body.assumed]
        held = [test if value is TRUE else emitter.op("not", BOOL, test) for test, value in tests]
        return emitter.every(held, hint="safe")

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
        return emitter, emitter.every(tests)

    def entry_text(self) -> str:
        """The test in words."""
        return "the initial state is as the summary asks"

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
            first, last = _opened(goal), _opened(fact.left)
            proved.append(chain(first, k.sym(last), fact))
        return proved

    def cut(self) -> tuple[tuple[str, int], ...]:
        """How the arrays are cut: the same for a guard and for what it guards."""
        return ("arrays", len(self.arrays)), ("lanes", LANES), ("piece", PIECE)

    def equation(self, guard: Region | None = None) -> Equation:
        """The loop as par.reduce, with fresh results."""
        results = [self.site.names.fresh(r.name, r.type) for r in self.site.equation.results]
        held = [self.site.names.fresh("held", BOOL)] if guard else []
        stops = self.keeping if guard is None else None
        act = stops.act if stops else self.summary.act
        regions = [self.summary.lift, self.summary.mul, act, *([guard] if guard else [])]
        attributes = (*self.cut(), ("growing", SINGLE)) if stops else self.cut()
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
        return emitter, emitter.every(tests)

    def instance(self, reduce: Equation, magnitudes: Magnitudes) -> Instance:
        """Proves the loop's laws, and so the generic theorem for the loop and `reduce`, its parallel form."""
        values = self._denoted(reduce)
        value = values[-1]
        value = value.body if value.kind == "P" else value
        cut, lift, mul, act, xs, state = arguments(value)[1]
        ok_x = t.lam(t.var("x", argument_type(xs.type)), TRUE)
        if len(reduce.regions) == 4:
            ok_x = arguments(values[0])[1][0]
        keeping = self.keeping if self.keeping is not None and act is self.keeping.term else None
        act = keeping.same.left if keeping else act
        layout, summary = self.layout, self.body.summary
        entered = Sizes(summary.state_fixed, magnitudes.fixed)
        ok_s = ok_predicate(layout, state.type, layout.state, summary.state_holds, entered)
        sizes = Sizes(summary.fixed, magnitudes.fixed, summary.late, magnitudes.weight)
        ok_m = ok_predicate(layout, t.domain(act.type), layout.summary, summary.holds, sizes)
        loop = Loop(self.step, lift, mul, act, ok_s, ok_m, ok_x, magnitudes.weight, magnitudes.limit)
        facts = known_of if self.body.assumed else no_facts
        laws = Laws(loop, layout, magnitudes, facts, self.body.settled).all()
        proved = instantiate(loop, cut, xs, laws, reduce_theorem())
        if keeping is not None:
            plain = t.app(arguments(value)[0], cut, lift, mul, act)
            told = k.app(k.refl(plain.function), keeping.same)
            proved = chain(proved, replace_all(proved.right, lambda u: told if u is plain else None))
        return Instance(loop, xs, state, proved)


def _opened(x: Term) -> Theorem:
    """|- x = x with projections of tuples, words of literals, and connectives by their definitions."""

    def rule(u: Term) -> Theorem | None:
        if u.kind == "P" and u.body.kind == "T":
            return k.projbeta(u)
        if head(u).startswith("toZ.") and u.kind == "A" and head(u.argument) == f"ofZ.{head(u)[4:]}":
            return k.compute(u) if u.argument.argument.kind == "K" else None
        return use(f"{head(u)}.def", u) if head(u) in ("and", "or", "not") else None

    th = k.refl(x)
    while (more := replace_all(th.right, rule)) is not None:
        th = k.trans(th, more)
    return th


def _element(array: Value) -> Type:
    assert isinstance(array.type, ArrayType)
    return array.type.element


def unbudgeted(reduction: Reduction) -> tuple[Function, Theorem, str]:
    """Where no sum needs a bound: the function with the loop in parallel form, that it is equal, and the test, if there
    is one, under which the parallel form is taken; where that fails, the loop is as it was written."""
    site = reduction.site
    guard = reduction.guard()
    reduce = reduction.equation(guard)
    entry = reduction.entry_test()
    emitter = Emitter(site.names, {})
    tests = [entry[1]] if entry is not None else []
    tests += [reduce.results[0]] if guard is not None else []
    finite = all_finite(emitter, reduce.results) if reduction.body.real else None
    tests += [finite] if finite is not None else []
    if not tests and len(reduction.arrays) == 1:
        proved = _unbounded(reduction, reduce, None, None)
        function = site.replaced([replace(reduce, results=site.equation.results)])
        return function, site.conclude(proved, function), ""
    whole = emitter.every(tests, hint="safe") if tests else None

    def fast(known: Theorem) -> Theorem:
        held = all_parts(known, len(tests)) if tests else []
        entered = held[0] if entry is not None else None
        every = held[0 if entry is None else 1] if guard is not None else None
        return _unbounded(reduction, reduce, entered, every)

    before = [*(entry[0].equations if entry is not None else ()), reduce, *emitter.equations]
    results = reduce.results[1:] if guard is not None else reduce.results
    new, theorem = chosen(reduction, [], before, whole, results, fast)
    texts = [reduction.entry_text()] if entry is not None else []
    texts += [reduction.guard_text()] if guard is not None else []
    return new, theorem, " and ".join(texts)


def chosen(
    reduction: Reduction,
    first: Sequence[Equation],
    before: Sequence[Equation],
    test: Value | None,
    results: Sequence[Value],
    prove: Callable[[Theorem], Theorem],
    inside: Sequence[Equation] = (),
) -> tuple[Function, Theorem]:
    """The versions of the loop: `first` is total, `before` too where the arrays have one length, and so is what runs
    `inside` the branch where the test holds, for one array."""
    alike = reduction.one_length()
    if alike is not None:
        emitter, same = alike
        outer = [*first, *emitter.equations]
        return versioned_together(reduction.site, outer, same, before, test, results, prove)
    assert test is not None
    return versioned(reduction.site, [*first, *before], test, results, prove, inside)


UNTRAPPED = "no element makes a step trap"


def all_finite(emitter: Emitter, values: Sequence[Value]) -> Value | None:
    """Whether all floats among the values are finite; None where there are none. Over the reals there is no infinity:
    a result that is not finite is computed again in the source's order."""
    ok: Value | None = None
    for v in values:
        if isinstance(v.type, FloatType):
            rest = emitter.op("sub", v.type, v, v, attributes=(("fp", "reassoc"),))
            is_finite = emitter.op("eq", BOOL, rest, emitter.const((0.0).hex(), v.type))
            ok = is_finite if ok is None else emitter.op("and", BOOL, ok, is_finite)
    return ok


def _unbounded(reduction: Reduction, reduce: Equation, entry: Theorem | None, every: Theorem | None) -> Theorem:
    """|- loop = ok (preduce ..), where |- the test of the initial state = true, and |- the guard of all elements."""
    return unbounded(reduction, reduction.instance(reduce, UNBOUNDED), entry, every)


def unbounded(reduction: Reduction, found: Instance, entry: Theorem | None, every: Theorem | None = None) -> Theorem:
    """|- loop = ok (its parallel form), where |- the test of the initial state = true, and |- the guard of all
    elements."""
    fits = computed(apply("le", apply("add", ZERO, apply("mul", ZERO, apply("length", found.xs))), ZERO))
    opened = beta_spine(t.app(found.loop.ok_s, ZERO, found.state))
    first, *others = all_conjuncts(opened.right)
    size = k.trans(opened, all_of([k.compute(first), *reduction.entered(others, entry)]))
    facts = [size, every or everywhere(found.xs), fits]
    return eliminate(found.theorem, (ZERO, found.state), facts)
