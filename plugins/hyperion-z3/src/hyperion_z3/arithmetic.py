"""Two ways to speak of integers and machine words in z3, each in one context.

`Unbounded`: integers are z3's integers, a word is an integer in range, `toZ` the identity, and `ofZ` reduces modulo
2**width. `Exact`: words are bit vectors, and every integer is a signed bit vector just wide enough to be exact; free
integers have 72 bits. What an attempt assumes beyond the statement is in `assumed`: it may refute then, never prove.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from hyperion.ir.types import IntType
from hyperion_z3.solver import Z3, Untranslatable, z3

Unary: TypeAlias = Callable[[Z3], Z3]
Binary: TypeAlias = Callable[[Z3, Z3], Z3]

WIDEST = 1024
"""Bits of an integer in `Exact`."""
FREE = 72
"""Bits of a free integer in `Exact`."""


class Arithmetic(Protocol):
    """Integers and words in one context.

    Tables of operations are made when they are asked for: kept by what their functions name, they would keep the
    context, tens of megabytes, until a collection of cycles.
    """

    @property
    def unary(self) -> Mapping[str, Unary]: ...
    @property
    def binary(self) -> Mapping[str, Binary]: ...

    @property
    def defined(self) -> list[Z3]:
        """What always holds of the constants that were introduced."""
        ...

    @property
    def assumed(self) -> list[Z3]:
        """What is taken to hold although the statement does not say so: exponents are small."""
        ...

    @property
    def bounded(self) -> bool:
        """Whether some values that the statement speaks of are left out."""
        ...

    def literal(self, value: int) -> Z3: ...
    def integer_sort(self) -> Z3: ...
    def word_sort(self, word: IntType) -> Z3: ...
    def to_integer(self, word: IntType, x: Z3) -> Z3: ...
    def of_integer(self, word: IntType, z: Z3) -> Z3: ...
    def in_range(self, word: IntType, z: Z3) -> Z3: ...
    def bits(self, word: IntType, x: Z3) -> Z3:
        """The word as a bit vector."""
        ...

    def bit(self, word: IntType, x: Z3, i: Z3) -> Z3:
        """Bit i modulo the width."""
        ...

    def unify(self, a: Z3, b: Z3) -> tuple[Z3, Z3]:
        """The same two integers in one sort."""
        ...


class Unbounded:
    """Integers are z3's integers."""

    def __init__(self, where: Z3) -> None:
        self._where = where
        self.defined: list[Z3] = []
        self.assumed: list[Z3] = []

    @property
    def unary(self) -> Mapping[str, Unary]:
        return {
            "neg": lambda a: -a,
            "abs": lambda a: z3.If(a < 0, -a, a),
            "pow2": self._power,
        }

    @property
    def binary(self) -> Mapping[str, Binary]:
        return {
            "add": lambda a, b: a + b,
            "sub": lambda a, b: a - b,
            "mul": lambda a, b: a * b,
            "max": lambda a, b: z3.If(a >= b, a, b),
            "min": lambda a, b: z3.If(a <= b, a, b),
            "floordiv": lambda a, b: z3.If(b == 0, 0, self._divided(a, b)[0]),
            "mod": lambda a, b: z3.If(b == 0, a, self._divided(a, b)[1]),
            "le": lambda a, b: a <= b,
            "lt": lambda a, b: a < b,
            "eq": lambda a, b: a == b,
            "within": lambda p, a: z3.If(a < 0, -a, a) <= p,
        }

    def literal(self, value: int) -> Z3:
        return z3.IntVal(value, self._where)

    def integer_sort(self) -> Z3:
        return z3.IntSort(self._where)

    def word_sort(self, word: IntType) -> Z3:
        return z3.IntSort(self._where)

    def to_integer(self, word: IntType, x: Z3) -> Z3:
        return x

    def of_integer(self, word: IntType, z: Z3) -> Z3:
        return (z - word.minimum) % 2**word.width + word.minimum

    def in_range(self, word: IntType, z: Z3) -> Z3:
        return z3.And(word.minimum <= z, z <= word.maximum)

    def bits(self, word: IntType, x: Z3) -> Z3:
        raise Untranslatable("bit operations on unbounded integers")

    def bit(self, word: IntType, x: Z3, i: Z3) -> Z3:
        raise Untranslatable("bit operations on unbounded integers")

    def unify(self, a: Z3, b: Z3) -> tuple[Z3, Z3]:
        return a, b

    @property
    def bounded(self) -> bool:
        return bool(self.assumed)

    def _divided(self, a: Z3, b: Z3) -> tuple[Z3, Z3]:
        """Quotient, rounded down, and remainder where b is not 0."""
        if z3.is_int_value(b):  # z3's remainder is not negative
            positive = b.as_long() > 0
            return (a / b, a % b) if positive else ((-a) / (-b), -((-a) % (-b)))
        q, r = (z3.FreshConst(z3.IntSort(self._where), name) for name in ("quotient", "remainder"))
        above, below = z3.And(b > 0, r >= 0, r < b), z3.And(b < 0, b < r, r <= 0)
        self.defined.append(z3.Or(b == 0, z3.And(a == b * q + r, z3.Or(above, below))))
        return q, r

    def _power(self, n: Z3) -> Z3:
        """2**n for 0 <= n <= 8, which is assumed."""
        n = z3.simplify(n)
        if z3.is_int_value(n) and 0 <= n.as_long() <= WIDEST:
            return self.literal(2 ** n.as_long())
        self.assumed.append(z3.And(n >= 0, n <= 8))
        power = self.literal(1)
        for i in range(1, 9):
            power = z3.If(n == i, self.literal(2**i), power)
        return power


class Exact:
    """Integers are bit vectors of the width that each needs."""

    def __init__(self, where: Z3) -> None:
        self._where = where
        self.defined: list[Z3] = []
        self.assumed: list[Z3] = []
        self.bounded = False

    @property
    def unary(self) -> Mapping[str, Unary]:
        return {
            "neg": lambda a: -_wide(a, 1),
            "abs": _magnitude,
            "pow2": self._power,
        }

    @property
    def binary(self) -> Mapping[str, Binary]:
        return {
            "add": lambda a, b: _sum(a, b, lambda x, y: x + y),
            "sub": lambda a, b: _sum(a, b, lambda x, y: x - y),
            "mul": self._product,
            "max": lambda a, b: _same(a, b, lambda x, y: z3.If(x >= y, x, y)),
            "min": lambda a, b: _same(a, b, lambda x, y: z3.If(x <= y, x, y)),
            "floordiv": lambda a, b: _sum(a, b, _quotient),
            "mod": lambda a, b: _same(a, b, lambda x, y: z3.If(y == 0, x, x % y)),
            "le": lambda a, b: _same(a, b, lambda x, y: x <= y),
            "lt": lambda a, b: _same(a, b, lambda x, y: x < y),
            "eq": lambda a, b: _same(a, b, lambda x, y: x == y),
            "within": lambda p, a: _same(_magnitude(a), p, lambda x, y: x <= y),
        }

    def literal(self, value: int) -> Z3:
        return z3.BitVecVal(value, value.bit_length() + 1, self._where)

    def integer_sort(self) -> Z3:
        self.bounded = True
        return z3.BitVecSort(FREE, self._where)

    def word_sort(self, word: IntType) -> Z3:
        return z3.BitVecSort(word.width, self._where)

    def to_integer(self, word: IntType, x: Z3) -> Z3:
        return x if word.signed else z3.ZeroExt(1, x)

    def of_integer(self, word: IntType, z: Z3) -> Z3:
        if z.size() >= word.width:
            return z3.Extract(word.width - 1, 0, z)
        return z3.SignExt(word.width - z.size(), z)

    def in_range(self, word: IntType, z: Z3) -> Z3:
        lowest, highest = self.literal(word.minimum), self.literal(word.maximum)
        le = self.binary["le"]
        return z3.And(le(lowest, z), le(z, highest))

    def bits(self, word: IntType, x: Z3) -> Z3:
        return x

    def bit(self, word: IntType, x: Z3, i: Z3) -> Z3:
        index = z3.simplify(self.binary["mod"](i, self.literal(word.width)))
        if z3.is_bv_value(index):
            return z3.Extract(index.as_long(), index.as_long(), x) == 1
        index = z3.Extract(word.width - 1, 0, _wide(index, word.width)) if index.size() != word.width else index
        return z3.Extract(0, 0, z3.LShR(x, index)) == 1

    def unify(self, a: Z3, b: Z3) -> tuple[Z3, Z3]:
        width = max(a.size(), b.size())
        return _wide(a, width - a.size()), _wide(b, width - b.size())

    def _power(self, n: Z3) -> Z3:
        """2**n; where n is no literal, 0 <= n <= 256 is assumed."""
        n = z3.simplify(n)
        if z3.is_bv_value(n) and 0 <= n.as_signed_long() < WIDEST - 1:
            return self.literal(2 ** n.as_signed_long())
        self.bounded = True
        le = self.binary["le"]
        self.assumed.append(z3.And(le(self.literal(0), n), le(n, self.literal(256))))
        wide = _wide(n, 258 - n.size()) if n.size() < 258 else z3.Extract(257, 0, n)
        return z3.BitVecVal(1, 258, self._where) << wide

    def _product(self, a: Z3, b: Z3) -> Z3:
        width = a.size() + b.size()
        if width > WIDEST:
            raise Untranslatable(f"an integer of more than {WIDEST} bits")
        return _wide(a, width - a.size()) * _wide(b, width - b.size())


def _wide(a: Z3, more: int) -> Z3:
    if a.size() + more > WIDEST:
        raise Untranslatable(f"an integer of more than {WIDEST} bits")
    return z3.SignExt(more, a) if more else a


def _same(a: Z3, b: Z3, then: Callable[[Z3, Z3], Z3]) -> Z3:
    width = max(a.size(), b.size())
    return then(_wide(a, width - a.size()), _wide(b, width - b.size()))


def _sum(a: Z3, b: Z3, then: Callable[[Z3, Z3], Z3]) -> Z3:
    """With one bit more than the wider one has."""
    return _same(a, b, lambda x, y: then(_wide(x, 1), _wide(y, 1)))


def _magnitude(a: Z3) -> Z3:
    wide = _wide(a, 1)
    return z3.If(wide < 0, -wide, wide)


def _quotient(x: Z3, y: Z3) -> Z3:
    """Towards minus infinity; 0 for a divisor of 0. z3 divides towards 0. By a power of two this shifts, which z3 does
    not see by itself at the widths of words."""
    divisor = z3.simplify(y)
    if z3.is_bv_value(divisor) and divisor.as_signed_long() > 0 and divisor.as_signed_long().bit_count() == 1:
        return x >> (divisor.as_signed_long().bit_length() - 1)
    down = z3.And(z3.SRem(x, y) != 0, (x < 0) != (y < 0))
    return z3.If(y == 0, 0, z3.If(down, x / y - 1, x / y))
