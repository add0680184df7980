"""Untrusted. Sums of words over GF(2): |- a = b where both have the same parts, an odd number of times."""

from __future__ import annotations

from hyperion.logic import kernel as k
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.gf2.words import at, cancelled_sums, literal, operation, regrouped, swapped, xor_zero, zero_xor


def same_sum(a: Term, b: Term) -> Theorem | None:
    """|- a = b, or None where their parts differ."""
    if _parts(a) != _parts(b):
        return None
    order = {x: n for n, x in enumerate(_parts(a))}
    first, last = (_normal(x, order) for x in (a, b))
    return k.trans(first, k.sym(last))


def _parts(x: Term) -> dict[Term, None]:
    """Those that are there an odd number of times; literals of 0 are not."""
    if x is literal(x.type.name, 0):
        return {}
    if operation(x) != "bxor":
        return {x: None}
    first, last = (_parts(u) for u in arguments(x)[1])
    return {u: None for u in (*first, *last) if (u in first) != (u in last)}


def _every(x: Term) -> set[Term]:
    return {x} if operation(x) != "bxor" else set[Term]().union(*(_every(u) for u in arguments(x)[1]))


def _normal(x: Term, order: dict[Term, int]) -> Theorem:
    """|- x = its parts in their order, and 0: a ^ (b ^ .. 0)"""
    for u in _every(x):
        order.setdefault(u, len(order))
    word = x.type.name

    def go(u: Term) -> Theorem:
        if u is literal(word, 0):
            return k.refl(u)
        if operation(u) != "bxor":
            return k.sym(at(xor_zero(word), x=u))
        first, last = (go(v) for v in arguments(u)[1])
        th = k.app(k.app(k.refl(u.function.function), first), last)
        return k.trans(th, merged(th.right))

    def merged(u: Term) -> Theorem:
        a, b = arguments(u)[1]
        if operation(a) != "bxor":
            return at(zero_xor(word), x=b)
        if operation(b) != "bxor":
            return at(xor_zero(word), x=a)
        (x0, rest), (y0, others) = arguments(a)[1], arguments(b)[1]
        if x0 is y0:
            th = at(cancelled_sums(word), x=x0, y=rest, z=others)
            return k.trans(th, merged(th.right))
        before = order[x0] < order[y0]
        th = at(regrouped(word), x=x0, y=rest, z=b) if before else at(swapped(word), x=a, y=y0, z=others)
        return k.trans(th, k.app(k.refl(th.right.function), merged(th.right.argument)))

    return go(x)
