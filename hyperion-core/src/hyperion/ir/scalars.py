"""Scalar arithmetic of the IR on Python values: the exact meaning of every scalar op.

A machine integer and an `int` are a Python int, `bool` is a bool, a float of any format is a Python float that the
format holds, a complex number is a complex whose parts the format holds, `real` is a Fraction. What a value of an
extension type is, its plugin knows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

from hyperion.ir import float_scalars
from hyperion.ir.rounding import float_bits, float_of_bits, round_float, round_integer
from hyperion.ir.types import BoolType, ComplexType, ExtensionType, FloatType, IntType, Type

TrapKind = Literal["overflow", "zero-division", "index", "value", "inexact", "recursion"]
Mode = Literal["wrap", "trap", "sat"]

Number = Any  # an int, bool, float, complex or Fraction: the type rule of each op says which
Evaluate = Callable[[tuple[Number, ...], tuple[Type, ...], Type], Number]


class Trap(Exception):
    """A scalar op has no value for its operands."""

    def __init__(self, kind: TrapKind) -> None:
        super().__init__(kind)
        self.kind: TrapKind = kind


def fit(mode: Mode, kind: IntType, exact: int) -> int:
    """The exact result brought into the range of `kind`, or a trap."""
    if kind.contains(exact):
        return exact
    match mode:
        case "wrap":
            return kind.wrap(exact)
        case "sat":
            return kind.minimum if exact < kind.minimum else kind.maximum
        case "trap":
            raise Trap("overflow")


def holds(kind: Type, value: Number) -> bool:
    """Whether a Python value is a value of the scalar type `kind`."""
    match kind:
        case BoolType():
            return isinstance(value, bool)
        case IntType():
            return isinstance(value, int) and not isinstance(value, bool) and kind.contains(value)
        case FloatType():
            if not isinstance(value, float):
                return False
            return math.isnan(value) or round_float(value, kind) == value
        case ComplexType():
            return isinstance(value, complex) and holds(kind.part, value.real) and holds(kind.part, value.imag)
        case ExtensionType():
            return True
        case _:
            return not isinstance(value, bool | float | complex)


def float_text(value: float) -> str:
    """The canonical text of a float literal: `float.hex`, or `nan`, `inf`, `-inf`.

    >>> float_text(3.0), float_text(-0.0)
    ('0x1.8000000000000p+1', '-0x0.0p+0')
    """
    return "nan" if math.isnan(value) else value.hex()


def divide(x: Number, y: Number) -> Number:
    """IEEE 754 division of two floats; the total division of two Fractions (by 0 it is 0)."""
    if isinstance(x, float):
        return float_scalars.divide(x, y)
    return x / y if y else x * 0


def floor_divide(x: int, y: int) -> int:
    if y == 0:
        raise Trap("zero-division")
    return x // y


def floor_modulo(x: int, y: int) -> int:
    if y == 0:
        raise Trap("zero-division")
    return x % y


def magnitude(x: Number) -> Number:
    return abs(x)


def bit_and(x: int, y: int) -> int:
    return x & y


def bit_or(x: int, y: int) -> int:
    return x | y


def bit_xor(x: int, y: int) -> int:
    return x ^ y


def shift_left(mode: Mode, kind: IntType, x: int, count: int) -> int:
    if count < 0:
        raise Trap("value")
    # A count past the width gives the same outcome as the width itself, except modulo, where both give 0.
    return fit(mode, kind, x << min(count, kind.width))


def shift_right(x: int, count: int) -> int:
    if count < 0:
        raise Trap("value")
    return x >> min(count, 128)


def count_ones(kind: IntType, x: int) -> int:
    """The number of bits that are 1."""
    return _bits(kind, x).bit_count()


def count_leading_zeros(kind: IntType, x: int) -> int:
    """The number of zero bits above the highest 1; the width for 0."""
    return kind.width - _bits(kind, x).bit_length()


def count_trailing_zeros(kind: IntType, x: int) -> int:
    """The number of zero bits below the lowest 1; the width for 0."""
    bits = _bits(kind, x)
    return (bits & -bits).bit_length() - 1 if bits else kind.width


def _bits(kind: IntType, x: int) -> int:
    return x & ((1 << kind.width) - 1)


def bitcast(source: Type, target: Type, x: Number) -> Number:
    """The value of `target` with the bits of `x`; a NaN becomes the quiet one with sign and payload 0."""
    if isinstance(source, FloatType):
        assert isinstance(target, IntType)
        return target.wrap(float_bits(x, source))
    assert isinstance(source, IntType)
    assert isinstance(target, FloatType)
    return float_of_bits(_bits(source, x), target)


def truncate(mode: Mode, kind: IntType, x: float) -> int:
    """A float rounded toward zero; with the mode `sat` a NaN becomes 0 and an infinity an end of the range."""
    if math.isfinite(x):
        return fit(mode, kind, int(x))
    if mode == "sat":
        return 0 if math.isnan(x) else fit(mode, kind, int(math.copysign(1 << kind.width, x)))
    raise Trap("value" if math.isnan(x) else "overflow")


def round_to(kind: FloatType, x: int | float) -> float:
    return round_float(x, kind) if isinstance(x, float) else round_integer(x, kind)


def exactly(kind: FloatType, x: int) -> float:
    rounded = round_integer(x, kind)
    if math.isinf(rounded) or int(rounded) != x:
        raise Trap("inexact")
    return rounded
