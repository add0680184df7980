r"""Untrusted search, checked theorems: arrays that run together, in any grouping and order.

zip (map f xs) ys     =  map (\p. (f p.0, p.1)) (zip xs ys)
zip xs (map f ys)     =  map (\p. (p.0, f p.1)) (zip xs ys)
zip (zip xs ys) zs    =  map (\p. ((p.0, p.1.0), p.1.1)) (zip xs (zip ys zs))
zip xs ys             =  map (\p. (p.1, p.0)) (zip ys xs)
zip xs (zip ys zs)    =  map (\p. (p.1.0, (p.0, p.1.1))) (zip ys (zip xs zs))
zip xs xs             =  map (\x. (x, x)) xs
zip xs (zip xs ys)    =  map (\p. (p.0, (p.0, p.1))) (zip xs ys)
map (\x. x) xs        =  xs
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.terms import Term
from hyperion_passes.derived import both
from hyperion_passes.list_lemmas import joined, running
from hyperion_passes.order_lemmas import at

X, Y, Z, W = (t.type_variable(f"'{name}") for name in "xyzw")
XS, YS, ZS = (t.var(f"{name}s", t.list_of(ty)) for name, ty in (("x", X), ("y", Y), ("z", Z)))


Sides: TypeAlias = tuple[Term, Term]


def by_lists(lists: Sequence[Term], left: Term, right: Term) -> Theorem:
    """|- left = right, by induction on the first list for all others at once, each of which is empty or not."""
    first, *others = lists
    start, end = running()(left), running()(right)
    sides = start.right, end.right
    known = k.assume(*(t.lams(tuple(others), side) for side in sides))

    def cases(rest: Sequence[Term], sides: Sides, facts: tuple[Theorem, ...]) -> Theorem:
        """|- left = right, by the forms of the lists in `rest`; the facts are about non-empty ones."""
        if not rest:
            return joined(*sides, *facts)
        ys, *more = rest
        y, nil, cons = _forms(ys)
        empty, filled = cases(more, _at(sides, ys, nil), ()), cases(more, _at(sides, ys, cons), facts)
        return k.list_induction(y, ys, *sides, empty, filled)

    def for_all(xs: Term, *facts: Theorem) -> Theorem:
        th = cases(others, _at(sides, first, xs), facts)
        for v in reversed(others):
            th = k.abs_(v, th)
        return th

    x, nil, cons = _forms(first)
    th = k.list_induction(x, first, known.left, known.right, for_all(nil), for_all(cons, at(known, *others)))
    return both(start, at(th, *others), k.sym(end))


def _forms(xs: Term) -> tuple[Term, Term, Term]:
    """A first element, the empty list, and the list with that element before xs."""
    x = t.var(f"{xs.name}.first", argument_type(xs.type))
    return x, t.const("nil", xs.type), apply("cons", x, xs)


def _at(sides: Sides, xs: Term, value: Term) -> Sides:
    left, right = (t.substitute(side, {xs: value}) for side in sides)
    return left, right


def _pairs(*lists: Term) -> Term:
    """Lists that run together: zip a (zip b ..)."""
    *first, last = lists
    for xs in reversed(first):
        last = apply("zip", xs, last)
    return last


def _mapped(pairs: Term, f: Callable[[Term], Term]) -> Term:
    p = t.var("p", argument_type(pairs.type))
    return apply("map", t.lam(p, f(p)), pairs)


@cache
def zip_map() -> tuple[Theorem, Theorem]:
    """|- zip (map f xs) ys = map (\\p. (f p.0, p.1)) (zip xs ys), and the same of the second list."""
    f, g = t.var("f", t.fun(X, W)), t.var("f", t.fun(Y, W))
    pairs = _pairs(XS, YS)
    left = _mapped(pairs, lambda p: t.tup(t.app(f, t.proj(0, p)), t.proj(1, p)))
    right = _mapped(pairs, lambda p: t.tup(t.proj(0, p), t.app(g, t.proj(1, p))))
    return (
        by_lists((XS, YS), _pairs(apply("map", f, XS), YS), left),
        by_lists((XS, YS), _pairs(XS, apply("map", g, YS)), right),
    )


@cache
def zip_zip() -> Theorem:
    """|- zip (zip xs ys) zs = map (\\p. ((p.0, p.1.0), p.1.1)) (zip xs (zip ys zs))"""

    def regrouped(p: Term) -> Term:
        rest = t.proj(1, p)
        return t.tup(t.tup(t.proj(0, p), t.proj(0, rest)), t.proj(1, rest))

    return by_lists((XS, YS, ZS), apply("zip", _pairs(XS, YS), ZS), _mapped(_pairs(XS, YS, ZS), regrouped))


@cache
def swapped() -> tuple[Theorem, Theorem]:
    """|- zip xs ys = map (\\p. (p.1, p.0)) (zip ys xs), and of the first two of three lists."""

    def second(p: Term) -> Term:
        rest = t.proj(1, p)
        return t.tup(t.proj(0, rest), t.tup(t.proj(0, p), t.proj(1, rest)))

    two = _mapped(_pairs(YS, XS), lambda p: t.tup(t.proj(1, p), t.proj(0, p)))
    return (
        by_lists((XS, YS), _pairs(XS, YS), two),
        by_lists((XS, YS, ZS), _pairs(XS, YS, ZS), _mapped(_pairs(YS, XS, ZS), second)),
    )


@cache
def twice() -> tuple[Theorem, Theorem]:
    """|- zip xs xs = map (\\x. (x, x)) xs, and |- zip xs (zip xs ys) = map (\\p. (p.0, (p.0, p.1))) (zip xs ys)"""
    pairs = _pairs(XS, YS)
    more = _mapped(pairs, lambda p: t.tup(t.proj(0, p), t.tup(t.proj(0, p), t.proj(1, p))))
    return (
        by_lists((XS,), _pairs(XS, XS), _mapped(XS, lambda x: t.tup(x, x))),
        by_lists((XS, YS), _pairs(XS, XS, YS), more),
    )


@cache
def map_itself() -> Theorem:
    """|- map (\\x. x) xs = xs"""
    return by_lists((XS,), _mapped(XS, lambda x: x), XS)
