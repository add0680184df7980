"""Untrusted. Powers of two; how large quotients and remainders by a positive literal are.

within p a  gives  within p (floordiv a m)          within m (mod a m)
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, instance
from hyperion_proofs.implication import both, parts
from hyperion_proofs.theories import linear


def remainder_within(e: Term) -> Theorem:
    """|- within m (mod a m) = true"""
    a, m = arguments(e)[1]
    return _within(m, e, _remainder(a, m))


def quotient_within(e: Term, known: Theorem) -> Theorem:
    """|- within p (floordiv a m) = true from |- within p a = true."""
    a, m = arguments(e)[1]
    p = known.left.function.argument
    law = instance("int.floordiv.mod", a=a, m=m)  # m * q + r = a
    same = apply("le", a, a)
    first = k.app(k.app(k.refl(same.function.function), law), k.refl(a))
    last = k.app(k.refl(same.function), law)
    equal = [k.trans(th, instance("int.le.refl", a=a)) for th in (first, last)]
    limits = parts(k.trans(k.sym(instance("within.def", p=p, a=a)), known))
    positive = discharge(instance("within.nonneg", p=p, a=a), known)
    return _within(p, e, [*_remainder(a, m), *equal, *limits, positive])


def masked(e: Term) -> bool:
    """Whether e is the integer of x & m with a literal m that has no sign."""
    if not (head(e).startswith("toZ.") and head(e.argument) == f"band.{head(e)[4:]}"):
        return False
    mask = e.argument.argument
    return mask.kind == "A" and mask.argument.kind == "K" and literals.int_value(mask.argument) >= 0


def masked_within(e: Term) -> Theorem:
    """|- within m (toZ (x & m)) = true"""
    x, mask = arguments(e.argument)[1]
    m = k.compute(apply(head(e), mask))
    law = instance(f"{x.type.name}.band.most", x=x, y=mask)
    sign = law.left.function.argument.function  # le 0
    positive = chain(k.app(k.refl(sign), m), k.compute(apply("le", literals.int_lit(0), m.right)))
    low, high = parts(discharge(law, positive))
    top = k.app(k.refl(high.left.function), m)
    return _within(m.right, e, [low, k.trans(k.sym(top), high)])


def divides(m: Term) -> bool:
    """Whether a divisor is a positive literal."""
    return m.kind == "K" and literals.int_value(m) > 0


MOST_SHIFTED = 128
"""The largest exponent whose power of two is computed: no word has more bits."""


def power(x: Term) -> Theorem | None:
    """|- x = 2**n, for x = pow2 n with a literal n."""
    n = x.argument
    if n.kind != "K" or not 0 <= literals.int_value(n) <= MOST_SHIFTED:
        return None
    return power_of_two(literals.int_value(n))


@cache
def power_of_two(n: int) -> Theorem:
    """|- pow2 n = 2**n."""
    if n == 0:
        return k.axiom("int.pow2.zero")
    less = literals.int_lit(n - 1)
    law = discharge(instance("int.pow2.next", n=less), k.compute(apply("le", literals.int_lit(0), less)))
    exponent = k.app(k.refl(law.left.function), k.compute(law.left.argument))
    product = k.app(k.refl(law.right.function), power_of_two(n - 1))
    return chain(k.sym(exponent), law, product, k.compute(product.right))


def _remainder(a: Term, m: Term) -> list[Theorem]:
    """|- le 0 (mod a m) = true and |- le (1 + mod a m) m = true."""
    positive = k.compute(apply("lt", literals.int_lit(0), m))
    least, less = (discharge(instance(f"int.mod.{name}", a=a, m=m), positive) for name in ("nonneg", "less"))
    return [least, k.trans(k.sym(instance("int.lt.def", a=apply("mod", a, m), b=m)), less)]


def _within(p: Term, e: Term, facts: list[Theorem]) -> Theorem:
    known = [linear.fact(th) for th in facts]
    proved: list[Theorem] = []
    for goal in (apply("le", apply("neg", p), e), apply("le", e, p)):
        absurd = linear.refute([*known, linear.fact(k.assume(goal, FALSE))])
        if absurd is None:
            raise NoProof("the size of a quotient is not known")
        proved.append(k.bool_cases(goal, k.assume(goal, TRUE), linear.absurd(absurd, goal, TRUE)))
    return chain(instance("within.def", p=p, a=e), both(*proved))
