"""Untrusted. Tests of single bits of polynomials, proved once for every place: the laws of one are instances."""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import chain, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import by_cases, cond_is, instance, replace_all
from hyperion_proofs.divisions import power_of_two
from hyperion_proofs.gf2.words import WIDTH, both, known_bit, literal, lowest, nothing_met

WORD = "u64"
"""Coefficients are kept in words of this type: all of their bits are alike."""

_x = t.var("x", t.type_of(WORD))
_n, _power, _low, _high = (t.var(name, t.INT) for name in ("n", "power", "low", "high"))
_ZERO, _ONE, _MINUS = literals.int_lit(0), literals.int_lit(1), literals.int_lit(-1)
_NOTHING = literal(WORD, 0)


def unset(m: Term, n: int) -> Term:
    """The test that bit n of a word is 0, as code denotes it."""
    return _unset(m, literal(m.type.name, 1 << n))


def _unset(m: Term, mask: Term) -> Term:
    name = f"toZ.{m.type.name}"
    return apply("eq", apply(name, both(m, mask)), apply(name, literal(m.type.name, 0)))


def decided(m: Term, n: int, masked: Theorem) -> Theorem:
    """|- the test of bit n = true or false, from |- m & 2**n = a literal."""
    return _compared(unset(m, n), masked)


def _compared(test: Term, masked: Theorem) -> Theorem:
    first, last = test.function, test.argument
    word = k.app(k.refl(first.argument.function), masked)
    if masked.right.argument.kind != "K":
        return k.app(k.app(k.refl(first.function), word), k.refl(last))
    number = k.trans(word, k.compute(word.right))
    th = k.app(k.app(k.refl(first.function), number), k.compute(last))
    return k.trans(th, k.compute(th.right))


def _written(power: Term) -> Term:
    return apply(f"ofZ.{WORD}", power)


@cache
def _alone() -> Theorem:
    """{0 <= n, n < 64, 2**n = power} |- x & power = power if bit n of x else 0"""
    return _rewritten(instance(f"{WORD}.bit.alone", x=_x, n=_n), k.assume(apply("pow2", _n), _power))


def _rewritten(th: Theorem, same_: Theorem) -> Theorem:
    sides = [replace_all(x, lambda u: same_ if u is same_.left else None) for x in (th.left, th.right)]
    return chain(k.sym(sides[0]) if sides[0] else None, th, sides[1])


@cache
def _by_bit(value_: Term) -> Theorem:
    """{.., bit n of x = value, power is not 0} |- the test that the bit is 0 = true or false"""
    law, mask = _alone(), _written(_power)
    known = k.assume(law.right.function.function.argument, value_)
    masked = k.trans(law, cond_is(known, law.right))
    test = _compared(_unset(_x, mask), masked)
    return test if value_ is FALSE else k.trans(test, k.assume(_nonzero(mask), FALSE))


def _nonzero(mask: Term) -> Term:
    name = f"toZ.{WORD}"
    return apply("eq", apply(name, mask), apply(name, _NOTHING))


@cache
def _taken() -> Theorem:
    """{.., power - 1 = low, 2**(1 + n) - 1 = high} |- (x & low) ^ (0 if bit n of x is 0 else power) = x & high"""
    below = instance(f"{WORD}.bit.below", x=_x, n=_n)
    further = k.assume(apply("add", _MINUS, apply("pow2", apply("add", _ONE, _n))), _high)
    lower = k.assume(apply("add", _MINUS, _power), _low)
    th = _rewritten(below, k.assume(apply("pow2", _n), _power))
    th = _rewritten(_rewritten(th, further), lower)  # x & high = (x & low) ^ (power if bit n of x else 0)
    plus, bit = th.right.function, th.right.argument.function.function.argument
    mask = _written(_power)
    left = apply("cond", _unset(_x, mask), _NOTHING, mask)

    def case(known: Theorem) -> Theorem:
        return k.trans(cond_is(_by_bit(known.right), left), k.sym(cond_is(known, th.right.argument)))

    return k.trans(k.app(k.refl(plus), by_cases(bit, left, th.right.argument, case)), k.sym(th))


def taken(x: Term, n: int) -> Theorem:
    """|- (x & the bits below n) ^ (0 if bit n of x is 0 else 2**n) = x & the bits up to n"""
    return k.inst({_x: x}, _taken_at(n))


@cache
def _taken_at(n: int) -> Theorem:
    power, low, high = 1 << n, (1 << n) - 1, (2 << n) - 1
    put = {_n: n, _power: power, _low: low, _high: high}
    th = k.inst({v: literals.int_lit(y) for v, y in put.items()}, _taken())
    lower = k.compute(apply("add", _MINUS, literals.int_lit(power)))
    raised = k.app(k.refl(apply("pow2", _n).function), k.compute(apply("add", _ONE, literals.int_lit(n))))
    raised = k.app(k.refl(lower.left.function), k.trans(raised, power_of_two(n + 1)))
    return discharge(th, *_place(n), lower, k.trans(raised, k.compute(raised.right)))


@cache
def _place(n: int) -> tuple[Theorem, ...]:
    number = literals.int_lit(n)
    least, most = k.compute(apply("le", _ZERO, number)), k.compute(apply("lt", number, literals.int_lit(WIDTH)))
    test = _nonzero(literal(WORD, 1 << n))
    first, last = test.function, test.argument
    compared = k.app(k.app(k.refl(first.function), k.compute(first.argument)), k.compute(last))
    return least, most, power_of_two(n), k.trans(compared, k.compute(compared.right))


def literal_test(x: Term, n: int) -> Theorem:
    """|- the test that bit n of a literal is 0 = true or false"""
    bit = known_bit(x, n)
    put = {_x: x, _n: literals.int_lit(n), _power: literals.int_lit(1 << n)}
    return discharge(k.inst(put, _by_bit(bit.right)), *_place(n), bit)


@cache
def _small(top: int) -> Theorem:
    """{0 <= x, x < 2**top} |- the test that bit `top` of x is 0 = true"""
    return decided(_x, top, nothing_met(lowest(WORD, top), literal(WORD, 1 << top)))


@cache
def highest_test(x: Term, top: int) -> Theorem:
    """|- the test that bit `top` of a literal, its highest, is 0 = true or false"""
    if literals.int_value(x.argument) >> top:
        return literal_test(x, top)
    return discharge(k.inst({_x: x}, _small(top)), *_between(x, top))


def within_mask(x: Term, n: int) -> Theorem:
    """|- x & (2**n - 1) = x, for a literal below 2**n."""
    return discharge(k.inst({_x: x}, lowest(WORD, n)), *_between(x, n))


def _between(x: Term, n: int) -> tuple[Theorem, Theorem]:
    """|- 0 <= x and |- x < 2**n, of a literal."""
    limit = literals.int_lit(1 << n)
    number = k.compute(apply(f"toZ.{WORD}", x))
    least, most = apply("le", _ZERO, number.left), apply("lt", number.left, limit)
    first = k.app(k.refl(least.function), number)
    last = k.app(k.app(k.refl(most.function.function), number), k.refl(limit))
    return k.trans(first, k.compute(first.right)), k.trans(last, k.compute(last.right))
