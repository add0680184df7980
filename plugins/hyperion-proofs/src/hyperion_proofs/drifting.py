"""Untrusted search, checked theorems: a counting loop whose state moves evenly, by the same amount in every p steps.

    %a = p steps as written from %s; %b = p steps as written from %a
    where b - a = a - s:  on by T times p steps, to the state a + T (a - s)
    %r = for %x1, hi, step, (%t) { the step as written }

For a step that is affine in its state no step up to there traps if none of the first p and none of the next p does: all
states are between those. The loop as written goes on from there, so it traps where one of the next p does; and then the
loop does so anyway, there or before. T is as large as the elements left and the range of words allow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from hyperion.ir.function import Function, Region
from hyperion.ir.types import I64
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of, untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.affine import OF, STEPS, Affine, convex, shares_of, sides
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counted import Counted, denied
from hyperion_proofs.counting import FORM, ONE, ZERO, N
from hyperion_proofs.cycling import Bounds, Cycle, Made, Now, Outline, Round, together
from hyperion_proofs.derived import by_cases, chain, contradiction, instance, replace_all
from hyperion_proofs.emission import Emitter
from hyperion_proofs.implication import all_parts, both, eliminate, introduce
from hyperion_proofs.jumping import fits, length_here, tidy
from hyperion_proofs.known_forms import Facts
from hyperion_proofs.ladder.intervals import implied
from hyperion_proofs.loop import XS, add, int_, le
from hyperion_proofs.repeating import BS, QS, counted, general, length_of
from hyperion_proofs.segments import (
    ANY,
    BETWEEN,
    between_theorem,
    blocks_theorem,
    has_value,
    of_outcome,
    of_value,
    ran,
    rewritten_test,
)
from hyperion_proofs.splitting import both_ways
from hyperion_proofs.unfolding import bind_value, sure

BLOCK = 5040
"""Steps after which a state is looked at: a multiple of all periods up to 10, and of 12, 14, 15, 16. Where the powers
of an integer matrix do not grow exponentially, its eigenvalues are 0 or roots of unity (Kronecker 1857), of these
periods where it is small."""
_FREE = 1 << 64
_I = t.var("i", t.INT)


class Drift(Cycle):
    """The loop at `function.equations[index]`, whose step is affine. Raises Refused where it is not."""

    def __init__(self, function: Function, index: int) -> None:
        super().__init__(function, index, BLOCK)
        if any(v.type != I64 for v in self._counted.inits):
            raise Refused("the state is not of 64-bit integers only", span=self._counted.equation.span)
        once = self.constant[1]
        self.affine = Affine(once, len(self._counted.inits), self._counted.equation.span)

    @property
    def matrix_varies(self) -> bool:
        """Whether the step multiplies its state by values that are known at run time only."""
        return self.affine.varies

    def rounds(self, count: int) -> Sequence[Callable[[Now, Bounds], Made]]:
        return [self._plain, self._long]

    def _plain(self, now: Now, bounds: Bounds) -> Made:
        """Some steps, after which the part of the state that dies out is gone."""

        def branch(here: Counted, left: Term, near: Term) -> tuple[Region, Callable[[Outline], Round]]:
            loop = self.some_steps(here, bounds)
            emitter = Emitter(here.site.names, here.site.captured())
            at = emitter.op("cast.wrap", I64, emitter.exact(near), hint="at")
            return Region((), (loop, *emitter.equations), (at, *loop.results)), lambda o: _Plain(self, o, 0)

        return self.round_of(now, branch)

    def _long(self, now: Now, bounds: Bounds) -> Made:
        """Some steps, and the same number again, where they are left."""

        def branch(here: Counted, left: Term, near: Term) -> tuple[Region, Callable[[Outline], Round]]:
            site = here.site
            loop = self.some_steps(here, bounds)
            emitter = Emitter(site.names, site.captured())
            at = emitter.op("cast.wrap", I64, emitter.exact(near), hint="at")
            base = self._counted.site
            base.define(emitter.equations)
            led = base.denotation.fresh(here.state.type)
            words = untuple(led, len(loop.results))
            base.env.update(zip((r.name for r in loop.results), words, strict=True))
            base.scope.update((r.name, r) for r in loop.results)
            then = Now(at, loop.results, (base.env[at.name], *words))
            first = _First(here, led)
            equations, after, proved = self.round_of(
                then, lambda again, rest, to: self._jump(first, again, rest, to, bounds)
            )
            taken = Region((), (loop, *emitter.equations, *equations), (after.at, *after.state))
            return taken, lambda outline: _Leading(self, outline, led, proved)

        return self.round_of(now, branch)

    def _jump(
        self, first: _First, here: Counted, left: Term, near: Term, bounds: Bounds
    ) -> tuple[Region, Callable[[Outline], Round]]:
        """The same number of steps again, and on where the state moved as in the first."""
        site, loop = here.site, self.some_steps(here, bounds)
        led = self._counted.site.denotation.fresh(here.state.type)
        given = dict(zip(untuple(led, len(loop.results)), loop.results, strict=True))
        emitter = Emitter(site.names, {**site.captured(), **given})
        jump = Jump(self.affine, (first.before.state, here.state, led), left, self.steps)
        far = add(apply("toZ.i64", site.env[here.bounds[0].name]), apply("mul", self.step, jump.skip))
        tests = [*jump.tests, *fits(far)]
        test = emitter.every([emitter.truth_exact(x) for x in tests])
        there = [emitter.op("cast.wrap", I64, emitter.exact(x)) for x in (far, *jump.reached)]
        other = [emitter.op("cast.wrap", I64, emitter.exact(near)), *loop.results]
        chosen = [emitter.op("select", I64, test, a, b, hint=b.name) for a, b in zip(there, other, strict=True)]
        taken = Region((), (loop, *emitter.equations), tuple(chosen))
        return taken, lambda outline: _Jumping(self, outline, first, jump, far, len(tests))


@dataclass(frozen=True)
class _First:
    """The first of two times some steps: the loop before, and the variable for the state after."""

    before: Counted
    led: Term


class Jump:
    """T times the steps at once: from a state s that came to a by them, and that to b."""

    def __init__(
        self, affine: Affine, states: tuple[Term, Term, Term], left: Term, steps: Term, times: Term | None = None
    ) -> None:
        self.states = s, a, b = states
        self.left, self.steps = left, steps
        self.start, self.middle, self.led = s, a, b
        self.old, self.now, self.next = (affine.integers(u) for u in (s, a, b))
        self.moves = [apply("sub", x, y) for x, y in zip(self.now, self.old, strict=True)]
        self.times = times or self._most()
        self.blocks = add(ONE, self.times)
        self.skip = apply("mul", self.times, steps)
        self.reached = self.at(self.blocks)
        even = [both for gap, d in zip(self._gaps(), self.moves, strict=True) for both in (le(gap, d), le(d, gap))]
        self.room = le(add(self.skip, steps), left)
        inside = [x for e in self.reached for x in fits(e)]
        self.tests = [*even, le(ZERO, self.times), self.room, *inside]

    def _most(self) -> Term:
        """As many times as there are steps for, all but one, and as the words have room for."""
        times = apply("sub", apply("floordiv", self.left, self.steps), int_(1))
        for x, d in zip(self.now, self.moves, strict=True):
            for room in _rooms(x, d):
                times = apply("min", times, room)
        return times

    def at(self, i: Term) -> list[Term]:
        """The integers of the state after i times the steps, from s on."""
        return [add(x, apply("mul", i, d)) for x, d in zip(self.old, self.moves, strict=True)]

    def _gaps(self) -> list[Term]:
        return [apply("sub", x, y) for x, y in zip(self.next, self.now, strict=True)]

    def even(self, facts: Facts) -> list[Theorem]:
        """|- b - a = a - s for each component."""
        found: list[Theorem] = []
        for gap, d in zip(self._gaps(), self.moves, strict=True):
            found.append(discharge(instance("int.le.antisym", a=gap, b=d), facts[le(gap, d)], facts[le(d, gap)]))
        return found


def _shown(goal: Term, facts: Sequence[Theorem]) -> Theorem:
    """|- goal = true, a fact or by linear arithmetic from them."""
    return next((th for th in facts if th.left is goal), None) or implied(goal, facts)


def _rooms(x: Term, d: Term) -> tuple[Term, Term]:
    """How many times d may be added to x before it is above or below the words; many where d goes the other way."""

    def room(size: Term, toward: Term) -> Term:
        away = apply("min", ONE, apply("max", ZERO, apply("sub", ONE, toward)))
        return apply("floordiv", add(size, apply("mul", int_(_FREE), away)), apply("max", toward, ONE))

    above, below = apply("sub", int_(I64.maximum), x), apply("sub", x, int_(I64.minimum))
    return room(above, d), room(below, apply("neg", d))


class _Plain(Round):
    """The proof of some steps."""

    def _after_steps(self, o: Term, v: Term, function: Term, facts: Facts) -> Theorem:
        known = k.assume(o, apply("ok", v))
        bind = apply("bind", o, function)
        ran_on = k.app(k.app(k.refl(bind.function.function), known), k.refl(function))
        ran_on = k.trans(ran_on, bind_value(ran_on.right))
        return k.trans(self._reached(self._onward(o, known, v, facts), ran_on.right), k.sym(ran_on))

    def _reached(self, th: Theorem, x: Term) -> Theorem:
        """|- the loop from here = x, from |- the loop from here = the loop from near on."""
        run = bind_value(x)
        last = k.trans(run, tidy(run.right))
        same = tidy(th.right)
        return chain(th, same, k.sym(last))


class _Leading(_Plain):
    """The proof of the first steps, with the next ones inside of their branch."""

    def __init__(self, cycle: Cycle, outline: Outline, led: Term, inner: tuple[Theorem, Term]) -> None:
        super().__init__(cycle, outline, 0)
        self._variable, self._next = led, inner

    def _led(self, type_: t.Ty) -> Term:
        return self._variable

    def _reached(self, th: Theorem, x: Term) -> Theorem:
        return k.trans(th, self._next[0])


class _Jumping(Round):
    """The proof of the next steps."""

    def __init__(self, cycle: Drift, outline: Outline, first: _First, jump: Jump, far: Term, tests: int) -> None:
        super().__init__(cycle, outline, tests)
        self._affine, self._first, self._jump, self._far = cycle.affine, first, jump, far

    def _led(self, type_: t.Ty) -> Term:
        return self._jump.led

    def _around(
        self, o: Term, known: Theorem, v: Term, every: Sequence[Theorem], facts: dict[Term, Theorem]
    ) -> Theorem:
        """{o = ok v} |- the loop from here = the loop from far on, in the state that was jumped to."""
        jump = self._jump
        facts |= {th.left: th for th in every}
        words = [apply("ofZ.i64", x) for x in jump.reached]
        there = self.cycle.loop_from(self.outline.after, (apply("ofZ.i64", self._far), *words))
        xs, ys, zs = self._lists(o, there)
        begun = apply("fold", self.cycle.constant[0], self._first.before.state, xs)
        first = k.assume(begun, apply("ok", self._first.led))
        times = t.var("times", t.INT)
        general_jump = Jump(self._affine, jump.states, jump.left, jump.steps, times)
        blocks = _Blocks(self._affine, self.cycle.constant, general_jump, xs, (first, known))
        end = t.var("end", zs.type)
        whole = k.inst({times: jump.times, end: zs}, blocks.theorem(end))
        whole = discharge(whole, *(facts[x] for x in jump.tests))
        positive = facts[le(ZERO, jump.times)]
        skipped = implied(le(ZERO, jump.skip), [positive])
        fewer = implied(le(jump.skip, self.left), [facts[jump.room]])
        length = self._length(there, (jump.skip, skipped), self._far, {**facts, fewer.left: fewer})
        total = self._total(xs, ys, zs, length, positive)
        enough = self._enough(xs, zs, length, skipped, facts)
        whole = discharge(whole, enough)
        qs = counted(jump.times, positive)
        reach = [implied(c, both_ways(qs)) for c in _reach(qs.left, jump.blocks)]
        done = eliminate(whole, (ONE, ys), [k.compute(le(ONE, ONE)), *reach, *both_ways(total)])
        f = self.cycle.constant[0]
        start = k.app(k.app(k.refl(apply("fold", f, jump.middle, ys).function.function), blocks.begins()), k.refl(ys))
        ended = k.app(k.app(k.refl(done.right.function.function), k.beta(done.right.function.argument)), k.refl(zs))
        return chain(self.here.opened(), k.sym(start), done, ended, k.sym(self._opened(there, ended.right)))

    def _total(self, xs: Term, ys: Term, zs: Term, length: Theorem, positive: Theorem) -> Theorem:
        """|- length ys = length qs * length xs + length zs, with qs as long as T."""
        a, b, c = length_of(ys), length_of(xs), length_of(zs)
        qs = counted(self._jump.times, positive)
        product = apply("mul", qs.left, b.left)
        scaled = k.app(k.app(k.refl(product.function.function), qs), b)
        whole = k.app(k.app(k.refl(add(product, c.left).function.function), scaled), c)
        return chain(a, length, k.sym(whole))

    def _enough(self, xs: Term, zs: Term, length: Theorem, skipped: Theorem, facts: Facts) -> Theorem:
        """|- length xs <= length zs."""
        some = implied(le(ZERO, self.left), [skipped, facts[self._jump.room]])
        known = [length_of(xs), length_of(zs), length, length_here(self.here, some)]
        sides = [fact for th in known for fact in both_ways(th)]
        return implied(le(apply("length", xs), apply("length", zs)), [*sides, facts[self._jump.room]])


def _reach(length: Term, blocks: Term) -> tuple[Term, Term]:
    reach = add(ONE, length)
    return le(reach, blocks), le(blocks, reach)


class _Blocks:
    """What the theorems of `segments` ask of one loop."""

    def __init__(
        self,
        affine: Affine,
        constant: tuple[Term, Term, Theorem],
        jump: Jump,
        xs: Term,
        known: tuple[Theorem, Theorem],
    ) -> None:
        self._affine, self._constant, self._jump, self._xs = affine, constant, jump, xs
        self._facts = {x: k.assume(x, TRUE) for x in jump.tests}
        self._first, self._next = known  # fold f s xs = ok a, fold f a xs = ok b
        self._any = jump.start
        self.form = t.lam(_I, self._state(_I))

    @cached_property
    def _law(self) -> Theorem:
        return self._affine.law(self._any)

    def _state(self, i: Term) -> Term:
        return tuple_of(tuple(apply("ofZ.i64", x) for x in self._jump.at(i)))

    def theorem(self, rest: Term) -> Theorem:
        """{the tests, length xs <= length rest} |- the theorem about blocks, with rest after them."""
        th = general(
            blocks_theorem(),
            self._constant,
            {XS: self._xs, BS: rest},
            {FORM: self.form, N: self._jump.blocks, QS: apply("count", self._jump.times)},
        )
        return discharge(th, self._affine.fine(), self._goes_on(), self._stops())

    def begins(self) -> Theorem:
        """|- c 1 = a."""
        opened = k.beta(t.app(self.form, ONE))
        parts: list[Theorem] = []
        for x, word in zip(self._jump.at(ONE), untuple(self._jump.middle, self._affine.count), strict=True):
            same = sure(INTEGERS.equal(x, apply("toZ.i64", word)))
            back = k.app(k.refl(apply("ofZ.i64", x).function), same)
            parts.append(k.trans(back, instance("i64.of.to", x=word)))
        return k.trans(opened, together(parts, opened.right, self._jump.middle))

    def _block(self, state: Term) -> Term:
        return apply("fold", self._constant[0], state, self._xs)

    def _opened(self, i: Term) -> Theorem:
        """|- fold f (c i) xs = fold f (..) xs, with c written."""
        th = k.beta(t.app(self.form, i))
        return k.app(k.app(k.refl(self._block(th.left).function.function), th), k.refl(self._xs))

    def _values(self, i: Term, facts: Sequence[Theorem]) -> dict[Term, Theorem]:
        """|- toZ (ofZ x) = x for the integers of c i, from 1 <= i <= the blocks."""
        jump, q = self._jump, self._jump.blocks
        shares = [_shown(c, facts) for c in shares_of(i, q)]
        found: dict[Term, Theorem] = {}
        for x, y, z in zip(jump.old, jump.at(i), jump.reached, strict=True):
            low, high = (self._facts[c] for c in fits(z))
            last = k.trans(instance("i64.inr.def", z=z), both(low, high))
            first = instance("i64.inr.to", x=x.argument)
            gap = sure(INTEGERS.equal(*sides(i, q, x, y, z)))
            inside = discharge(convex(first, last, gap, y, (i, q)), *shares)
            th = discharge(instance("i64.to.of", z=y), inside)
            found[th.left] = th
        return found

    def _segment(
        self,
        shares: tuple[Term, Term],
        facts: Sequence[Theorem],
        states: tuple[Term, Term, Term],
        values: dict[Term, Theorem],
        last: Theorem,
    ) -> list[Theorem]:
        """|- ran (fold f y xs) and |- R of the values, for states s, y, z, from |- ran (fold f z xs)."""
        n, m = shares
        affine = self._affine
        between = affine.between(n, m)
        law = discharge(k.inst({STEPS: n, OF: m}, self._law), *(_shown(c, facts) for c in shares_of(n, m)))
        th = general(between_theorem(), self._constant, {XS: self._xs}, {BETWEEN: between, ANY: self._any})
        th = discharge(th, law)
        gaps: list[Theorem] = []
        for words in zip(*(affine.integers(u) for u in states), strict=True):
            left, right = sides(n, m, *words)
            a, b = (replace_all(side, values.get) or k.refl(side) for side in (left, right))
            gaps.append(chain(a, sure(INTEGERS.equal(a.right, b.right)), k.sym(b)))
        held = affine.held(t.app(between, *states), gaps)
        first = of_outcome(ran(self._first.left), self._first)
        return all_parts(eliminate(th, states, [held, first, last]), 2)

    def _goes_on(self) -> Theorem:
        jump, affine = self._jump, self._affine
        conditions = self._conditions(0)
        low, high, test = (k.assume(c, TRUE) for c in conditions)
        opened = self._opened(_I)
        block = rewritten_test(test, opened)
        values = self._values(_I, [low, implied(le(_I, jump.blocks), [high])])
        states = jump.start, jump.middle, self._state(_I)
        one = k.compute(le(ZERO, ONE))
        _, held = self._segment((ONE, _I), [one, low], states, values, block)
        between = affine.between(ONE, _I)
        had = has_value(block, self._any)
        goal = k.refl(between)
        for th in (of_value(self._first, self._any), of_value(self._next, self._any), k.refl(had.right.argument)):
            goal = k.app(goal, th)
        equations = affine.equations(k.trans(k.sym(goal), held))  # i (b - a) = 1 (w - a)
        parts: list[Theorem] = []
        later = add(ONE, _I)
        words = untuple(had.right.argument, affine.count)
        rows = zip(words, equations, jump.even(self._facts), jump.now, jump.at(later), strict=True)
        for word, th, even, now, target in rows:
            w = apply("toZ.i64", word)
            moved = k.app(k.refl(th.left.function), even)  # i (b - a) = i (a - s)
            same = chain(k.sym(th), moved)  # 1 (w - a) = i (a - s)
            whole = k.app(k.refl(add(now, w).function), same)
            value_ = chain(INTEGERS.equal(w, whole.left), whole, INTEGERS.equal(whole.right, target))
            back = k.app(k.refl(apply("ofZ.i64", w).function), value_)
            parts.append(k.trans(k.sym(instance("i64.of.to", x=word)), back))
        state = together(parts, had.right.argument, self._state(later))
        form = k.trans(state, k.sym(k.beta(t.app(self.form, later))))
        done = chain(opened, had, k.app(k.refl(had.right.function), form))
        return introduce((_I,), conditions, done)

    def _conditions(self, which: int) -> list[Term]:
        """Of the laws."""
        jump = self._jump
        block = ran(self._block(t.app(self.form, _I)))
        if which == 0:
            return [le(ONE, _I), le(add(ONE, _I), jump.blocks), block]
        return [le(ONE, _I), le(_I, jump.blocks), apply("not", block)]

    def _stops(self) -> Theorem:
        jump = self._jump
        conditions = self._conditions(1)
        low, high, no = (k.assume(c, TRUE) for c in conditions)
        opened, at_end = self._opened(_I), self._opened(jump.blocks)
        goal = ran(at_end.left)

        def case(known: Theorem) -> Theorem:
            if known.right is FALSE:
                return known
            more = implied(le(ONE, jump.blocks), [low, high])
            values = self._values(_I, [low, high]) | self._values(jump.blocks, [more])
            states = jump.start, self._state(_I), self._state(jump.blocks)
            last = rewritten_test(known, at_end)
            middle, _ = self._segment((_I, jump.blocks), [low, high], states, values, last)
            back = rewritten_test(middle, k.sym(opened))
            return contradiction(k.trans(k.sym(back), denied(no)), goal, FALSE)

        return introduce((_I,), conditions, by_cases(goal, goal, FALSE, case))
