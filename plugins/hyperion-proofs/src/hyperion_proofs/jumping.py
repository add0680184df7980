"""Untrusted search, a checked theorem: a counting loop in jumps, each where tests say that its closed form holds.

    %m, %x, %s = for 0, ROUNDS, 1, (most, lo, s0) {        m steps at once from element x and state s, or none
      test: 0 <= m <= the elements left, and no sum of these steps leaves i64
      yield (a larger m, x + m * step, the state after m steps) where it holds, else (a smaller m, x, s)
    }
    %r = for %x, hi, step, (%s) { the step as written }

No round changes what the loop gives; so the jumps decide only how many steps are left for the loop as written: none, or
the few to the one that traps. Large jumps are tried first, and after one that fails half of it: from any state the
largest possible jump is found in the logarithm of its size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from hyperion.ir.function import Equation, Region
from hyperion.ir.types import I64
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
from hyperion_proofs.clamping import larger
from hyperion_proofs.counted import Counted
from hyperion_proofs.derived import NoProof, abstract, by_cases, chain, cond_is, instance, replace_all, unfold
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import all_parts, both
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.known_forms import Facts, KnownForm
from hyperion_proofs.loop import add, int_, le
from hyperion_proofs.nonnegative import as_sum, difference, extreme
from hyperion_proofs.polynomials import INDEX
from hyperion_proofs.quotients import cancelled
from hyperion_proofs.splitting import instantiate_kept, instantiate_later, instantiate_shifted
from hyperion_proofs.step_guards import StepGuard
from hyperion_proofs.unfolding import bind_ok
from hyperion_proofs.versions import settled

ROUNDS = 320
"""Enough for 63 halvings, each with up to three rounds, and some more; besides one for each of the largest jumps."""
_MOST_LARGEST = 1 << 16
_ZERO = int_(0)


class Jumps:
    """The loop of a site, over a range whose step is a written number, in jumps and then as written."""

    def __init__(self, counted: Counted, form: Callable[[Counted, Term], KnownForm]) -> None:
        """`form` gives that of a loop for a variable as the number of steps. Raises Refused where there is none."""
        self._counted = counted
        step = counted.step_literal
        assert step is not None
        self._step = int_(step)
        fresh = counted.site.names.fresh
        self._round, self._size, self._at = (fresh(hint, I64) for hint in ("round", "m", "at"))
        self._old = [fresh(v.name, I64) for v in counted.region.parameters[1:]]
        self._words = [t.var(f"jump.{v.name}", t.type_of("i64")) for v in (self._at, *self._old)]
        self._number = t.var("jump.n", t.INT)
        self._general = form(self._moved(self._words), self._number)
        self._state = t.var("jump.state", t.type_of("prod", *(x.type for x in (self._words[0], *self._words))))
        size, *words = untuple(self._state, 1 + len(self._words))
        self._here = self._moved(words)
        self._here.site.env[self._size.name] = size
        self._here.site.scope[self._size.name] = self._size
        self._steps = apply("max", apply("toZ.i64", size), _ZERO)
        self._form = self._formed(words, self._steps)
        self._left = self._here.over.argument
        self._to = add(apply("toZ.i64", words[0]), apply("mul", self._step, self._steps))

    def whole(self) -> KnownForm:
        """The form of the loop as it begins, for all its steps."""
        counted, env = self._counted, self._counted.site.env
        return self._formed([env[v.name] for v in (counted.bounds[0], *counted.inits)], counted.count)

    def _formed(self, words: Sequence[Term], count: Term) -> KnownForm:
        return self._general.at(dict(zip((*self._words, self._number), (*words, count), strict=True)))

    def _moved(self, values: Sequence[Term]) -> Counted:
        """The loop from an element and a state with these values."""
        _, high, step = self._counted.bounds
        site, env = self._counted.site, self._counted.site.env
        words = (values[0], env[high.name], env[step.name], *values[1:])
        return Counted.at(site.moved((self._at, high, step, *self._old), words))

    # ---- the new function

    def region(self) -> Region:
        """A branch that gives the loop's results."""
        counted, site = self._counted, self._counted.site
        fresh = site.names.fresh
        emitter = Emitter(site.names, {})
        most = self._form.most
        turns = ROUNDS + min((1 << 63) // most, _MOST_LARGEST)
        zero, rounds, one, size = (emitter.const(n, I64) for n in (0, turns, 1, most))
        body = self._body()
        low, high, step = counted.bounds
        after = [fresh(v.name, I64) for v in body.parameters[1:]]
        jumps = Equation(tuple(after), "for", (zero, rounds, one, size, low, *counted.inits), (), (body,))
        again = tuple(fresh(r.name, r.type) for r in counted.equation.results)
        rest = replace(counted.equation, operands=(after[1], high, step, *after[2:]), results=again)
        return Region((), (*emitter.equations, jumps, rest), again)

    def _body(self) -> Region:
        site, form = self._here.site, self._form
        emitter = Emitter(site.names, site.captured())
        guard = StepGuard(emitter)
        guard.add([le(self._steps, self._left), *fits(self._to), *form.tests])
        test, self._parts = guard.emit()
        new = [emitter.op("cast.wrap", I64, emitter.exact(x)) for x in (self._to, *form.results)]
        old = (self._at, *self._old)
        chosen = [emitter.op("select", I64, test, a, b, hint=b.name) for a, b in zip(new, old, strict=True)]
        more = apply("min", apply("mul", int_(2), self._steps), int_(form.most))
        less = apply("max", apply("floordiv", self._steps, int_(2)), int_(1))
        sizes = [emitter.op("cast.wrap", I64, emitter.exact(x)) for x in (more, less)]
        size = emitter.op("select", I64, test, *sizes, hint="m")
        return region((self._round, self._size, *old), emitter, (size, *chosen))

    # ---- the proof

    def prove(self, outcome: Term) -> Theorem:
        """|- the loop's outcome = that of the region."""
        function, (jumps, rest) = arguments(outcome)[0], arguments(outcome)[1]
        opened = range_opened(jumps)
        whole = k.app(k.app(k.refl(function), opened), k.refl(rest))
        step, state, xs = arguments(opened.right)[1]
        x = t.var("round", xs.type.args[0] if xs.type.args else xs.type)
        law = abstract((self._state, x), self._same(step, rest, x))
        kept = instantiate_kept(step, rest, xs, law, state)
        loop = tidy(kept.right)
        th = chain(whole, kept, loop)
        if th.right is not self._counted.site.loop_outcome():
            raise NoProof("the loop that the jumps lead to was lost")
        return k.sym(th)

    def _same(self, step: Term, rest: Term, x: Term) -> Theorem:
        """|- bind (step s x) rest = rest s, a round changes nothing."""
        stepped = beta_spine(t.app(step, self._state, x))
        bind = apply("bind", stepped.left, rest)
        inside = bind_ok(k.app(k.app(k.refl(bind.function.function), stepped), k.refl(rest)))
        after = k.trans(inside, tidy(inside.right))
        before = tidy(t.app(rest, self._state))
        items = stepped.right.argument.items
        condition = arguments(items[1])[1][0]

        def case(known: Theorem) -> Theorem:
            chosen = settled(known, after.right)
            if known.right is not TRUE:
                return chain(after, chosen, k.sym(before))
            facts = {th.left: th for th in all_parts(known, self._parts)}
            values = [arguments(u)[1][1] for u in items[1:]]
            jumped = self._jumped(values, facts)
            return chain(after, chosen, k.sym(jumped), k.sym(before))

        return by_cases(condition, bind, before.left, case)

    def _jumped(self, values: Sequence[Term], facts: Facts) -> Theorem:
        """|- the loop from here = the loop from the element and state with these values."""
        here, form, steps = self._here, self._form, self._steps
        there = self._moved(values)
        first, last = here.opened(), there.opened()
        arrived = landed(self._to, facts)
        length = lengths(here, there, (steps, self._positive, facts[le(steps, self._left)]), arrived)
        known, law = (self._positive, length), form.law(facts)
        moved = instantiate_later(here.step, here.element, form.term, steps, (here.over, there.over), law, known)
        function, elements = first.right.function, first.right.argument
        begun = k.app(k.app(k.refl(function.function), form.start()), k.refl(elements))
        ended = k.app(k.app(k.refl(function.function), form.finish(facts)), self._shifted(there, arrived))
        if moved.left is not begun.right or ended.left is not moved.right or ended.right is not last.right:
            raise NoProof("the loop after a jump was lost")
        return chain(first, begun, moved, ended, k.sym(last))

    def _shifted(self, there: Counted, arrived: Theorem) -> Theorem:
        """|- the elements from the jump's end on, counted from here = those counted from there."""
        here = self._here
        old, new = t.app(here.element, add(self._steps, INDEX)), t.app(there.element, INDEX)
        first, last = Evaluator(no_range)(old), beta_spine(new)
        last = k.trans(last, rewritten(last.right, arrived))
        same = INTEGERS.equal(first.right.argument, last.right.argument)
        if same is None:
            raise NoProof("the elements after a jump are others")
        law = k.abs_(INDEX, chain(first, k.app(k.refl(first.right.function), same), k.sym(last)))
        return instantiate_shifted(here.element, there.element, self._steps, there.over, law)

    @cached_property
    def _positive(self) -> Theorem:
        """|- 0 <= the jump."""
        first, _ = extreme("max", self._steps.function.argument)
        return as_sum(first, self._steps)


def fits(to: Term) -> tuple[Term, Term]:
    """That an integer is an i64."""
    return le(int_(I64.minimum), to), le(to, int_(I64.maximum))


def landed(to: Term, facts: Facts) -> Theorem:
    """|- toZ (ofZ to) = to, from the facts that it fits."""
    low, high = (facts[x] for x in fits(to))
    inside = k.trans(instance("i64.inr.def", z=to), both(low, high))
    return discharge(instance("i64.to.of", z=to), inside)


def lengths(here: Counted, there: Counted, steps: tuple[Term, Theorem, Theorem], arrived: Theorem) -> Theorem:
    """|- the length here = steps + the length there, from |- 0 <= steps and |- steps <= the elements left, where
    `arrived` is |- toZ (the element there) = the element here + steps * the range's step."""
    number, positive, enough = steps
    left = here.over.argument
    high = difference(enough)  # 0 <= left - steps
    now, later = Evaluator(no_range)(left), rewritten(there.over.argument, arrived)
    plain = Evaluator(no_range)(number)
    gap = _fewer(now.right, later.right, plain.right)  # the elements left there = those here - steps
    fewer = chain(later, gap, k.app(k.app(k.refl(gap.right.function.function), k.sym(now)), k.sym(plain)))
    still = k.trans(k.app(k.refl(high.left.function), fewer), high)
    low = as_sum(nonneg_add(positive, high), left)
    first, last = length_here(here, low), k.trans(length_here(there, still), fewer)
    total = k.app(k.refl(add(number, number).function), last)
    return chain(first, INTEGERS.equal(left, total.right), k.sym(total))


def length_here(counted: Counted, positive: Theorem) -> Theorem:
    """|- length over = n, where over is a list of n elements and n is not negative."""
    length = counted.counted()  # = max 0 n
    a, b = arguments(length.right)[1]
    return chain(length, instance("int.max.comm", a=a, b=b), larger(positive))


def rewritten(x: Term, same: Theorem) -> Theorem:
    """|- x = x with the left side of `same` replaced, evaluated."""
    moved = replace_all(x, lambda u: same if u is same.left else None) or k.refl(x)
    return k.trans(moved, Evaluator(no_range)(moved.right))


def _fewer(now: Term, later: Term, steps: Term) -> Theorem:
    """|- later = now - steps, for now = -(a // d) and later = -(b // d), where b = a + steps * d."""
    first, second = now.argument, later.argument
    (a, divisor), (b, _) = arguments(first)[1], arguments(second)[1]
    d = literals.int_value(divisor)
    same = INTEGERS.equal(b, add(a, apply("mul", steps, divisor)))
    if same is None:
        raise NoProof("the steps left after a jump are not known")
    function = apply("mod", b, divisor).function.function
    rest = k.trans(
        k.app(k.app(k.refl(function), same), k.refl(divisor)),
        instance("int.mod.period", a=a, k=steps, m=divisor),
    )  # b % d = a % d
    old, new = (instance("int.floordiv.mod", a=x, m=divisor) for x in (a, b))
    moved = k.app(k.refl(new.left.function), rest)
    value = apply("sub", b, apply("mod", a, divisor))

    def less(th: Theorem) -> Theorem:
        """From |- x + a % d = y: |- x = y - a % d."""
        x, r = th.left.function.argument, th.left.argument
        gone = k.app(k.app(k.refl(apply("sub", x, r).function.function), th), k.refl(r))
        alone = INTEGERS.equal(x, gone.left)
        assert alone is not None
        return k.trans(alone, gone)

    whole, part = less(k.trans(k.sym(moved), new)), less(old)  # d * (b // d) = b - a % d, d * (a // d) = a - a % d
    wanted = apply("add", first, steps)
    scaled = add(apply("mul", steps, divisor), apply("mul", divisor, first))
    right = k.app(k.refl(scaled.function), part)
    both_sides = chain(whole, INTEGERS.equal(value, right.right), k.sym(right))
    if d < 0:
        both_sides = _negated(both_sides)
    found = cancelled(abs(d), second, wanted, both_sides)
    negated = k.app(k.refl(later.function), found)
    return chain(negated, INTEGERS.equal(negated.right, apply("sub", now, steps)))


def _negated(th: Theorem) -> Theorem:
    """From |- x = y: |- -x = -y."""
    return k.app(k.refl(apply("neg", th.left).function), th)


def range_opened(x: Term) -> Theorem:
    """|- bind (range ..) (\\xs. fold f s xs) = fold f s (the elements), for a range of written numbers."""
    ranged, over = arguments(x)[1]
    opened = unfold("range", ranged)
    choice = opened.right
    elements = chain(opened, cond_is(Evaluator(no_range)(arguments(choice)[1][0]), choice))
    bind = x.function.function
    return bind_ok(k.app(k.app(k.refl(bind), elements), k.refl(over)))


def tidy(x: Term) -> Theorem:
    """|- x = x beta-reduced, parts of tuples taken."""
    th = beta_spine(x)
    taken = replace_all(th.right, lambda u: k.projbeta(u) if u.kind == "P" and u.body.kind == "T" else None)
    return k.trans(th, taken) if taken else th
