"""Floating-point arithmetic of the IR beyond + - * / and comparison, on Python floats that the format holds.

A NaN has no sign and no payload here: code generation may make any NaN, so no op may show which.
"""

from __future__ import annotations

import math

from hyperion.ir.rounding import round_ratio
from hyperion.ir.types import FloatType


def divide(x: float, y: float) -> float:
    """IEEE 754 division."""
    if y != 0:
        return x / y
    if x == 0.0 or math.isnan(x):
        return math.nan
    return math.copysign(math.inf, x) * math.copysign(1.0, y)


def square_root(x: float) -> float:
    """IEEE 754 square root: NaN below zero, -0.0 of -0.0."""
    return math.sqrt(x) if x >= 0 else math.nan


def exponential(x: float) -> float:
    """e**x as the C library has it; infinity where it overflows."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def logarithm(x: float) -> float:
    """The natural logarithm as the C library has it; -infinity of a zero, NaN below."""
    if x <= 0:
        return -math.inf if x == 0 else math.nan
    return math.log(x)


def maximum(x: float, y: float) -> float:
    """`maximum` of IEEE 754-2019: NaN if either is NaN; -0 < +0."""
    if math.isnan(x) or math.isnan(y):
        return math.nan
    return x if _above(x, y) else y


def minimum(x: float, y: float) -> float:
    """`minimum` of IEEE 754-2019: NaN if either is NaN; -0 < +0."""
    if math.isnan(x) or math.isnan(y):
        return math.nan
    return y if _above(x, y) else x


def maximum_number(x: float, y: float) -> float:
    """`maximumNumber` of IEEE 754-2019: the number where the other is NaN; -0 < +0."""
    if math.isnan(x):
        return y
    return x if math.isnan(y) else maximum(x, y)


def minimum_number(x: float, y: float) -> float:
    """`minimumNumber` of IEEE 754-2019: the number where the other is NaN; -0 < +0."""
    if math.isnan(x):
        return y
    return x if math.isnan(y) else minimum(x, y)


def _above(x: float, y: float) -> bool:
    return x > y or (x == y and math.copysign(1.0, x) > math.copysign(1.0, y))


def copy_sign(x: float, y: float) -> float:
    """|x| with the sign of y; a NaN counts as positive."""
    return math.copysign(x, 1.0 if math.isnan(y) else y)


def floor(x: float) -> float:
    """The largest integral value not above x; a zero keeps the sign of x."""
    return math.copysign(math.floor(x), x) if math.isfinite(x) else x


def ceil(x: float) -> float:
    """The smallest integral value not below x; a zero keeps the sign of x."""
    return math.copysign(math.ceil(x), x) if math.isfinite(x) else x


def trunc(x: float) -> float:
    """The integral value next to x toward zero; a zero keeps the sign of x."""
    return math.copysign(math.trunc(x), x) if math.isfinite(x) else x


def round_half_even(x: float) -> float:
    """The nearest integral value, ties to even; a zero keeps the sign of x."""
    return math.copysign(round(x), x) if math.isfinite(x) else x


def fused_multiply_add(x: float, y: float, z: float, kind: FloatType) -> float:
    """x * y + z, exact and then rounded once to `kind` (IEEE 754 fusedMultiplyAdd)."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return x * y + z
    if not math.isfinite(z):
        return z
    (a, b), (c, d), (e, f) = x.as_integer_ratio(), y.as_integer_ratio(), z.as_integer_ratio()
    numerator = a * c * f + e * b * d
    if numerator == 0:
        return x * y + z if x == 0 or y == 0 else 0.0
    return round_ratio(numerator, b * d * f, kind)
