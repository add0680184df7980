"""Untrusted search, checked theorems: a counting loop whose steps are all the same, after some of its steps.

    %x1, %t = if p <= the elements left { p steps as written; and where they lead back to the same state, on to where
                                          less than p elements are left, in that state } { %lo, %s }
    %r = for %x1, hi, step, (%t) { the step as written }

With p a multiple of a period of the state this leaves few steps; with p = 1 it only takes the first step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, BoolType, IntType
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect, untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counted import Counted, denied
from hyperion_proofs.derived import NoProof, by_cases, chain, cond_is, contradiction, instance, unfold, use
from hyperion_proofs.emission import Emitter
from hyperion_proofs.implication import all_parts, parts
from hyperion_proofs.jumping import fits, landed, lengths, range_opened, tidy
from hyperion_proofs.known_forms import Facts
from hyperion_proofs.loop import add, int_, le
from hyperion_proofs.repeating import (
    instantiate_around,
    instantiate_associated,
    instantiate_in_two_parts,
    length_of,
)
from hyperion_proofs.splitting import stop
from hyperion_proofs.unfolding import bind_value, sure
from hyperion_proofs.versions import settled

_ZERO = int_(0)


@dataclass(frozen=True)
class Now:
    """Where the loop is: an element and a state, as values and as terms."""

    at: Value
    state: tuple[Value, ...]
    words: tuple[Term, ...]


Bounds = tuple[Value, Value, Value]
"""Of a loop over some steps."""


@dataclass(frozen=True)
class Outline:
    """A round: the loop before it, what it gives, how many steps are left before and the element after some, how many
    tests lead to them; where the loop is after it, with the variable for that."""

    here: Counted
    outcome: Term
    left: Term
    near: Term
    tests: int
    after: Now
    v: Term


Made = tuple[list[Equation], Now, tuple[Theorem, Term]]
Branch = Callable[[Counted, Term, Term], "tuple[Region, Callable[[Outline], Round]]"]


class Cycle:
    """The loop at `function.equations[index]`, which has a written step and does not read its counter."""

    def __init__(self, function: Function, index: int, steps: int) -> None:
        self._counted = counted = Counted(function, index)
        if counted.step_literal is None:
            raise Refused("the range's step is not a written number", span=counted.equation.span)
        if any(not isinstance(v.type, IntType | BoolType) for v in counted.inits):
            raise Refused("the state is not of integers and truth values only", span=counted.equation.span)
        self.constant = counted.constant()
        self.step, self.steps = int_(counted.step_literal), int_(steps)

    def derive(self, rounds: int) -> tuple[Function, Theorem]:
        """The function with `rounds` times the first steps before the loop, and |- denote(source) = denote(it)."""
        counted, site = self._counted, self._counted.site
        env = site.env
        low, high, step = counted.bounds
        now = Now(low, counted.inits, tuple(env[v.name] for v in (low, *counted.inits)))
        emitter = Emitter(site.names, {})
        zero, one, count = (emitter.const(n, I64) for n in (0, 1, literals.int_value(self.steps)))
        site.define(emitter.equations)
        made, theorems = list(emitter.equations), list[tuple[Theorem, Term]]()
        for round_ in self.rounds(rounds):
            equations, now, proved = round_(now, (zero, count, one))
            made += equations
            theorems.append(proved)
        rest = replace(counted.equation, operands=(now.at, high, step, *now.state))
        th: Theorem | None = None
        for proved, v in reversed(theorems):  # |- R = bind O (\\v. R')
            if th is None:
                th = proved
                continue
            inside = k.abs_(v, th)
            th = k.trans(proved, k.app(k.refl(proved.right.function), inside))
        assert th is not None
        function = site.replaced([*made, rest])
        return function, site.conclude(th, function, rounds)

    def rounds(self, count: int) -> Sequence[Callable[[Now, Bounds], Made]]:
        """What comes before the loop, one after the other."""
        return [self.round] * count

    def moved(self, now: Now) -> Counted:
        """The loop from there."""
        _, high, step = self._counted.bounds
        env = self._counted.site.env
        words = (now.words[0], env[high.name], env[step.name], *now.words[1:])
        return Counted.at(self._counted.site.moved((now.at, high, step, *now.state), words))

    # ---- one round

    def round(self, now: Now, bounds: Bounds) -> Made:
        """Some steps, and on to where less than that are left if they lead back to the same state."""
        return self.round_of(now, lambda here, left, near: self._branch(here, left, near, bounds))

    def round_of(self, now: Now, branch: Branch) -> Made:
        """A round that is `branch` where so many steps are left. It gives the equations; where the loop is after them;
        |- the loop from now = bind (them) (the loop from there), and the variable in it for what they give."""
        site, here = self._counted.site, self.moved(now)
        left = here.over.argument
        near = add(apply("toZ.i64", now.words[0]), apply("mul", self.step, self.steps))
        scope = here.site.captured()
        emitter = Emitter(site.names, scope)
        tests = [le(self.steps, left), *fits(near)]
        go = emitter.every([emitter.truth_exact(x) for x in tests])
        taken, prove = branch(here, left, near)
        results = tuple(site.names.fresh(v.name, v.type) for v in (now.at, *now.state))
        stay = Region((), (), (now.at, *now.state))
        choose = Equation(results, "if", (go,), (), (taken, stay), self._counted.equation.span)
        site.define(emitter.equations)
        found = site.denotation.equation(choose, site.env)
        assert isinstance(found, Effect)
        v = site.denotation.fresh(t.type_of("prod", *(w.type for w in now.words)))
        words = untuple(v, len(results))
        site.env.update(zip((r.name for r in results), words, strict=True))
        site.scope.update((r.name, r) for r in results)
        after = Now(results[0], results[1:], words)
        proof = prove(Outline(here, found.outcome, left, near, len(tests), after, v))
        return [*emitter.equations, choose], after, (proof.theorem(), v)

    def _branch(
        self, here: Counted, left: Term, near: Term, bounds: Bounds
    ) -> tuple[Region, Callable[[Outline], Round]]:
        """Some steps, and further where they changed nothing."""
        site = here.site
        loop = self.some_steps(here, bounds)
        state, again = here.inits, loop.results
        emitter = Emitter(site.names, site.captured())
        times = apply("floordiv", left, self.steps)
        skip = apply("mul", times, self.steps)
        far = add(apply("toZ.i64", site.env[here.bounds[0].name]), apply("mul", self.step, skip))
        same = [emitter.op("eq", BOOL, a, b) for a, b in zip(again, state, strict=True)]
        tests = [le(_ZERO, times), le(_ZERO, skip), le(skip, left), *fits(far)]
        test = emitter.every([*same, *(emitter.truth_exact(x) for x in tests)])
        words = [emitter.op("cast.wrap", I64, emitter.exact(x)) for x in (far, near)]
        to = emitter.op("select", I64, test, *words, hint="at")
        taken = Region((), (loop, *emitter.equations), (to, *again))
        return taken, lambda outline: Round(self, outline, len(same) + len(tests))

    def some_steps(self, here: Counted, bounds: Bounds) -> Equation:
        """The loop from here for a number of steps only."""
        names = here.site.names
        again = tuple(names.fresh(v.name, v.type) for v in here.inits)
        loop = replace(self._counted.equation, operands=(*bounds, *here.inits), results=again)
        return replace(loop, regions=(names.copy(loop.regions[0]),))

    def loop_from(self, now: Now, words: Sequence[Term]) -> Counted:
        return self.moved(replace(now, words=tuple(words)))


class Round:
    """The proof of one round."""

    def __init__(self, cycle: Cycle, outline: Outline, tests: int) -> None:
        """`tests` is how many there are for a state that is the same."""
        self.cycle, self.outline, self._inner = cycle, outline, tests
        self.here, self.left, self.near = outline.here, outline.left, outline.near
        self._parts: tuple[Theorem, Counted] | None = None

    def theorem(self) -> Theorem:
        """|- the loop from here = bind (the round) (\\v. the loop from there)."""
        there = self.cycle.loop_from(self.outline.after, untuple(self.outline.v, len(self.outline.after.words)))
        rest = t.lam(self.outline.v, there.site.loop_outcome())
        bind = apply("bind", self.outline.outcome, rest)
        loop = self.here.site.loop_outcome()
        condition = arguments(self.outline.outcome)[1][0]

        def case(known: Theorem) -> Theorem:
            chosen = k.app(k.app(k.refl(bind.function.function), cond_is(known, self.outline.outcome)), k.refl(rest))
            if known.right is not TRUE:
                ran = bind_value(chosen.right)
                return chain(tidy(loop), k.sym(tidy(ran.right)), k.sym(ran), k.sym(chosen))
            facts = {th.left: th for th in all_parts(known, self.outline.tests)}
            return k.trans(self._gone(chosen.right, facts), k.sym(chosen))

        return by_cases(condition, loop, bind, case)

    def _gone(self, x: Term, facts: Facts) -> Theorem:
        """|- the loop from here = x, for x = bind (bind (some steps) (\\v. ok (there, v))) rest."""
        steps = x.function.argument.function.argument
        ran = range_opened(steps) if head(steps) == "bind" else k.refl(steps)
        if head(ran.right.argument) == "indices":
            ran = k.trans(ran, k.app(k.refl(ran.right.function), unfold("indices", ran.right.argument)))
        inner, outer = x.function.argument, x
        opened = k.app(k.app(k.refl(inner.function.function), ran), k.refl(inner.argument))
        opened = k.app(k.app(k.refl(outer.function.function), opened), k.refl(outer.argument))
        flat = instantiate_associated(opened.right)  # bind (fold f s xs) (\\v. bind (ok ..) rest)
        o, function = flat.right.function.argument, flat.right.argument
        v = self._led(function.bound_type)
        ran_on = self._after_steps(o, v, function, facts)
        stopped = {name: self._stopped(name, o, flat.right, facts) for name in ("trap", "diverge")}
        th = k.outcome_cases(o, v, ran_on, stopped["trap"], stopped["diverge"])
        return chain(th, k.sym(flat), k.sym(opened))

    def _led(self, type_: t.Ty) -> Term:
        """The variable for the state after the steps."""
        return t.var("led", type_)

    def _split(self, facts: Facts, o: Term) -> tuple[Theorem, Counted]:
        """|- the loop from here = bind o (\\s. fold f s (the elements from near on)); the loop near."""
        if self._parts is None:
            self._parts = self._in_two_parts(facts, o)
        return self._parts

    def _in_two_parts(self, facts: Facts, o: Term) -> tuple[Theorem, Counted]:
        near = self._loop_at(self.near, self.here.state)
        length = self._length(near, (self.cycle.steps, k.compute(le(_ZERO, self.cycle.steps))), self.near, facts)
        mine, (xs, ys, zs) = self.here.opened(), self._lists(o, near)
        split = instantiate_in_two_parts(
            self.cycle.constant, (xs, ys, zs), self.here.state, self._sum(xs, ys, zs, length)
        )
        return k.trans(mine, split), near

    def _lists(self, o: Term, there: Counted) -> tuple[Term, Term, Term]:
        """The elements of the steps taken, those from here on and those from there on."""
        return arguments(o)[1][2], self.here.opened().right.argument, there.opened().right.argument

    def _loop_at(self, to: Term, state: Term) -> Counted:
        words = (apply("ofZ.i64", to), *untuple(state, len(self.outline.after.state)))
        return self.cycle.loop_from(self.outline.after, words)

    def _length(self, there: Counted, steps: tuple[Term, Theorem], to: Term, facts: Facts) -> Theorem:
        number, positive = steps
        return lengths(self.here, there, (number, positive, facts[le(number, self.left)]), landed(to, facts))

    def _sum(self, xs: Term, ys: Term, zs: Term, length: Theorem) -> Theorem:
        """|- length ys = length xs + length zs, from |- length (over here) = p + length (over there)."""
        a, b, c = length_of(ys), length_of(xs), length_of(zs)
        total = k.app(k.app(k.refl(add(b.left, c.left).function.function), b), c)
        return chain(a, length, k.sym(total))

    def _stopped(self, name: str, o: Term, x: Term, facts: Facts) -> Theorem:
        """{o = trap} |- the loop from here = x, for x = bind o .."""
        split, _ = self._split(facts, o)
        known = k.assume(o, t.const(name, o.type))

        def ended(y: Term) -> Theorem:
            th = k.app(k.app(k.refl(y.function.function), known), k.refl(y.argument))
            return k.trans(th, stop(name, th.right))

        return chain(split, ended(split.right), k.sym(ended(x)))

    def _after_steps(self, o: Term, v: Term, function: Term, facts: Facts) -> Theorem:
        """{o = ok v} |- the loop from here = bind o function."""
        known = k.assume(o, apply("ok", v))
        bind = apply("bind", o, function)
        ran = k.app(k.app(k.refl(bind.function.function), known), k.refl(function))
        ran = k.trans(ran, bind_value(ran.right))  # bind (ok (cond test far near, v..)) rest
        ran = k.trans(ran, bind_value(ran.right))
        ran = k.trans(ran, tidy(ran.right))
        word = apply("ofZ.i64", self.near)
        choices = (arguments(u)[1] for u in t.subterms(ran.right) if head(u) == "cond")
        test = next(args[0] for args in choices if len(args) == 3 and args[2] is word)

        def case(decided: Theorem) -> Theorem:
            chosen = settled(decided, ran.right)
            if decided.right is TRUE:
                every = all_parts(decided, self._inner)
                th = self._around(o, known, v, every, dict(facts))
            else:
                th = self._onward(o, known, v, facts)
            return chain(th, k.sym(chosen), k.sym(ran))

        return by_cases(test, self.here.site.loop_outcome(), bind, case)

    def _onward(self, o: Term, known: Theorem, v: Term, facts: Facts) -> Theorem:
        """{o = ok v} |- the loop from here = the loop from near on in the state v."""
        split, _ = self._split(facts, o)
        ran = k.app(k.app(k.refl(split.right.function.function), known), k.refl(split.right.argument))
        ran = k.trans(ran, bind_value(ran.right))
        near = self._loop_at(self.near, v)
        return chain(split, ran, k.sym(self._opened(near, ran.right)))

    def _opened(self, there: Counted, wanted: Term) -> Theorem:
        th = there.opened()
        function, elements = th.right.function, th.right.argument
        if function.argument.kind == "T" and th.right is not wanted:
            whole = k.tupeta(wanted.function.argument)
            th = k.trans(th, k.app(k.app(k.refl(function.function), whole), k.refl(elements)))
        if th.right is not wanted:
            raise NoProof("the loop after some steps was lost")
        return th

    def _around(
        self, o: Term, known: Theorem, v: Term, every: Sequence[Theorem], facts: dict[Term, Theorem]
    ) -> Theorem:
        """{o = ok v} |- the loop from here = the loop from far on in the state v, which is that of here."""
        count = len(self.outline.after.state)
        facts |= {th.left: th for th in every}
        state = self.here.state
        pairs = zip(untuple(v, count), untuple(state, count), every[:count], strict=True)
        same = together([same_word(a, b, th) for a, b, th in pairs], v, state)  # v = s
        times = next(th.left.argument for th in every[count:] if th.left.function.argument is _ZERO)
        skip = apply("mul", times, self.cycle.steps)
        far = add(apply("toZ.i64", self.here.site.env[self.here.bounds[0].name]), apply("mul", self.cycle.step, skip))
        there = self._loop_at(far, v)
        xs, ys, zs = self._lists(o, there)
        length = self._length(there, (skip, facts[le(_ZERO, skip)]), far, facts)
        back = k.trans(known, k.app(k.refl(known.right.function), same))  # o = ok s
        whole = instantiate_around(
            self.cycle.constant, (xs, ys, zs), state, (times, facts[le(_ZERO, times)]), length, back
        )
        moved = k.app(k.app(k.refl(whole.right.function.function), k.sym(same)), k.refl(zs))
        return chain(self.here.opened(), whole, moved, k.sym(self._opened(there, moved.right)))


def together(parts_: Sequence[Theorem], v: Term, state: Term) -> Theorem:
    """|- v = state from its parts."""
    if len(parts_) == 1:
        return parts_[0]
    whole = k.tuple_(*parts_)
    first = k.refl(v) if v.kind == "T" else k.sym(k.tupeta(v))
    last = k.refl(state) if state.kind == "T" else k.tupeta(state)
    return chain(first, whole, last)


def same_word(a: Term, b: Term, th: Theorem) -> Theorem:
    """|- a = b, from |- (the test that they are equal) = true."""
    if a.type is t.BOOL:
        return _same_truth(a, b, th)
    word = a.type.name
    x, y = arguments(th.left)[1]
    below, above = parts(k.trans(k.sym(instance("int.eq.def", a=x, b=y)), th))
    equal = discharge(instance("int.le.antisym", a=x, b=y), below, above)
    both = k.app(k.refl(apply(f"ofZ.{word}", x).function), equal)
    first, last = (sure(use(f"{word}.of.to", side)) for side in (both.left, both.right))
    return chain(k.sym(first), both, last)


def _same_truth(a: Term, b: Term, th: Theorem) -> Theorem:
    """From |- not (xor a b) = true: |- a = b."""
    differ = denied(th)  # xor a b = false
    opened = sure(use("xor.def", differ.left))  # = cond a (not b) b

    def case(value: Theorem) -> Theorem:
        chosen = chain(opened, cond_is(value, opened.right))
        none = k.trans(k.sym(chosen), differ)  # not b = false, or b = false
        if value.right is FALSE:
            return k.trans(value, k.sym(none))
        inner = sure(use("not.def", none.left))
        no = k.assume(b, FALSE)
        absurd = chain(k.sym(none), inner, cond_is(no, inner.right))
        yes = k.bool_cases(b, k.assume(b, TRUE), contradiction(absurd, b, TRUE))
        return k.trans(value, k.sym(yes))

    return k.bool_cases(a, case(k.assume(a, TRUE)), case(k.assume(a, FALSE)))
