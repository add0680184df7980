"""Untrusted. Integer expressions between two literals, with proofs: from the types of words, and what else is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from hyperion.ir.types import IntType, scalar_types
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
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


_NAMES = ("a", "b", "l", "m", "h", "n")
_A, _B, _L, _M, _H, _N = (t.var(name, t.INT) for name in _NAMES)


def _le(a: Term, b: Term) -> Term:
    return apply("le", a, b)


_SIGNS = (_le(apply("neg", _H), _A), _le(_A, _H), _le(apply("neg", _N), _B), _le(_B, _N))
_LEMMAS: Mapping[str, tuple[tuple[Term, ...], Term]] = {
    "add.low": ((_le(_L, _A), _le(_M, _B)), _le(apply("add", _L, _M), apply("add", _A, _B))),
    "add.high": ((_le(_A, _H), _le(_B, _N)), _le(apply("add", _A, _B), apply("add", _H, _N))),
    "sub.low": ((_le(_L, _A), _le(_B, _N)), _le(apply("sub", _L, _N), apply("sub", _A, _B))),
    "sub.high": ((_le(_A, _H), _le(_M, _B)), _le(apply("sub", _A, _B), apply("sub", _H, _M))),
    "mul.low": ((_le(ZERO, _B), _le(_L, _A)), _le(apply("mul", _L, _B), apply("mul", _A, _B))),
    "mul.high": ((_le(ZERO, _B), _le(_A, _H)), _le(apply("mul", _A, _B), apply("mul", _H, _B))),
    "neg.low": ((_le(_B, ZERO), _le(_A, _H)), _le(apply("mul", _H, _B), apply("mul", _A, _B))),
    "neg.high": ((_le(_B, ZERO), _le(_L, _A)), _le(apply("mul", _A, _B), apply("mul", _L, _B))),
    "signs.low": (_SIGNS, _le(apply("neg", apply("mul", _H, _N)), apply("mul", _A, _B))),
    "signs.high": (_SIGNS, _le(apply("mul", _A, _B), apply("mul", _H, _N))),
    "product.low": ((_le(ZERO, _A), _le(ZERO, _B)), _le(ZERO, apply("mul", _A, _B))),
    "product.high": (
        (_le(ZERO, _A), _le(ZERO, _B), _le(_A, _H), _le(_B, _N)),
        _le(apply("mul", _A, _B), apply("mul", _H, _N)),
    ),
    "less": ((_le(apply("add", ONE, _A), _M), _le(_M, _H)), _le(_A, apply("add", literals.int_lit(-1), _H))),
}
"""What bounds follow from which: each is proved once."""


@cache
def _lemma(name: str) -> Theorem:
    conditions, goal = _LEMMAS[name]
    facts = [k.assume(c, TRUE) for c in conditions]
    products: list[Theorem] = []
    for i, u in enumerate(facts):
        for v in facts[i + 1 :] if name.startswith(("mul", "neg", "signs", "product")) else []:
            first, last = linear.nonnegative(u), linear.nonnegative(v)
            law = instance("int.nonneg.mul", a=first.left.argument, b=last.left.argument)
            products.append(discharge(law, first, last))
    return implied(goal, [*facts, *products])


def _within(e: Term, found: Interval, p: int) -> list[Theorem]:
    """|- le (neg p) e = true and |- le e p = true."""
    bound = literals.int_lit(p)
    low = k.compute(apply("neg", bound))
    below = _weaker(found.below, _le(low.right, e))
    function = below.left.function.function
    named = k.trans(k.app(k.app(k.refl(function), low), k.refl(e)), below)
    return [named, _weaker(found.above, _le(e, bound))]


def _by(name: str, *facts: Theorem, **values: Term) -> Theorem:
    """The lemma at these values, with its bound computed where that is a literal."""
    th = k.inst({t.var(v, t.INT): value for v, value in values.items()}, _lemma(name))
    th = discharge(th, *facts)
    function, sides = arguments(th.left)
    tidy = [computed(x) for x in sides]
    return k.trans(k.sym(k.app(k.app(k.refl(function), tidy[0]), tidy[1])), th)


def computed(x: Term) -> Theorem:
    """|- x = the literal that it is, for operations on literals; else |- x = x."""
    if x.kind != "A":
        return k.refl(x)
    function, args = arguments(x)
    if not all(a.kind in "KA" for a in args):
        return k.refl(x)
    th = k.refl(function)
    for a in args:
        th = k.app(th, computed(a))
    return k.trans(th, k.compute(th.right)) if all(a.kind == "K" for a in arguments(th.right)[1]) else k.refl(x)


def _weaker(th: Theorem, goal: Term) -> Theorem:
    """|- goal = true for goal = le l b or le a h with literals below l or above h in |- le .. = true."""
    if th.left is goal:
        return th
    (a, b), (u, v) = arguments(th.left)[1], arguments(goal)[1]
    if b is v:  # u <= a <= b
        return discharge(instance("int.le.trans", a=u, b=a, c=b), k.compute(apply("le", u, a)), th)
    return discharge(instance("int.le.trans", a=u, b=b, c=v), th, k.compute(apply("le", b, v)))


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
        return k.trans(law, both(_weaker(found.below, below), _weaker(found.above, above)))

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
                return self._sum(name, args[0], args[1])
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

    def _sum(self, name: str, a: Term, b: Term) -> Interval:
        u, v = self(a), self(b)
        low, h, m, n = map(literals.int_lit, (u.low, u.high, v.low, v.high))
        first, last = (v.below, v.above) if name == "add" else (v.above, v.below)
        below = _by(f"{name}.low", u.below, first, a=a, b=b, l=low, m=m, n=n)
        above = _by(f"{name}.high", u.above, last, a=a, b=b, h=h, m=m, n=n)
        if name == "add":
            return Interval(u.low + v.low, u.high + v.high, below, above)
        return Interval(u.low - v.high, u.high - v.low, below, above)

    def _product(self, e: Term, a: Interval, b: Interval) -> Interval:
        """The products of the distances to the ends of both intervals are not negative."""
        x, y = arguments(e)[1]
        if x.kind == "K" and y.kind != "K":
            flipped = instance("int.mul.comm", a=y, b=x)
            return moved(self(flipped.left), flipped)
        low, high, n = map(literals.int_lit, (a.low, a.high, b.high))
        if y.kind == "K":
            negative = b.high < 0
            sign = k.compute(_le(y, ZERO) if negative else _le(ZERO, y))
            name, first, last = ("neg", a.above, a.below) if negative else ("mul", a.below, a.above)
            below = _by(f"{name}.low", sign, first, a=x, b=y, l=low, h=high)
            above = _by(f"{name}.high", sign, last, a=x, b=y, l=low, h=high)
            ends = sorted((a.low * b.low, a.high * b.low))
            return Interval(ends[0], ends[1], below, above)
        if a.low >= 0 and b.low >= 0:
            first, last = _weaker(a.below, _le(ZERO, x)), _weaker(b.below, _le(ZERO, y))
            above = _by("product.high", first, last, a.above, b.above, a=x, b=y, h=high, n=n)
            return Interval(0, a.high * b.high, _by("product.low", first, last, a=x, b=y), above)
        p, q = max(-a.low, a.high), max(-b.low, b.high)
        facts = [*_within(x, a, p), *_within(y, b, q)]
        high, n = literals.int_lit(p), literals.int_lit(q)
        below, above = (_by(f"signs.{end}", *facts, a=x, b=y, h=high, n=n) for end in ("low", "high"))
        return Interval(-p * q, p * q, below, above)

    def _positive(self, m: Term) -> tuple[Interval, Theorem]:
        """The interval of a modulus, and |- lt 0 m = true."""
        size = self(m)
        if size.low < 1:
            raise NoProof("the divisor may be 0 or less")
        law = instance("int.lt.def", a=ZERO, b=m)
        one = k.compute(law.right.function.argument)
        tidy = k.app(k.app(k.refl(law.right.function.function), one), k.refl(m))
        return size, chain(law, tidy, _weaker(size.below, tidy.right))

    def _remainder(self, e: Term, a: Term, m: Term) -> Interval:
        size, positive = self._positive(m)
        low = discharge(instance("int.mod.nonneg", a=a, m=m), positive)
        less = discharge(instance("int.mod.less", a=a, m=m), positive)
        less = k.trans(k.sym(instance("int.lt.def", a=e, b=m)), less)
        above = _by("less", less, size.above, a=e, m=m, h=literals.int_lit(size.high))
        return Interval(0, size.high - 1, low, above)

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
