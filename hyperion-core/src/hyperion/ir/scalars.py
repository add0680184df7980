"""Scalar arithmetic of the IR on Python values: the exact meaning of every scalar op.

A machine integer and an `int` are a Python int, `bool` is a bool, a float of any width is a Python float that the
width holds, `real` is a Fraction.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any, Literal

from hyperion.ir.types import BoolType, FloatType, IntType, Type

TrapKind = Literal["overflow", "zero-division", "index", "value", "inexact"]
Mode = Literal["wrap", "trap", "sat"]

Number = Any  # an int, bool, float or Fraction: the type rule of each op says which
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


def round_float(value: float, width: int) -> float:
    """The value of an IEEE format of `width` bits nearest to `value`, ties to even; infinity past the range."""
    if width == 64 or not math.isfinite(value):
        return value
    code = "<f" if width == 32 else "<e"
    try:
        (rounded,) = struct.unpack(code, struct.pack(code, value))
    except OverflowError:
        return math.copysign(math.inf, value)
    return float(rounded)


def round_integer(value: int, width: int) -> float:
    """`value` rounded once, ties to even, to an IEEE format of `width` bits."""
    precision = {16: 11, 32: 24, 64: 53}[width]
    magnitude = abs(value)
    excess = max(0, magnitude.bit_length() - precision)
    kept = magnitude >> excess
    lost = magnitude - (kept << excess)
    half = (1 << excess) >> 1
    if excess and (lost > half or (lost == half and kept & 1)):
        kept += 1
    try:
        result = round_float(float(kept << excess), width)
    except OverflowError:
        result = math.inf
    return -result if value < 0 else result


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
            return math.isnan(value) or round_float(value, kind.width) == value
        case _:
            return not isinstance(value, bool | float)


def float_text(value: float) -> str:
    """The canonical text of a float literal: `float.hex`, or `nan`, `inf`, `-inf`.

    >>> float_text(3.0), float_text(-0.0)
    ('0x1.8000000000000p+1', '-0x0.0p+0')
    """
    return "nan" if math.isnan(value) else value.hex()


def divide(x: Number, y: Number) -> Number:
    """IEEE 754 division of two floats; the total division of two Fractions (by 0 it is 0)."""
    if y != 0:
        return x / y
    if not isinstance(x, float):
        return x * 0
    if x == 0.0 or math.isnan(x):
        return math.nan
    return math.copysign(math.inf, x) * math.copysign(1.0, y)


def square_root(x: float) -> float:
    """IEEE 754 square root: NaN below zero, -0.0 of -0.0."""
    return math.sqrt(x) if x >= 0 else math.nan


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


def truncate(mode: Mode, kind: IntType, x: float) -> int:
    """A float rounded toward zero."""
    if math.isnan(x):
        raise Trap("value")
    if math.isinf(x):
        raise Trap("overflow")
    return fit(mode, kind, int(x))


def round_to(kind: FloatType, x: int | float) -> float:
    return round_float(x, kind.width) if isinstance(x, float) else round_integer(x, kind.width)


def exactly(kind: FloatType, x: int) -> float:
    rounded = round_integer(x, kind.width)
    if math.isinf(rounded) or int(rounded) != x:
        raise Trap("inexact")
    return rounded
