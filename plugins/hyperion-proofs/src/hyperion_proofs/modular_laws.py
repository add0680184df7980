"""Untrusted. Equality of remainders: `mod e m` for one modulus m, whatever it is, zero and negative ones included.

Inner remainders by m vanish under +, - and *, since a = m * (a // m) + a % m, and what remains is compared in ring
normal form. So maps s -> (a * s + b) % m compose:

    (a1 * ((a2 * s + b2) % m) + b1) % m  =  ((a1 * a2 % m) * s + (a1 * b2 + b1) % m) % m
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, head, join
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import chain, instance, replace_all
from hyperion_proofs.polynomials import Polynomial, polynomial

_A, _B, _M = (t.var(name, t.INT) for name in ("a", "b", "m"))


@cache
def inner_remainder(op: str) -> Theorem:
    """|- mod (op (mod a m) b) m = mod (op a b) m, for op = add or mul."""
    quotient, rest = apply("floordiv", _A, _M), apply("mod", _A, _M)
    parts = instance("int.floordiv.mod", a=_A, m=_M)  # add (mul m (floordiv a m)) (mod a m) = a
    factor = quotient if op == "add" else apply("mul", quotient, _B)
    inner = apply(op, rest, _B)
    shifted = instance("int.mod.period", a=inner, k=factor, m=_M)  # mod (inner + factor * m) m = mod inner m
    whole = apply(op, parts.left, _B)
    same = INTEGERS.equal(shifted.left.function.argument, whole)
    if same is None:
        raise NoProof("the remainder's parts do not add up")
    back = k.app(k.app(k.refl(whole.function.function), parts), k.refl(_B))
    return k.trans(k.sym(shifted), _modulo(k.trans(same, back), _M))


def strip(x: Term) -> Theorem | None:
    """For x = mod e m: |- mod e m = mod e' m where e' has no remainder by m under its sums and products; None where
    nothing changes."""
    e, m = x.function.argument, x.argument
    match head(e):
        case "add" | "mul" as op:
            first = _strip_left(op, x)
            y = first.right if first else x
            flipped = _modulo(INTEGERS.commute(op, y.function.argument), m)
            second = _strip_left(op, flipped.right)
            return first if second is None else join(join(first, flipped), second)
        case "sub" | "neg" as op:
            th = _modulo(INTEGERS.law(f"{op}.def", e), m)
            return join(th, strip(th.right))
        case "mod" if e.argument is m:
            zero = apply("add", e, INTEGERS.literal(0))
            there = _modulo(k.sym(_plus_zero(zero)), m)
            law = k.inst({_A: e.function.argument, _B: INTEGERS.literal(0), _M: m}, inner_remainder("add"))
            th = chain(there, law, _modulo(_plus_zero(law.right.function.argument), m))
            return join(th, strip(th.right))
        case _:
            return None


def normal(x: Term) -> Theorem | None:
    """For x = mod e m: |- mod e m = its normal form; None where x is in normal form."""
    stripped = strip(x)
    y = stripped.right if stripped else x
    ring = INTEGERS.normal(y.function.argument)
    th = join(stripped, _modulo(ring, y.argument) if ring else None)
    return join(th, _small_coefficients(th.right if th else x))


def _small_coefficients(x: Term) -> Theorem | None:
    """For x = mod e m with a literal m: |- mod e m = mod e' m with the coefficients of e reduced by m."""
    e, m = x.function.argument, x.argument
    if m.kind != "K" or not literals.int_value(m):
        return None
    divisor, p = literals.int_value(m), polynomial(e)
    quotients = {powers: Fraction(c // divisor) for powers, c in p.monomials.items() if c // divisor}
    if not quotients:
        return None
    multiple = Polynomial(quotients)
    small = p - multiple.scaled(divisor)
    period = instance("int.mod.period", a=small.term(), k=multiple.term(), m=m)
    same = INTEGERS.equal(e, period.left.function.argument)
    if same is None:
        raise NoProof("the coefficients differ")
    th = k.trans(_modulo(same, m), period)
    ring = INTEGERS.normal(th.right.function.argument)
    return join(th, _modulo(ring, m) if ring else None)


def equal(a: Term, b: Term) -> Theorem | None:
    """|- mod e m = mod f m where their normal forms agree; None where they do not."""
    na, nb = normal(a) or k.refl(a), normal(b) or k.refl(b)
    return k.trans(na, k.sym(nb)) if na.right is nb.right else None


def equal_inside(a: Term, b: Term) -> Theorem | None:
    """|- a = b by normal forms of every outermost remainder in them, then of the rings."""
    sides = [replace_all(x, _normal_remainder) for x in (a, b)]
    na, nb = (th or k.refl(x) for th, x in zip(sides, (a, b), strict=True))
    same = INTEGERS.equal(na.right, nb.right)
    return None if same is None else chain(na, same, k.sym(nb))


def _normal_remainder(x: Term) -> Theorem | None:
    return normal(x) or k.refl(x) if INTEGERS.is_op(x, "mod") else None


def _strip_left(op: str, x: Term) -> Theorem | None:
    """Strip the first operand of mod (op a b) m."""
    m = x.argument
    a, b = x.function.argument.function.argument, x.function.argument.argument
    stripped = strip(apply("mod", a, m))
    if stripped is None:
        if not (INTEGERS.is_op(a, "mod") and a.argument is m):
            return None
        return k.inst({_A: a.function.argument, _B: b, _M: m}, inner_remainder(op))
    inside = stripped.right.function.argument
    law, after = (k.inst({_A: e, _B: b, _M: m}, inner_remainder(op)) for e in (a, inside))
    around = law.left.function.argument.function.function
    middle = _modulo(k.app(k.app(k.refl(around), stripped), k.refl(b)), m)
    return chain(k.sym(law), middle, after)


def _modulo(th: Theorem, m: Term) -> Theorem:
    """From |- a = b: |- mod a m = mod b m."""
    function = apply("mod", th.left, m).function.function
    return k.app(k.app(k.refl(function), th), k.refl(m))


def _plus_zero(x: Term) -> Theorem:
    """|- add e 0 = e."""
    th = INTEGERS.commute("add", x)
    return k.trans(th, INTEGERS.law("add.zero", th.right))
