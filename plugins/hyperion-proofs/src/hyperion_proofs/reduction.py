"""Untrusted. The parallel form of a state-carrying loop, and the generic theorem at that loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, INT, ArrayType, FloatType, IntType, Type
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure, argument_type, untuple
from hyperion.logic.terms import Term
from hyperion_proofs import real_signs
from hyperion_proofs.analysis import Body, Refused, analyse
from hyperion_proofs.assumptions import Everywhere, everywhere_in, facts_outside, not_negative
from hyperion_proofs.derived import NoProof, chain, head, replace_all, use
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.equality import Layout
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.generic import instantiate, reduce_theorem
from hyperion_proofs.gf2.laws import RegisterLaws
from hyperion_proofs.guards import computed, everywhere
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts, eliminate
from hyperion_proofs.laws import UNBOUNDED, ZERO, Laws, Magnitudes, Sizes, atom, ok_predicate
from hyperion_proofs.loop import APPENDED, Appending, Loop
from hyperion_proofs.pretty import source_names
from hyperion_proofs.regions import RegionBuilder
from hyperion_proofs.sites import Site
from hyperion_proofs.stopping import same_act
from hyperion_proofs.templates import NotLinear
from hyperion_proofs.traps import known_of
from hyperion_proofs.versions import versioned, versioned_together
from hyperion_proofs.wording import term_text

LANES, PIECE = 8, 4096 + 16  # not a power of two: lanes a power of two apart would share cache sets
_BITWISE = ("band", "bor", "bxor", "pow2")
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
        self._unsigned = False
        equation = self.site.equation
        count = equation.attribute("arrays")
        assert isinstance(count, int)
        self.arrays, self.inits = equation.operands[:count], equation.operands[count:]
        self.element_types = [_element(a) for a in self.arrays]
        self.loop_region = equation.regions[0]
        self.step = self.site.denotation.step(self.loop_region, count, self.site.env)
        carried = self.loop_region.parameters[count:]
        self._asked: tuple[tuple[Term, Term], ...] = ()  # assumptions that the guard tests
        self.everywhere = self._assumed_everywhere()
        self._outside = facts_outside(self.site.assumptions)
        self.body: Body = self._analysed(carried)
        self._check_entry()
        builder = RegionBuilder(self.site, self.body.summary, self.body.types, self.body.real)
        self.summary = builder.build(self.element_types, untuple(self.body.element, count))
        self.keeping = self._keeping(builder)

    def _keeping(self, builder: RegionBuilder) -> Keeping | None:
        """`act`, made to say when a state is final; None where none is, or where that is not proved."""
        if self.body.summary.algebra is not None:  # bits of a register go on moving
            return None
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
        signs = (real_signs.decide,) if self.body.real and self.body.settled else ()
        deciders = tuple(dict.fromkeys((*summary.deciders, *signs)))
        return Layout(self.body.domain, state, stored, summary.leaves, deciders, summary.informed)

    @property
    def _stored(self) -> Sequence[Type]:
        return self.body.summary.types

    def _analysed(self, carried: Sequence[Value]) -> Body:
        """The body by what is assumed; where that has no summary, by the signs of unsigned elements as well."""
        step, entering = self.step, self._entering()
        try:
            return analyse(step, carried, self.loop_region, self.element_types, entering, self._facts_of_element)
        except (NotLinear, Refused):
            unsigned = any(isinstance(ty, IntType) and not ty.signed for ty in self.element_types)
            if not unsigned or any(head(u) in _BITWISE for u in t.subterms(step)):  # what signs do not decide
                raise
            self._unsigned = True
        return analyse(step, carried, self.loop_region, self.element_types, entering, self._facts_of_element)

    # ---- what is known of every element

    def _facts_of_element(self, x: Term) -> list[Theorem]:
        """|- test = true or false, where what is assumed holds of x."""
        found = self._always(x)
        if self.everywhere is not None:
            found += self.everywhere.of(k.assume(t.app(self.everywhere.predicate, x), TRUE))
        return found

    def _always(self, x: Term) -> list[Theorem]:
        """What is known without a test of the elements."""
        parts = untuple(x, len(self.element_types)) if self._unsigned else ()
        return [*self._outside, *(not_negative(u) for u in parts if u.type.name.startswith("u"))]

    def facts(self, ok_x: Theorem) -> list[Theorem]:
        """|- test = true or false, from |- okX x = true."""
        x = ok_x.left.argument
        found = self._always(x) if self.body.by_facts else []
        if self.body.assumed:
            return [*found, *self.known_of(ok_x)]
        if self.everywhere is not None and ok_x.left.function is self.everywhere.predicate:
            found += self.everywhere.of(ok_x)
        return found

    def known_of(self, ok_x: Theorem) -> list[Theorem]:
        """|- test = true or false, from |- the guard of an element = true."""
        return known_of(ok_x)

    def relied_on(self) -> Everywhere | None:
        """What the laws may use of every element without a test of their own; where there is one, it tests that too."""
        if self.everywhere is None or not self.body.assumed:
            return self.everywhere if self.body.by_facts else None
        self.test_assumptions()
        return None

    def test_assumptions(self) -> None:
        """Makes what is assumed of every element, and used, part of the test of elements."""
        if self.everywhere is not None and self.body.by_facts:
            known = self.everywhere.of(k.assume(t.app(self.everywhere.predicate, self.body.element), TRUE))
            tests = tuple((th.left, th.right) for th in known)
            self._asked = tests
            self.body = replace(self.body, assumed=(*self.body.assumed, *tests))

    # ---- what must hold of every element

    def _assumed_everywhere(self) -> Everywhere | None:
        """What is known of every element where the loop runs."""
        if len(self.arrays) > 1:
            return None
        return everywhere_in(self.site.env[self.array.name], self.site.assumptions)

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
        other = {*needs, *self._asked}
        texts = [UNTRAPPED] if any(test not in other for test in self.body.assumed) else []
        texts += ["every element is as the summary asks"] if needs else []
        return " and ".join([*texts, *(["every element is as was assumed"] if self._asked else [])])

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
        """Code that tests what the summary asks of the initial state and literals do not say; None where that is
        nothing."""
        conditions = [c for c in self._entry_conditions() if _evaluated(c).right is not TRUE]
        if not conditions:
            return None
        emitter = Emitter(
            self.site.names, self.site.captured() | dict(zip(map(atom, self._entering()), self.inits, strict=True))
        )
        tests = [emitter.truth(c, I64) for c in conditions]
        return emitter, emitter.every(tests)

    def entry_text(self) -> str:
        """The test in words."""
        named = self._conditions_in_words()
        asked = [
            text for c, text in zip(self._entry_conditions(), named, strict=True) if _evaluated(c).right is not TRUE
        ]
        return f"{' and '.join(asked)} when the loop begins"

    @property
    def given(self) -> list[str]:
        """What is known of values from outside, in words."""
        names = {x: source_names([v])[0] for x, v in self.site.captured().items()}
        return [term_text(th.left, names) for th in self._outside if th.right is TRUE]

    @property
    def invariants(self) -> list[str]:
        """What the summary asks of states, in words."""
        return self._conditions_in_words() if self.body.by_facts else []

    def _entry_conditions(self) -> list[Term]:
        return self.body.summary.state_holds([atom(x) for x in self._entering()])

    def _conditions_in_words(self) -> list[str]:
        names = source_names(self.loop_region.parameters[len(self.arrays) :])
        state = [t.var(name, atom(x).type) for name, x in zip(names, self._entering(), strict=True)]
        return [term_text(c, {}) for c in self.body.summary.state_holds(state)]

    def _check_entry(self) -> None:
        """Refuses a summary that asks of the initial state what literals deny."""
        for c, text in zip(self._entry_conditions(), self._conditions_in_words(), strict=True):
            if _evaluated(c).right is FALSE:
                names = source_names(self.loop_region.parameters[len(self.arrays) :])
                start = ", ".join(
                    f"{name} = {term_text(_evaluated(atom(x)).right, {})}"
                    for name, x in zip(names, self._entering(), strict=True)
                )
                raise Refused(
                    f"a summary was found for states with {text}, and the loop begins with {start}; "
                    "begin with values that satisfy it, such as the first element",
                    span=self.site.equation.span,
                )

    def _entering(self) -> list[Term]:
        return [self.site.env[v.name] for v in self.inits]

    def entered(self, goals: Sequence[Term], known: Theorem | None) -> list[Theorem]:
        """|- goal = true for each condition of the initial state, from |- the conjunction of those tested = true."""
        found = [_evaluated(goal) for goal in goals]
        tested = [goal for goal, th in zip(goals, found, strict=True) if th.right is not TRUE]
        assert (known is None) == (not tested)
        facts = iter(all_parts(known, len(tested)) if known is not None else ())
        return [
            th if th.right is TRUE else self._entered(goal, next(facts)) for goal, th in zip(goals, found, strict=True)
        ]

    def _entered(self, goal: Term, fact: Theorem) -> Theorem:
        first, last = _opened(goal), _opened(fact.left)
        return chain(first, k.sym(last), fact)

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

    def instance(self, reduce: Equation, magnitudes: Magnitudes, known: Everywhere | None = None) -> Instance:
        """Proves the loop's laws, and so the generic theorem for the loop and `reduce`, its parallel form. The laws may
        use what is `known` of every element."""
        values = self._denoted(reduce)
        value = values[-1]
        value = value.body if value.kind == "P" else value
        cut, lift, mul, act, xs, state = arguments(value)[1]
        ok_x = known.predicate if known is not None else t.lam(t.var("x", argument_type(xs.type)), TRUE)
        if len(reduce.regions) == 4:
            ok_x = arguments(values[0])[1][0]
        keeping = self.keeping if self.keeping is not None and act is self.keeping.term else None
        act = keeping.same.left if keeping else act
        layout, summary = self.layout, self.body.summary
        entered = Sizes(summary.state_fixed, magnitudes.fixed)
        ok_s = ok_predicate(layout, state.type, layout.state, summary.state_holds, entered)
        sizes = Sizes(summary.fixed, magnitudes.fixed, summary.late, magnitudes.weight)
        ok_m = ok_predicate(layout, t.domain(act.type), layout.summary, summary.holds, sizes)
        made = Loop if summary.algebra is None else Appending
        loop = made(self.step, lift, mul, act, ok_s, ok_m, ok_x, magnitudes.weight, magnitudes.limit)
        if summary.algebra is not None:
            laws = RegisterLaws(loop, layout, magnitudes, summary.algebra).all()
            return Instance(loop, xs, state, instantiate(loop, cut, xs, laws, reduce_theorem(APPENDED)))
        laws = Laws(loop, layout, magnitudes, self.facts, self.body.settled).all()
        proved = instantiate(loop, cut, xs, laws, reduce_theorem())
        if keeping is not None:
            plain = t.app(arguments(value)[0], cut, lift, mul, act)
            told = k.app(k.refl(plain.function), keeping.same)
            proved = chain(proved, replace_all(proved.right, lambda u: told if u is plain else None))
        return Instance(loop, xs, state, proved)


def _evaluated(x: Term) -> Theorem:
    """|- x = its value, for what literals decide."""
    return Evaluator(no_range)(x)


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
    relied = reduction.relied_on()
    guard = reduction.guard()
    reduce = reduction.equation(guard)
    entry = reduction.entry_test()
    emitter = Emitter(site.names, {})
    tests = [entry[1]] if entry is not None else []
    tests += [reduce.results[0]] if guard is not None else []
    finite = all_finite(emitter, reduce.results) if reduction.body.real else None
    tests += [finite] if finite is not None else []
    if not tests and len(reduction.arrays) == 1:
        proved = _unbounded(reduction, reduce, None, None, relied)
        function = site.replaced([replace(reduce, results=site.equation.results)])
        return function, site.conclude(proved, function), ""
    whole = emitter.every(tests, hint="safe") if tests else None

    def fast(known: Theorem) -> Theorem:
        held = all_parts(known, len(tests)) if tests else []
        entered = held[0] if entry is not None else None
        every = held[0 if entry is None else 1] if guard is not None else None
        return _unbounded(reduction, reduce, entered, every, relied)

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


def _unbounded(
    reduction: Reduction, reduce: Equation, entry: Theorem | None, every: Theorem | None, known: Everywhere | None
) -> Theorem:
    """|- loop = ok (preduce ..), where |- the test of the initial state = true, and |- the guard of all elements."""
    every = known.theorem if known is not None else every
    return unbounded(reduction, reduction.instance(reduce, UNBOUNDED, known), entry, every)


def unbounded(reduction: Reduction, found: Instance, entry: Theorem | None, every: Theorem | None = None) -> Theorem:
    """|- loop = ok (its parallel form), where |- the test of the initial state = true, and |- the guard of all
    elements."""
    fits = computed(apply("le", apply("add", ZERO, apply("mul", ZERO, apply("length", found.xs))), ZERO))
    opened = beta_spine(t.app(found.loop.ok_s, ZERO, found.state))
    first, *others = all_conjuncts(opened.right)
    size = k.trans(opened, all_of([k.compute(first), *reduction.entered(others, entry)]))
    facts = [size, every or everywhere(found.xs), fits]
    return eliminate(found.theorem, (ZERO, found.state), facts)
