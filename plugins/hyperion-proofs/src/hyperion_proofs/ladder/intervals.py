"""Untrusted. Integer expressions between two literals, with proofs: from the types of words, and what else is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hyperion.ir.types import IntType, scalar_types
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, chain, discharge, head
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import by_cases, cond_is, instance
from hyperion_proofs.implication import both, parts
from hyperion_proofs.theories import linear
from hyperion_proofs.theories.linear import fact

ONE, ZERO = literals.int_lit(1), literals.int_lit(0)


@dataclass(frozen=True)
class Interval:
    """low <= e <= high, as |- le low e = true and |- le e high = true."""

    low: int
    high: int
    below: Theorem
    above: Theorem

    @property
    def facts(self) -> tuple[Theorem, Theorem]:
        return self.below, self.above


def implied(goal: Term, facts: Sequence[Theorem]) -> Theorem:
    """|- goal = true for goal = le a b, by linear arithmetic from theorems |- le .. = true. Raises NoProof."""
    checkpoint()
    impossible = linear.refute([fact(k.assume(goal, FALSE)), *map(fact, facts)])
    if impossible is None:
        raise NoProof("a bound does not follow")
    return k.bool_cases(goal, k.assume(goal, TRUE), linear.absurd(impossible, goal, TRUE))


class Intervals:
    """Intervals of expressions; `known` has those of leaves that are better than their types say."""

    def __init__(self, known: Mapping[Term, Interval] | None = None) -> None:
        self._memo: dict[Term, Interval] = dict(known or {})

    def __call__(self, e: Term) -> Interval:
        """Raises NoProof where e has no interval."""
        if e not in self._memo:
            self._memo[e] = self._of(e)
        return self._memo[e]

    def in_range(self, word: str, e: Term) -> Theorem | None:
        """|- inr.word e = true; None where the interval does not say so."""
        kind = scalar_types()[word]
        assert isinstance(kind, IntType)
        try:
            found = self(e)
        except NoProof:
            return None
        if not (kind.minimum <= found.low and found.high <= kind.maximum):
            return None
        law = instance(f"{word}.inr.def", z=e)
        below, above = law.right.function.argument, law.right.argument
        return k.trans(law, both(implied(below, [found.below]), implied(above, [found.above])))

    def _between(self, e: Term, low: int, high: int, facts: Sequence[Theorem]) -> Interval:
        below = implied(apply("le", literals.int_lit(low), e), facts)
        return Interval(low, high, below, implied(apply("le", e, literals.int_lit(high)), facts))

    def _of(self, e: Term) -> Interval:
        if e.kind == "K":
            value = literals.int_value(e)
            return Interval(value, value, *(k.compute(apply("le", e, e)) for _ in range(2)))
        name, (_, args) = head(e), arguments(e)
        if name.startswith("toZ."):
            return self._word(name[4:], e)
        match name:
            case "add" | "sub":
                a, b = map(self, args)
                low, high = (a.low + b.low, a.high + b.high) if name == "add" else (a.low - b.high, a.high - b.low)
                return self._between(e, low, high, [*a.facts, *b.facts])
            case "neg":
                a = self(args[0])
                return self._between(e, -a.high, -a.low, a.facts)
            case "mul":
                return self._product(e, *map(self, args))
            case "mod":
                return self._remainder(e, *args)
            case "floordiv":
                return self._quotient(e, *args)
            case "cond":
                c, a, b = args
                return self._either(e, c, a, b)
            case "max" | "min":
                u, v = args
                a, b = (v, u) if name == "max" else (u, v)
                law = instance(f"int.le.{name}", a=a, b=b, u=u, v=v)  # cond (le a b) u v = max u v, or min u v
                same = discharge(law, instance("int.add.comm", a=u, b=v))
                pick = max if name == "max" else min
                first, second = self(u), self(v)
                ends = pick(first.low, second.low), pick(first.high, second.high)
                return moved(self._either(same.left, apply("le", a, b), u, v, ends), same)
            case "abs":
                opened = k.sym(instance("int.abs.def", a=args[0]))
                return moved(self(opened.left), opened)
            case _:
                raise NoProof(f"no interval is known of `{name or 'a value'}`")

    def _word(self, word: str, e: Term) -> Interval:
        kind = scalar_types()[word]
        assert isinstance(kind, IntType)
        inside = k.trans(k.sym(instance(f"{word}.inr.def", z=e)), instance(f"{word}.inr.to", x=e.argument))
        return Interval(kind.minimum, kind.maximum, *parts(inside))

    def _product(self, e: Term, a: Interval, b: Interval) -> Interval:
        """The products of the distances to the ends of both intervals are not negative."""
        corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        facts = [*a.facts, *b.facts]
        if a.low != a.high and b.low != b.high:
            facts += [
                discharge(instance("int.nonneg.mul", a=u.left.argument, b=v.left.argument), u, v)
                for u in map(linear.nonnegative, a.facts)
                for v in map(linear.nonnegative, b.facts)
            ]
        return self._between(e, min(corners), max(corners), facts)

    def _positive(self, m: Term) -> tuple[Interval, Theorem]:
        """The interval of a modulus, and |- lt 0 m = true."""
        size = self(m)
        if size.low < 1:
            raise NoProof("the divisor may be 0 or less")
        law = instance("int.lt.def", a=ZERO, b=m)
        return size, k.trans(law, implied(law.right, [size.below]))

    def _remainder(self, e: Term, a: Term, m: Term) -> Interval:
        size, positive = self._positive(m)
        low = discharge(instance("int.mod.nonneg", a=a, m=m), positive)
        less = discharge(instance("int.mod.less", a=a, m=m), positive)
        less = k.trans(k.sym(instance("int.lt.def", a=e, b=m)), less)
        return Interval(
            0, size.high - 1, low, implied(apply("le", e, literals.int_lit(size.high - 1)), [less, size.above])
        )

    def _quotient(self, e: Term, a: Term, m: Term) -> Interval:
        size, _ = self._positive(m)
        if size.low != size.high:
            raise NoProof("no interval is known of a quotient by a value")
        divisor, inside = size.low, self(a)
        rest = self(apply("mod", a, m))
        whole = instance("int.floordiv.mod", a=a, m=m)  # add (mul m (floordiv a m)) (mod a m) = a
        facts = [*inside.facts, *rest.facts]
        for x, y in ((whole.left, whole.right), (whole.right, whole.left)):
            same = instance("int.le.refl", a=a)
            le = same.left.function.function
            opened = k.sym(whole)
            sides = [opened if side is whole.left else k.refl(a) for side in (x, y)]
            facts.append(k.trans(k.sym(k.app(k.app(k.refl(le), sides[0]), sides[1])), same))
        return self._between(e, inside.low // divisor, inside.high // divisor, facts)

    def _either(self, x: Term, c: Term, a: Term, b: Term, ends: tuple[int, int] | None = None) -> Interval:
        """Of the conditional x, which is c ? a : b; narrower `ends` need what c says."""
        u, v = self(a), self(b)
        low, high = ends or (min(u.low, v.low), max(u.high, v.high))

        def proved(goal: Term) -> Theorem:
            """|- le .. = true for a goal that speaks of the conditional x."""

            def case(known: Theorem) -> Theorem:
                chosen = cond_is(known, x)
                side = u if known.right is TRUE else v
                if goal.argument is x:
                    changed = k.app(k.refl(goal.function), chosen)
                else:
                    changed = k.app(k.app(k.refl(goal.function.function), chosen), k.refl(goal.argument))
                facts = side.facts if ends is None else (*u.facts, *v.facts, known)
                return k.trans(changed, implied(changed.right, facts))

            return by_cases(c, goal, TRUE, case)

        below, above = apply("le", literals.int_lit(low), x), apply("le", x, literals.int_lit(high))
        return Interval(low, high, proved(below), proved(above))


def moved(found: Interval, same: Theorem) -> Interval:
    """From |- a = b: the interval of b from that of a."""
    le = found.below.left.function.function
    below = chain(k.sym(k.app(k.refl(found.below.left.function), same)), found.below)
    above = chain(k.sym(k.app(k.app(k.refl(le), same), k.refl(found.above.left.argument))), found.above)
    return Interval(found.low, found.high, below, above)
