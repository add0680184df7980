"""Untrusted. Quotients by a positive literal m that leave no remainder, as those of integer-valued polynomials do.

m divides p(x) for every integer x, where m divides p(0), .., p(m - 1):  p(x) % m = p(x % m) % m
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import discharge
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs import modular_laws
from hyperion_proofs.derived import NoProof, chain, cond_is, instance, use
from hyperion_proofs.nonnegative import as_sum, at_most, difference, divided, equal, known, total
from hyperion_proofs.polynomials import Polynomial, constant

LARGEST = 120
"""The largest divisor whose residues are all tried."""


def from_equation(th: Theorem) -> Theorem:
    """From |- a = b: |- 0 <= b - a."""
    same = instance("int.le.refl", a=th.left)
    widened = k.app(k.refl(same.left.function), th)
    return difference(k.trans(k.sym(widened), same))


def cancelled(m: int, a: Term, b: Term, th: Theorem) -> Theorem:
    """From |- p = q where p = m * a and q = m * b as polynomials, m positive: |- a = b."""
    spare = known(m - 1)
    below = divided(m, apply("sub", b, a), total(from_equation(th), spare))
    above = divided(m, apply("sub", a, b), total(from_equation(k.sym(th)), spare))
    return equal(a, b, below, above)


def divides(p: Polynomial, m: int, x: Term) -> bool:
    """Whether m divides p at every integer x, whatever the other atoms are."""
    if p.denominator != 1 or m > LARGEST:
        return False
    at = (p.substituted({x: constant(r)}) for r in range(m))
    return all(c % m == 0 for q in at for c in q.monomials.values())


def exact(p: Polynomial, m: int, x: Term) -> Theorem:
    """|- m * (p(x) // m) = p(x), for p written by powers of x. Raises NoProof where m does not divide p."""
    if not divides(p, m, x):
        raise NoProof(f"{m} does not divide the sum at every step")
    d, value = literals.int_lit(m), p.horner(x)
    rest = apply("mod", x, d)
    reduced = modular_laws.equal(apply("mod", value, d), apply("mod", p.horner(x, rest), d))
    if reduced is None:
        raise NoProof("the remainders differ")
    v = t.var("residue", t.INT)
    shape = t.lam(v, apply("mod", p.horner(x, v), d))

    def at(r: int, same: Theorem) -> Theorem:
        """From |- x % m = r: |- p(x % m) % m = 0."""
        congruent = k.app(k.refl(shape), same)
        there, here = k.beta(congruent.left), k.beta(congruent.right)
        multiple = p.substituted({x: constant(r)})
        factor = multiple.scaled(Fraction(1, m)).term()
        zero = literals.int_lit(0)
        period = instance("int.mod.period", a=zero, k=factor, m=d)
        inside = INTEGERS.equal(here.right.function.argument, period.left.function.argument)
        if inside is None:
            raise NoProof("the residue is no multiple")
        moved = k.app(k.app(k.refl(here.right.function.function), inside), k.refl(d))
        return chain(k.sym(there), congruent, here, moved, period, k.compute(period.right))

    none = k.trans(reduced, _by_residue(rest, m, at))  # mod p(x) m = 0
    parts = instance("int.floordiv.mod", a=value, m=d)
    product = parts.left.function.argument
    without = k.app(k.refl(parts.left.function), none)
    plain = INTEGERS.equal(product, without.right)
    assert plain is not None
    return chain(plain, k.sym(without), parts)


def _by_residue(rest: Term, m: int, at: Callable[[int, Theorem], Theorem]) -> Theorem:
    """What `at` concludes from |- rest = r for every r from 0 to m - 1, for rest = mod x m."""
    d = literals.int_lit(m)
    positive = k.compute(apply("lt", literals.int_lit(0), d))
    low = discharge(instance("int.mod.nonneg", a=rest.function.argument, m=d), positive)
    high = discharge(instance("int.mod.less", a=rest.function.argument, m=d), positive)

    def go(r: int, above: Theorem) -> Theorem:
        """`above` is |- r <= rest."""
        checkpoint()
        value = literals.int_lit(r)
        test = apply("le", rest, value)
        if r == m - 1:
            return at(r, discharge(instance("int.le.antisym", a=rest, b=value), _at_most(high, r), above))
        below = k.assume(test, TRUE)
        here = at(r, discharge(instance("int.le.antisym", a=rest, b=value), below, above))
        return k.bool_cases(test, here, go(r + 1, _next(k.assume(test, FALSE), r)))

    return go(0, low)


def _at_most(less: Theorem, r: int) -> Theorem:
    """From |- rest < m with m = r + 1: |- rest <= r."""
    rest, value = less.left.function.argument, literals.int_lit(r)
    sharper = k.trans(k.sym(instance("int.lt.def", a=rest, b=less.left.argument)), less)
    return at_most(as_sum(difference(sharper), apply("sub", value, rest)), rest, value)


def _next(no: Theorem, r: int) -> Theorem:
    """From |- (rest <= r) = false: |- r + 1 <= rest."""
    rest, value = no.left.function.argument, no.left.argument
    flipped = instance("int.le.not", a=rest, b=value)
    holds = k.app(k.refl(flipped.left.function), no)
    opened = use("not.def", holds.right)
    assert opened is not None
    truth = chain(k.sym(flipped), holds, opened, cond_is(k.refl(FALSE), opened.right))
    less = k.trans(k.sym(instance("int.lt.def", a=value, b=rest)), truth)  # 1 + r <= rest
    computed = k.compute(less.left.function.argument)
    function = less.left.function.function
    return k.trans(k.sym(k.app(k.app(k.refl(function), computed), k.refl(rest))), less)
