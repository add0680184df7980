"""Untrusted. Normal forms of integers under max, min and +, with proofs.

A normal form is a maximum of minima of polynomials, each list in increasing order and without repetition, none of the
minima containing another: the disjunctive normal form of a distributive lattice, in which + distributes over both.
"""

from __future__ import annotations

from functools import cache, lru_cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import MEMORY, arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.cases import Cases
from hyperion_proofs.derived import NoProof, chain, head, join
from hyperion_proofs.tropical import MAX_PLUS, MIN_PLUS

MOST = 64
"""Minima in one normal form."""
_A, _B, _C = (t.var(name, t.INT) for name in "abc")


def equal(a: Term, b: Term) -> Theorem | None:
    """|- a = b where both have one normal form."""
    if a.type is not t.INT:
        return None
    first, last = normal(a), normal(b)
    x, y = first.right if first else a, last.right if last else b
    if x is not y:
        return None
    return chain(first, k.refl(x), k.sym(last) if last else None)


def difference(x: Term) -> Term | None:
    """What `a - min(a, b)` is: max(a - b, 0); likewise with max and min. None for anything else."""
    _, args = arguments(x)
    if head(x) != "sub" or len(args) != 2:
        return None
    a, taken = args
    name, (_, both) = head(taken), arguments(taken)
    if name not in ("min", "max") or a not in both:
        return None
    rest = apply("sub", a, both[0] if both[1] is a else both[1])
    return apply("max" if name == "min" else "min", rest, literals.int_lit(0))


@lru_cache(maxsize=MEMORY)
def normal(x: Term) -> Theorem | None:
    """|- x = its normal form; None where it is that."""
    name, (_, args) = head(x), arguments(x)
    match name:
        case "max" | "min" | "add" if len(args) == 2:
            th = _both(x, normal(args[0]), normal(args[1]))
            y = th.right if th else x
            return join(th, _join(y) if name == "max" else _spread(y, name))
        case "sub":
            th = INTEGERS.law("sub.def", x)
            return k.trans(th, normal(th.right) or k.refl(th.right))
        case "neg" if head(args[0]) in ("max", "min"):
            th = INTEGERS.law(f"neg.{head(args[0])}", x)
            return k.trans(th, normal(th.right) or k.refl(th.right))
        case _:
            return INTEGERS.normal(x)


def _join(x: Term) -> Theorem | None:
    """The maximum of two normal forms."""
    th = MAX_PLUS.merge(x)
    return join(th, _absorbed(th.right if th else x))


def _spread(x: Term, name: str) -> Theorem | None:
    """min or + of two normal forms: distributed over the maxima, and + over the minima."""
    a, b = arguments(x)[1]
    if not _is("max", a) and not _is("max", b):
        return MIN_PLUS.merge(x) if name == "min" else _sum(x)
    th: Theorem | None = None
    if not _is("max", b):
        th = INTEGERS.commute(name, x)
        x = th.right
        a, b = b, a
    u, v = arguments(b)[1]
    law = k.inst({_A: a, _B: u, _C: v}, _distributes()) if name == "min" else INTEGERS.law("add.max", x)
    left, right = arguments(law.right)[1]
    spread = _both(law.right, _spread(left, name), _spread(right, name))
    y = spread.right if spread else law.right
    return chain(th, law, spread, _join(y))


def _sum(x: Term) -> Theorem | None:
    """The sum of two minima."""
    a, b = arguments(x)[1]
    if not _is("min", a) and not _is("min", b):
        return INTEGERS.normal(x)
    th: Theorem | None = None
    if not _is("min", b):
        th = INTEGERS.commute("add", x)
        x = th.right
    law = INTEGERS.law("add.min", x)
    left, right = arguments(law.right)[1]
    spread = _both(law.right, _sum(left), _sum(right))
    y = spread.right if spread else law.right
    return chain(th, law, spread, MIN_PLUS.merge(y))


def _absorbed(x: Term) -> Theorem | None:
    """A maximum without the minima that contain another of its minima."""
    minima = _items("max", x)
    if len(minima) > MOST:
        raise NoProof("a normal form over max and min became too large")
    sets = [frozenset(_items("min", m)) for m in minima]
    for i, wide in enumerate(sets):
        for j, narrow in enumerate(sets):
            if i != j and narrow < wide:
                th = _without(x, minima, i, j, wide - narrow)
                return join(th, _absorbed(th.right))
    return None


def _without(x: Term, minima: list[Term], i: int, j: int, more: frozenset[Term]) -> Theorem:
    """|- x = x without minimum i, which is minimum j and `more`."""
    split = apply("min", minima[j], _list("min", sorted(more, key=t.digest)))
    same = MIN_PLUS.merged_equal(minima[i], split)
    others = [m for place, m in enumerate(minima) if place not in (i, j)]
    pair = apply("max", minima[j], minima[i])
    whole = apply("max", pair, _list("max", others)) if others else pair
    arranged = MAX_PLUS.merged_equal(x, whole)
    absorbed = k.inst({_A: minima[j], _B: split.argument}, _absorbs())
    inner = k.trans(k.app(k.refl(pair.function), same), absorbed)
    if not others:
        return k.trans(arranged, inner)
    th = k.trans(arranged, k.app(k.app(k.refl(whole.function.function), inner), k.refl(whole.argument)))
    return chain(th, MAX_PLUS.merge(th.right) or k.refl(th.right))


@cache
def _distributes() -> Theorem:
    """|- min a (max b c) = max (min a b) (min a c)"""
    left = apply("min", _A, apply("max", _B, _C))
    return Cases(()).prove(left, apply("max", apply("min", _A, _B), apply("min", _A, _C)))


@cache
def _absorbs() -> Theorem:
    """|- max a (min a b) = a"""
    return Cases(()).prove(apply("max", _A, apply("min", _A, _B)), _A)


def _is(name: str, x: Term) -> bool:
    return INTEGERS.is_op(x, name)


def _items(name: str, x: Term) -> list[Term]:
    found: list[Term] = []
    while _is(name, x):
        found.append(x.function.argument)
        x = x.argument
    return [*found, x]


def _list(name: str, items: list[Term]) -> Term:
    result = items[-1]
    for item in reversed(items[:-1]):
        result = apply(name, item, result)
    return result


def _both(x: Term, left: Theorem | None, right: Theorem | None) -> Theorem | None:
    if left is None and right is None:
        return None
    a, b = arguments(x)[1]
    return k.app(k.app(k.refl(x.function.function), left or k.refl(a)), right or k.refl(b))
