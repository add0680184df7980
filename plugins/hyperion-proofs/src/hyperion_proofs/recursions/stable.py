"""Untrusted. A recursion on one number whose calls are at distances 1 .. k below: with fuel enough, what it is.

Let F be its body, B the least number at which it calls itself, and z in B - k .. MOST. By induction on the fuel:

    rec F xs z does not diverge
    rec F xs z = rec F (x :: xs) z        where z - (B - k) < length xs

The rank of a call is z - (B - k), and every call that is reached has a smaller one. So rec F (count D) z is F of
itself: its value where z < B, else what the body makes of the k outcomes before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.denote import DEEPEST
from hyperion.logic.derived import arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import NoProof, chain, contradiction, instance
from hyperion_proofs.implication import eliminate, implies, introduce
from hyperion_proofs.loop import add, int_, le
from hyperion_proofs.recursions.accesses import access_ends, accesses
from hyperion_proofs.recursions.affine import Facts, affine, equal
from hyperion_proofs.recursions.outcomes import by_outcomes, ending, fuel_lengths, length_of_count, once, rewritten
from hyperion_proofs.recursions.reading import Reader, same_by
from hyperion_proofs.unfolding import reduce_list

MOST = 1 << 62
"""Larger arguments take the recursion as written, whose stack ends before."""
_Z = t.var("z", t.INT)
_XS, _ITEM = t.var("ys", t.list_of(t.BOOL)), t.var("y0", t.BOOL)
_OTHER = t.var("x", t.BOOL)


def word(z: Term) -> Term:
    return apply("ofZ.i64", z)


@dataclass(frozen=True)
class Distances:
    """The body F of a recursion, its `least` number B, the `width` k and the values `base[c - 1]` at B - c."""

    body: Term
    least: int
    width: int
    base: tuple[Term, ...]

    @property
    def start(self) -> int:
        return self.least - self.width

    def call(self, fuel: Term, z: Term) -> Term:
        return apply("recursion", self.body, fuel, word(z))

    def before(self, fuel: Term, z: Term) -> list[Term]:
        """The outcomes at z - k, .., z - 1."""
        return [self.call(fuel, add(z, int_(-c))) for c in range(self.width, 0, -1)]

    # ---- one unfolding

    @cached_property
    def _opened(self) -> tuple[Term, Theorem]:
        """A function r and {B <= z, z <= MOST} |- F r (ofZ z) = what the body makes of r (ofZ (z - c)), .."""
        r = t.var("r", t.domain(self.body.type))
        th = Reader(self._inside(), itself=r, z=_Z)(t.app(self.body, r, word(_Z)))
        found = distances(th.right, r, _Z)
        if found != set(range(1, self.width + 1)):
            raise NoProof("the calls changed while they were read")
        return r, th

    def _inside(self) -> Facts:
        return Facts(*(k.assume(c, TRUE) for c in (le(int_(self.least), _Z), le(_Z, int_(MOST)))))

    def opened(self, r: Term, z: Term, low: Theorem, high: Theorem) -> Theorem:
        """From |- B <= z and |- z <= MOST: |- F r (ofZ z) = what the body makes of r (ofZ (z - c)), .."""
        itself, th = self._opened
        return discharge(k.inst({itself: r, _Z: z}, th), low, high)

    def at_base(self, r: Term, distance: int) -> Theorem:
        """|- F r (ofZ (B - distance)) = ok its value."""
        th = Reader(Facts())(t.app(self.body, r, word(int_(self.least - distance))))
        if th.right is not apply("ok", self.base[distance - 1]):
            raise NoProof("a base case does not evaluate")
        return th

    def _once(self, item: Term, fuel: Term, argument: Term) -> Theorem:
        return once(self.body, item, fuel, argument)

    # ---- induction on the fuel

    def _by_place(
        self, low: Theorem, left: Term, right: Term, at_base: Callable[[int], Theorem],
        main: Callable[[Theorem], Theorem],
    ) -> Theorem:  # fmt: skip
        """|- left = right for z from the start on: at each number below B, and from B on. `at_base(c)` shows it of
        z := B - c."""
        test = le(int_(self.least), _Z)

        def below(facts: Sequence[Theorem], number: int) -> Theorem:
            if number == self.least:
                return contradiction(chain(k.sym(facts[-1]), k.assume(test, FALSE)), left, right)
            here = le(_Z, int_(number))
            held, lower = k.assume(here, TRUE), facts[-1]
            same = equal(_Z, int_(number), Facts(held, lower))
            assert same is not None
            moved = replaced(left, right, same, at_base(self.least - number))
            more = _denied(k.assume(here, FALSE))
            return k.bool_cases(here, moved, below([*facts, more], number + 1))

        return k.bool_cases(test, main(k.assume(test, TRUE)), below([low], self.start))

    def _places(self) -> tuple[Term, Term]:
        return le(int_(self.start), _Z), le(_Z, int_(MOST))

    @cached_property
    def ends(self) -> Theorem:
        """|- implies (z) [B - k <= z, z <= MOST] (ending (rec F ys (ofZ z))) (rec F ys (ofZ z)), of any ys."""
        nil, cons = t.const("nil", _XS.type), apply("cons", _ITEM, _XS)
        conditions = self._places()
        low, high = (k.assume(c, TRUE) for c in conditions)

        def sides(fuel: Term) -> tuple[Term, Term]:
            o = self.call(fuel, _Z)
            return ending(o), o

        def claim(fuel: Term) -> tuple[Term, Term]:
            return implies((_Z,), conditions, *sides(fuel))

        none = reduce_list("recursion", self.call(nil, _Z))
        base = introduce((_Z,), conditions, self._ending_of(none))
        ih = k.assume(*claim(_XS))
        left, right = sides(cons)
        r = apply("recursion", self.body, _XS)

        def at_base(distance: int) -> Theorem:
            opened = self._once(_ITEM, _XS, word(int_(self.least - distance)))
            return self._ending_of(k.trans(opened, self.at_base(r, distance)))

        def main(inside: Theorem) -> Theorem:
            opened = self._once(_ITEM, _XS, word(_Z))
            made = k.trans(opened, self.opened(r, _Z, inside, high))
            th = self._ends_too(self.before(_XS, _Z), made)
            return discharge(th, *self._earlier(ih, inside, high))

        whole = self._by_place(low, left, right, at_base, main)
        return k.list_induction(_ITEM, _XS, *claim(_XS), base, introduce((_Z,), conditions, whole))

    def _ending_of(self, th: Theorem) -> Theorem:
        """From |- o = ok v or |- o = trap: |- ending o = o."""
        whole = rewritten(ending(th.left), {th.left: th})
        return chain(whole, Reader(Facts())(whole.right), k.sym(th))

    def _ends_too(self, outcomes: Sequence[Term], made: Theorem) -> Theorem:
        """From |- o = what is made of outcomes: |- ending o = o, where those end."""
        whole = rewritten(ending(made.left), {made.left: made})
        left, right = whole.right, made.right
        reads = list(accesses(right))
        every = [*outcomes, *reads]
        th = by_outcomes(every, left, right, lambda given: same_by(Reader(Facts(), given), left, right))
        return discharge(chain(whole, th, k.sym(made)), *map(access_ends, reads))

    def _earlier(self, ih: Theorem, inside: Theorem, high: Theorem, *more: Theorem) -> list[Theorem]:
        """What the induction says of z - k, .., z - 1."""
        facts = Facts(inside, high, *more)
        found: list[Theorem] = []
        for c in range(self.width, 0, -1):
            z = add(_Z, int_(-c))
            conditions = [le(int_(self.start), z), le(z, int_(MOST))]
            if more:
                conditions.append(le(_rank(z, self.start), apply("length", _XS)))
            held = [facts.decide(x) for x in conditions]
            found.append(eliminate(ih, (z,), [h for h in held if h is not None]))
        return found

    @cached_property
    def stable(self) -> Theorem:
        """|- implies (z) [B - k <= z, z <= MOST, 1 + (z - (B - k)) <= length ys] (rec F ys z) (rec F (x :: ys) z)."""
        nil, cons = t.const("nil", _XS.type), apply("cons", _ITEM, _XS)
        no_length, longer, _ = fuel_lengths()
        places = self._places()

        def conditions(fuel: Term) -> tuple[Term, ...]:
            return (*places, le(_rank(_Z, self.start), apply("length", fuel)))

        def sides(fuel: Term) -> tuple[Term, Term]:
            return self.call(fuel, _Z), self.call(apply("cons", _OTHER, fuel), _Z)

        def claim(fuel: Term) -> tuple[Term, Term]:
            return implies((_Z,), conditions(fuel), *sides(fuel))

        low, high, short = (k.assume(c, TRUE) for c in conditions(nil))
        none = _with_right(short, no_length)
        denied = Facts(low).decide(none.left)
        assert denied is not None
        assert denied.right is FALSE
        absurd = chain(k.sym(none), denied)
        base = introduce((_Z,), conditions(nil), contradiction(absurd, *sides(nil)))

        ih = k.assume(*claim(_XS))
        low, high, enough = (k.assume(c, TRUE) for c in conditions(cons))
        left, right = sides(cons)
        r, r_more = (apply("recursion", self.body, fuel) for fuel in (_XS, cons))

        def at_base(distance: int) -> Theorem:
            argument = word(int_(self.least - distance))
            first = k.trans(self._once(_ITEM, _XS, argument), self.at_base(r, distance))
            second = k.trans(self._once(_OTHER, cons, argument), self.at_base(r_more, distance))
            return k.trans(first, k.sym(second))

        def main(inside: Theorem) -> Theorem:
            first = k.trans(self._once(_ITEM, _XS, word(_Z)), self.opened(r, _Z, inside, high))
            second = k.trans(self._once(_OTHER, cons, word(_Z)), self.opened(r_more, _Z, inside, high))
            room = _with_right(enough, longer)
            given: dict[Term, Theorem] = {}
            for th in self._earlier(ih, inside, high, room):  # rec F ys z' = rec F (x :: ys) z'
                argument = th.left.argument
                same = k.trans(self._once(_OTHER, _XS, argument), k.sym(self._once(_ITEM, _XS, argument)))
                given[th.left] = k.trans(th, same)
            return chain(first, rewritten(first.right, given), k.sym(second))

        whole = self._by_place(low, left, right, at_base, main)
        return k.list_induction(_ITEM, _XS, *claim(_XS), base, introduce((_Z,), conditions(cons), whole))

    # ---- with all the fuel

    @cached_property
    def fuel(self) -> Term:
        return apply("count", int_(DEEPEST))

    def _length(self) -> Theorem:
        """|- length fuel = DEEPEST."""
        counted = length_of_count(self.fuel)
        return k.trans(counted, k.compute(counted.right))

    def once(self, z: Term, facts: Facts) -> Theorem:
        """|- rec F fuel (ofZ z) = F (rec F fuel) (ofZ z), for z from the start on."""
        conditions = [le(int_(self.start), z), le(z, int_(MOST))]
        held = [_sure(facts.decide(x)) for x in conditions]
        rank = _rank(z, self.start)
        room = _sure(facts.decide(le(rank, int_(DEEPEST))))
        length = self._length()
        held.append(k.trans(k.app(k.refl(le(rank, length.left).function), length), room))
        th = eliminate(k.inst({_XS: self.fuel, _OTHER: TRUE}, self.stable), (z,), held)
        return k.trans(th, self._once(TRUE, self.fuel, word(z)))

    def value(self, distance: int) -> Theorem:
        """|- rec F fuel (ofZ (B - distance)) = ok its value."""
        r = apply("recursion", self.body, self.fuel)
        return k.trans(self.once(int_(self.least - distance), Facts()), self.at_base(r, distance))

    def made(self, z: Term, low: Theorem, high: Theorem) -> Theorem:
        """From |- B <= z and |- z <= MOST: |- rec F fuel (ofZ z) = what the body makes of those before."""
        r = apply("recursion", self.body, self.fuel)
        return k.trans(self.once(z, Facts(low, high)), self.opened(r, z, low, high))

    def ends_before(self, z: Term, low: Theorem, high: Theorem) -> list[Theorem]:
        """|- ending o = o for the outcomes at z - k, .., z - 1."""
        facts = Facts(low, high)
        whole = k.inst({_XS: self.fuel}, self.ends)
        found: list[Theorem] = []
        for c in range(self.width, 0, -1):
            place = add(z, int_(-c))
            conditions = [le(int_(self.start), place), le(place, int_(MOST))]
            found.append(eliminate(whole, (place,), [_sure(facts.decide(x)) for x in conditions]))
        return found


def distances(x: Term, itself: Term, z: Term) -> set[int]:
    """How far below z the calls of `itself` are. Raises Refused for a call at another argument."""
    found: set[int] = set()
    for u in t.subterms(x):
        if u.kind == "A" and u.function is itself:
            argument = u.argument
            atoms, constant = affine(argument.argument if head(argument) == "ofZ.i64" else argument)
            if u.loose or dict(atoms) != {z: 1}:
                raise Refused("a call of itself is not at the argument less a constant, which a table would need")
            if constant >= 0:
                raise Refused("a call of itself is not at a smaller argument: it does not end")
            found.add(-constant)
    return found


def replaced(left: Term, right: Term, same: Theorem, th: Theorem) -> Theorem:
    """From |- z = number and |- left[number] = right[number]: |- left = right."""
    first, last = (rewritten(x, {same.left: same}) for x in (left, right))
    return chain(first, th, k.sym(last))


def _rank(z: Term, start: int) -> Term:
    return add(int_(1), add(z, int_(-start)))


def _with_right(th: Theorem, same: Theorem) -> Theorem:
    """From |- le a b = true and |- b = c: |- le a c = true."""
    return k.trans(k.sym(k.app(k.refl(th.left.function), same)), th)


def _denied(th: Theorem) -> Theorem:
    """From |- le z n = false: |- le (n + 1) z = true, for a literal n."""
    _, (z, n) = arguments(th.left)
    flipped = instance("int.le.not", a=z, b=n)
    truth = k.trans(k.app(k.refl(flipped.left.function), th), _not_false())
    less = chain(k.sym(flipped), truth)
    opened = instance("int.lt.def", a=n, b=z)
    whole = k.trans(k.sym(opened), less)
    one = k.compute(whole.left.function.argument)
    function = whole.left.function.function
    return k.trans(k.sym(k.app(k.app(k.refl(function), one), k.refl(z))), whole)


def _not_false() -> Theorem:
    return Reader(Facts())(apply("not", FALSE))


def _sure(th: Theorem | None) -> Theorem:
    if th is None:
        raise NoProof("an argument may leave the range")
    return th
