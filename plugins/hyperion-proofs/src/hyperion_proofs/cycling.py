"""Untrusted search, checked theorems: a counting loop whose steps are all the same, after some of its steps.

    %x1, %t = if p <= the elements left { p steps as written; and where they lead back to the same state, on to where
                                          less than p elements are left, in that state } { %lo, %s }
    %r = for %x1, hi, step, (%t) { the step as written }

With p a multiple of a period of the state this leaves few steps; with p = 1 it only takes the first step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, BoolType, IntType
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect, untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counted import Counted, denied
from hyperion_proofs.derived import NoProof, abstract, by_cases, chain, cond_is, contradiction, instance, unfold, use
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
class _Now:
    """Where the loop is: an element and a state, as values and as terms."""

    at: Value
    state: tuple[Value, ...]
    words: tuple[Term, ...]


class Cycle:
    """The loop at `function.equations[index]`, which has a written step and does not read its counter."""

    def __init__(self, function: Function, index: int, steps: int) -> None:
        self._counted = counted = Counted(function, index)
        if counted.step_literal is None:
            raise Refused("the range's step is not a written number", span=counted.equation.span)
        if any(not isinstance(v.type, IntType | BoolType) for v in counted.inits):
            raise Refused("the state is not of integers and truth values only", span=counted.equation.span)
        f = counted.step
        s, x = t.var("s", f.bound_type), t.var("x", f.body.bound_type)
        once = beta_spine(t.app(f, s, x))
        if x in once.right.free:
            raise Refused(
                "the step uses the loop's counter, so the steps are not all the same", span=counted.equation.span
            )
        self._once = t.lam(s, once.right)
        back = k.sym(k.beta(t.app(self._once, s)))
        self._constant = abstract((s, x), k.trans(once, back))
        self.step, self.steps = int_(counted.step_literal), int_(steps)

    def derive(self, rounds: int) -> tuple[Function, Theorem]:
        """The function with `rounds` times the first steps before the loop, and |- denote(source) = denote(it)."""
        counted, site = self._counted, self._counted.site
        env = site.env
        low, high, step = counted.bounds
        now = _Now(low, counted.inits, tuple(env[v.name] for v in (low, *counted.inits)))
        emitter = Emitter(site.names, {})
        zero, one, count = (emitter.const(n, I64) for n in (0, 1, literals.int_value(self.steps)))
        site.define(emitter.equations)
        made, theorems = list(emitter.equations), list[tuple[Theorem, Term]]()
        for _ in range(rounds):
            equations, now, proved = self._round(now, (zero, count, one))
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

    def _moved(self, now: _Now) -> Counted:
        _, high, step = self._counted.bounds
        env = self._counted.site.env
        words = (now.words[0], env[high.name], env[step.name], *now.words[1:])
        return Counted.at(self._counted.site.moved((now.at, high, step, *now.state), words))

    # ---- one round

    def _round(
        self, now: _Now, bounds: tuple[Value, Value, Value]
    ) -> tuple[list[Equation], _Now, tuple[Theorem, Term]]:
        """The equations; where the loop is after them; |- the loop from now = bind (them) (the loop from there), and
        the variable in it for what they give."""
        site, here = self._counted.site, self._moved(now)
        left = here.over.argument
        near = add(apply("toZ.i64", now.words[0]), apply("mul", self.step, self.steps))
        scope = here.site.captured()
        emitter = Emitter(site.names, scope)
        tests = [le(self.steps, left), *fits(near)]
        go = emitter.every([emitter.truth_exact(x) for x in tests])
        branch, count = self._branch(here, left, near, bounds)
        results = tuple(site.names.fresh(v.name, v.type) for v in (now.at, *now.state))
        stay = Region((), (), (now.at, *now.state))
        choose = Equation(results, "if", (go,), (), (branch, stay), self._counted.equation.span)
        site.define(emitter.equations)
        found = site.denotation.equation(choose, site.env)
        assert isinstance(found, Effect)
        v = site.denotation.fresh(t.type_of("prod", *(w.type for w in now.words)))
        words = untuple(v, len(results))
        site.env.update(zip((r.name for r in results), words, strict=True))
        site.scope.update((r.name, r) for r in results)
        after = _Now(results[0], results[1:], words)
        proof = _Round(self, here, found.outcome, (left, near), (len(tests), count), after, v)
        return [*emitter.equations, choose], after, (proof.theorem(), v)

    def _branch(self, here: Counted, left: Term, near: Term, bounds: tuple[Value, Value, Value]) -> tuple[Region, int]:
        """Some steps, and further where they changed nothing; the number of tests for that."""
        site = here.site
        names, state = site.names, here.inits
        again = tuple(names.fresh(v.name, v.type) for v in state)
        loop = replace(self._counted.equation, operands=(*bounds, *state), results=again)
        loop = replace(loop, regions=(names.copy(loop.regions[0]),))
        emitter = Emitter(names, site.captured())
        times = apply("floordiv", left, self.steps)
        skip = apply("mul", times, self.steps)
        far = add(apply("toZ.i64", site.env[here.bounds[0].name]), apply("mul", self.step, skip))
        same = [emitter.op("eq", BOOL, a, b) for a, b in zip(again, state, strict=True)]
        tests = [le(_ZERO, times), le(_ZERO, skip), le(skip, left), *fits(far)]
        test = emitter.every([*same, *(emitter.truth_exact(x) for x in tests)])
        words = [emitter.op("cast.wrap", I64, emitter.exact(x)) for x in (far, near)]
        to = emitter.op("select", I64, test, *words, hint="at")
        return Region((), (loop, *emitter.equations), (to, *again)), len(same) + len(tests)

    def loop_from(self, now: _Now, words: Sequence[Term]) -> Counted:
        return self._moved(replace(now, words=tuple(words)))

    @property
    def constant(self) -> tuple[Term, Term, Theorem]:
        """f, h and |- f s x = h s."""
        return self._counted.step, self._once, self._constant


class _Round:
    """The proof of one round."""

    def __init__(
        self,
        cycle: Cycle,
        here: Counted,
        outcome: Term,
        terms: tuple[Term, Term],
        counts: tuple[int, int],
        after: _Now,
        v: Term,
    ) -> None:
        self._cycle, self._here, self._outcome, self._after, self._v = cycle, here, outcome, after, v
        self._left, self._near = terms
        self._outer, self._inner = counts

    def theorem(self) -> Theorem:
        """|- the loop from here = bind (the round) (\\v. the loop from there)."""
        there = self._cycle.loop_from(self._after, untuple(self._v, len(self._after.words)))
        rest = t.lam(self._v, there.site.loop_outcome())
        bind = apply("bind", self._outcome, rest)
        loop = self._here.site.loop_outcome()
        condition = arguments(self._outcome)[1][0]

        def case(known: Theorem) -> Theorem:
            chosen = k.app(k.app(k.refl(bind.function.function), cond_is(known, self._outcome)), k.refl(rest))
            if known.right is not TRUE:
                ran = bind_value(chosen.right)
                return chain(tidy(loop), k.sym(tidy(ran.right)), k.sym(ran), k.sym(chosen))
            facts = {th.left: th for th in all_parts(known, self._outer)}
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
        v = t.var("led", function.bound_type)
        ran_on = self._after_steps(o, v, function, facts)
        stopped = {name: self._stopped(name, o, flat.right, facts) for name in ("trap", "diverge")}
        th = k.outcome_cases(o, v, ran_on, stopped["trap"], stopped["diverge"])
        return chain(th, k.sym(flat), k.sym(opened))

    def _split(self, facts: Facts, o: Term) -> tuple[Theorem, Counted]:
        """|- the loop from here = bind o (\\s. fold f s (the elements from near on)); the loop near."""
        near = self._loop_at(self._near, self._here.state)
        length = self._length(near, (self._cycle.steps, k.compute(le(_ZERO, self._cycle.steps))), self._near, facts)
        mine, (xs, ys, zs) = self._here.opened(), self._lists(o, near)
        split = instantiate_in_two_parts(
            self._cycle.constant, (xs, ys, zs), self._here.state, self._sum(xs, ys, zs, length)
        )
        return k.trans(mine, split), near

    def _lists(self, o: Term, there: Counted) -> tuple[Term, Term, Term]:
        """The elements of the steps taken, those from here on and those from there on."""
        return arguments(o)[1][2], self._here.opened().right.argument, there.opened().right.argument

    def _loop_at(self, to: Term, state: Term) -> Counted:
        words = (apply("ofZ.i64", to), *untuple(state, len(self._after.state)))
        return self._cycle.loop_from(self._after, words)

    def _length(self, there: Counted, steps: tuple[Term, Theorem], to: Term, facts: Facts) -> Theorem:
        number, positive = steps
        return lengths(self._here, there, (number, positive, facts[le(number, self._left)]), landed(to, facts))

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
        word = apply("ofZ.i64", self._near)
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

        return by_cases(test, self._here.site.loop_outcome(), bind, case)

    def _onward(self, o: Term, known: Theorem, v: Term, facts: Facts) -> Theorem:
        """{o = ok v} |- the loop from here = the loop from near on in the state v."""
        split, _ = self._split(facts, o)
        ran = k.app(k.app(k.refl(split.right.function.function), known), k.refl(split.right.argument))
        ran = k.trans(ran, bind_value(ran.right))
        near = self._loop_at(self._near, v)
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
        count = len(self._after.state)
        facts |= {th.left: th for th in every}
        state = self._here.state
        pairs = zip(untuple(v, count), untuple(state, count), every[:count], strict=True)
        same = _together([_same(a, b, th) for a, b, th in pairs], v, state)  # v = s
        times = next(th.left.argument for th in every[count:] if th.left.function.argument is _ZERO)
        skip = apply("mul", times, self._cycle.steps)
        far = add(
            apply("toZ.i64", self._here.site.env[self._here.bounds[0].name]), apply("mul", self._cycle.step, skip)
        )
        there = self._loop_at(far, v)
        xs, ys, zs = self._lists(o, there)
        length = self._length(there, (skip, facts[le(_ZERO, skip)]), far, facts)
        back = k.trans(known, k.app(k.refl(known.right.function), same))  # o = ok s
        whole = instantiate_around(
            self._cycle.constant, (xs, ys, zs), state, (times, facts[le(_ZERO, times)]), length, back
        )
        moved = k.app(k.app(k.refl(whole.right.function.function), k.sym(same)), k.refl(zs))
        return chain(self._here.opened(), whole, moved, k.sym(self._opened(there, moved.right)))


def _together(parts_: Sequence[Theorem], v: Term, state: Term) -> Theorem:
    """|- v = state from its parts."""
    if len(parts_) == 1:
        return parts_[0]
    whole = k.tuple_(*parts_)
    first = k.refl(v) if v.kind == "T" else k.sym(k.tupeta(v))
    last = k.refl(state) if state.kind == "T" else k.tupeta(state)
    return chain(first, whole, last)


def _same(a: Term, b: Term, th: Theorem) -> Theorem:
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
