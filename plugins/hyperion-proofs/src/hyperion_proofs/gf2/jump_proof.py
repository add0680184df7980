"""Untrusted. That the power of a polynomial, in the place of a loop whose step is linear over bits, is that loop."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE
from hyperion.logic.derived import arguments, beta_spine, chain, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of
from hyperion.logic.terms import Term
from hyperion_proofs.counted import Counted
from hyperion_proofs.derived import NoProof, abstract, at, by_cases, cond_is
from hyperion_proofs.gf2.modulo import Modulo
from hyperion_proofs.gf2.orbits import Orbit, advanced, top_laws
from hyperion_proofs.gf2.places import decided, highest_test
from hyperion_proofs.gf2.ring import suffixes
from hyperion_proofs.gf2.spaces import LinearMap, Words, gate_of_parts, part, parts_taken, tidied, together
from hyperion_proofs.gf2.vectors import over, unrolled
from hyperion_proofs.gf2.words import alone, bit, literal, masked_sum, same, xor
from hyperion_proofs.gf2.words import at as named
from hyperion_proofs.implication import equal_words
from hyperion_proofs.simulated_power import instantiate_simulated
from hyperion_proofs.unfolding import bind_value


def top_sum(orbit: Orbit, polynomials: Words, place: int) -> Theorem:
    """|- the highest bit goes through sums, as a closed equation"""
    space, v = orbit.space, polynomials.type
    x, y = t.var("x", v), t.var("y", v)
    total = polynomials.summed(x, y)
    tops = [orbit.top(u, orbit.start) for u in (total.left, x, y)]
    words = [polynomials.parts(u)[-1] for u in (total.right, x, y)]
    word = words[0].type.name
    law = alone(word, place)
    mask = literal(word, 1 << place)
    right = space.sum(tops[1], tops[2])

    def gate(top: Term, moved: Theorem | None, m: Term, masked: Theorem) -> Theorem:
        """|- top = 0 or the start, from |- m & 2**n = a literal"""
        highest = k.beta(top.function.function.argument)
        if moved is not None:
            changed = k.app(k.refl(top.function.function.argument.function), moved)
            highest = k.trans(changed, k.beta(changed.right))
        return cond_is(k.trans(parts_taken(highest), decided(m, place, masked)), top)

    def case(p: Theorem, q: Theorem) -> Theorem:
        first, last = (
            k.trans(named(law, x=m), cond_is(known, named(law, x=m).right))
            for m, known in ((words[1], p), (words[2], q))
        )
        split = named(masked_sum(word), x=words[1], y=words[2], z=mask)
        put = k.trans(split, k.app(k.app(k.refl(xor(mask, mask).function.function), first), last))
        zero = literal(word, 0)
        ends = zero if first.right is last.right else mask
        summed = k.trans(put, same(put.right, ends))
        parts = [gate(tops[1], None, words[1], first), gate(tops[2], None, words[2], last)]
        added = k.app(k.app(k.refl(space.plus), parts[0]), parts[1])
        left = gate(tops[0], total, words[0], summed)
        laws = dict(zip(space.laws(), orbit.laws, strict=True))
        start, nothing = orbit.start, space.zero
        if p.right is FALSE:
            ended = at(laws["null"], parts[1].right)
        elif q.right is FALSE:
            ended = k.trans(at(laws["comm"], start, nothing), at(laws["null"], start))
        else:
            ended = at(laws["self"], start)
        return k.trans(left, k.sym(k.trans(added, ended)))

    def given(p: Theorem) -> Theorem:
        return by_cases(bit(words[2], place), tops[0], right, lambda q: case(p, q))

    return abstract((x, y), by_cases(bit(words[1], place), tops[0], right, given))


class JumpProof:
    """Of a loop, its step as a map, the polynomial, and the words of `horner` of all coefficients, of all but the
    first, .., of none."""

    def __init__(self, counted: Counted, step: LinearMap, modulo: Modulo, values: Sequence[Sequence[Term]]) -> None:
        self.counted, self.map, self.modulo, self.values = counted, step, modulo, values
        self.vectors, self.ring = self.map.vectors, self.modulo.ring
        self.polynomials = self.ring.vectors
        self.lists = suffixes(self.modulo.absent)
        r = t.var("r", self.polynomials.type)
        highest = t.lam(r, self.ring.highest(self.polynomials.parts(r)))
        self.orbit = Orbit(
            self.vectors.space, self.map.term, self.modulo.next, highest, self.counted.state, self.vectors.laws()
        )

    # ---- values of the loop

    @cached_property
    def horner(self) -> list[Theorem]:
        """|- horner of the last coefficients = its words, for all of them, all but the first, .., none"""
        horner = self.orbit.horner(self.lists[-1])
        found = [unrolled(horner)]
        plus = k.refl(self.vectors.space.plus)
        for tests in reversed(self.lists[:-1]):
            th = unrolled(over(horner, tests))
            gate = th.right.argument
            moved = k.app(k.refl(self.map.term), found[0])
            moved = k.trans(moved, self.map.opened(moved.right.argument))
            added = k.app(k.app(plus, moved), cond_is(k.refl(gate.function.function.argument), gate))
            found.insert(0, chain(th, added, self.vectors.summed(moved.right, added.right.argument)))
        for th, words in zip(found, self.values, strict=True):
            if th.right is not tuple_of(words):
                raise NoProof("the values of the polynomial are others")
        return found

    def guard(self, facts: Sequence[Theorem]) -> Theorem:
        """|- horner of all coefficients = 0"""
        return k.trans(self.horner[0], together([equal_words(th) for th in facts]))

    # ---- the state that a polynomial stands for

    @property
    def picture(self) -> Term:
        """Of a polynomial, the state."""
        r = self.polynomial
        return t.lam(r, t.app(self.orbit.spread(self.modulo.tests), self.modulo.kept(r)))

    def pictured(self, r: Term, kept: Theorem | None = None) -> Theorem:
        """|- picture r = spread ps (keep r), or spread ps x from |- keep r = x."""
        th = k.beta(t.app(self.picture, r))
        return th if kept is None else k.trans(th, k.app(k.refl(th.right.function), kept))

    @cached_property
    def _written(self) -> tuple[Term, Theorem]:
        """r, and |- picture r = the words of it"""
        r, plus = t.var("power.r", self.polynomials.type), k.refl(self.vectors.space.plus)
        start = self.pictured(r, self.ring.keep.opened(r))
        v, steps, spread = start.right.argument, list[tuple[Theorem, Theorem]](), self.orbit.spread(self.lists[-1])
        for tests, horner in zip(self.lists[:-1], self.horner[1:], strict=True):
            th = unrolled(over(spread, tests), v)
            gate, rest = th.right.function.argument, th.right.argument
            test = parts_taken(k.beta(gate.function.function.argument))
            function = k.app(k.refl(gate.function.function.function), test)
            put = k.app(k.app(function, k.refl(gate.function.argument)), horner)
            put = k.trans(put, gate_of_parts(self.vectors, test.right, horner.right))
            after = self.modulo.next_opened(v)
            steps.append((k.trans(th, k.app(k.app(plus, put), k.refl(rest))), after))
            v = after.right
        return r, k.trans(start, self.vectors.added_up(steps, unrolled(self.orbit.spread(self.lists[-1]), v)))

    def written(self, r: Term) -> Theorem:
        """|- picture r = its words"""
        v, th = self._written
        return k.inst({v: r}, th)

    @cached_property
    def begins(self) -> Theorem:
        """|- picture 1 = the state at first"""
        laws = dict(zip(self.vectors.space.laws(), self.vectors.laws(), strict=True))
        plus, zero, ring = k.refl(self.vectors.space.plus), self.vectors.space.zero, self.ring
        spread = self.orbit.spread(self.lists[-1])
        last = unrolled(spread, tuple_of(self.modulo.words))
        for n in range(ring.width - 1, -1, -1):
            th = unrolled(over(spread, self.lists[n]), ring.power(n))
            gate, rest = th.right.function.argument, th.right.argument
            test = parts_taken(k.beta(gate.function.function.argument))
            test = k.trans(test, self._highest(test.right))
            chosen = cond_is(test, gate)
            moved = k.inst(dict(zip(ring.modulus, self.modulo.words, strict=True)), ring.moves[n])
            tail = k.trans(k.app(k.refl(rest.function), moved), last)
            if n + 1 < ring.width:
                ended = at(laws["null"], tail.right)
            else:
                chosen = k.trans(chosen, unrolled(self.orbit.horner(self.lists[-1])))
                start = chosen.right
                ended = k.trans(at(laws["comm"], start, zero), at(laws["null"], start))
            last = chain(th, k.app(k.app(plus, chosen), tail), ended)
        return k.trans(self.pictured(ring.power(0), ring.power_kept(0)), last)

    def _highest(self, test: Term) -> Theorem:
        """|- the test that the highest bit of a literal is 0 = true or false"""
        return highest_test(test.function.argument.argument.function.argument, self.ring.top)

    # ---- the laws of the power

    def _product(self, function: Term) -> tuple[Term, Term, Theorem]:
        """m, r and |- function m r = times m (keep r)"""
        m, r = (t.var(n, self.polynomials.type) for n in ("m", "r"))
        opened = beta_spine(t.app(function, m, r))
        written = self.modulo.product(m, r)
        if opened.right is not written.right:
            raise NoProof("the product of polynomials is written in another way")
        return m, r, k.trans(opened, k.sym(written))

    def _join(self, mul: Term, act: Term) -> Theorem:
        a, b, r = (t.var(n, self.polynomials.type) for n in ("A", "B", "r"))
        m, v, acts = self._product(act)
        times = self._product(mul)[2] if mul is not act else acts

        def acted(x: Term, y: Term) -> Theorem:
            return k.inst({m: x, v: y}, acts)

        inner = acted(b, r)
        left = k.trans(k.app(k.refl(t.app(act, a)), inner), acted(a, inner.right))
        product = k.inst({m: a, v: b}, times)
        right = k.app(k.app(k.refl(act), product), k.refl(r))
        right = k.trans(right, acted(product.right, r))
        return abstract((a, b, r), chain(left, tidied(self.modulo.associative(a, b, r)), k.sym(right)))

    def _step(self, act: Term, m0: Term, guard: Theorem, one_step: Theorem) -> Theorem:
        """From |- f s x = ok (a s) for every s that is a picture: the law of a step"""
        r, x = self.polynomial, t.var("x", self.counted.step.body.bound_type)
        top = top_laws(self.orbit, self.polynomials.space)
        laws = [top_sum(self.orbit, self.polynomials, self.ring.top), self._top_zero(top["zero"])]
        facts = (*self.vectors.laws(), self.map.additive, *laws, guard, self.modulo.whole)
        kept = self.modulo.kept(r)
        further = advanced(self.orbit, self.polynomials.space, self.modulo.tests, kept, *facts)
        m, v, acts = self._product(act)
        following = k.trans(tidied(k.inst({m: m0, v: r}, acts)), tidied(self.modulo.following))
        there = self.pictured(following.right, at(self.modulo.next_kept, kept))  # = spread ps (B (keep r))
        back = k.app(k.refl(self.map.term), k.sym(self.pictured(r)))
        moved = chain(k.app(k.refl(self.picture), following), there, further, back)
        return abstract((r, x), k.trans(one_step, k.app(k.refl(one_step.right.function), k.sym(moved))))

    def at_picture(self, one_step: Theorem, kept: Theorem | None = None) -> Theorem:
        """From {s & mask = s} |- f s x = ok (a s): the same for the state that r stands for, from |- its parts & mask
        = its parts."""
        state = t.app(self.picture, self.polynomial)
        th = k.inst({t.var("s", self.vectors.type): state}, one_step)
        if kept is not None:
            th = discharge(th, *(part(kept, i, self.vectors.count) for i in range(self.vectors.count)))
        if th.hypotheses - (kept.hypotheses if kept is not None else frozenset()):
            raise NoProof("a state of the loop is not known to be within its range")
        return th

    @property
    def polynomial(self) -> Term:
        """The variable of laws."""
        return t.var("r", self.polynomials.type)

    def _top_zero(self, sides: tuple[Term, Term]) -> Theorem:
        """|- the highest bit of 0 is not set"""
        left, _ = sides
        test = parts_taken(k.beta(left.function.function.argument))
        return cond_is(k.trans(test, self._highest(test.right)), left)

    def proved(self, outcome: Term, guard: Theorem, one_step: Theorem, range_step: Theorem | None) -> Theorem:
        """|- the loop's outcome = the outcome of the power and of what follows it"""
        power, rest = arguments(outcome)[1]
        whole = self.counted.opened_power(power, range_step)
        mul, act, xs, m0, one = arguments(whole.right.argument)[1]
        opened = self.counted.opened(range_step)
        fold = opened.right.function.function
        begun = k.app(k.app(k.refl(fold), k.sym(self.begins)), k.refl(xs))
        laws = self._step(act, m0, guard, one_step), self._join(mul, act)
        done = instantiate_simulated(self.counted.step, self.picture, (mul, act, m0), xs, one, laws)
        result = k.app(k.refl(done.right.function), self.written(done.right.argument.argument))
        bound = k.app(k.app(k.refl(outcome.function.function), whole), k.refl(rest))
        bound = k.trans(bound, bind_value(bound.right))
        return chain(opened, begun, done, result, k.sym(bound))
