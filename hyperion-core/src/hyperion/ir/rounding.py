"""Exact rounding to the float formats: to nearest, ties to even, once, with subnormals and overflow to infinity.

A value of any format is a Python float that the format holds. Nothing here computes in floats: a finite result is
found with integers and scaled by a power of two, which is exact.
"""

from __future__ import annotations

import math
import struct

from hyperion.ir.types import FloatType

CODES = {16: "<e", 32: "<f", 64: "<d"}  # of `struct`, by width; bfloat16 has none


def round_float(value: float, kind: FloatType) -> float:
    """The value of `kind` nearest to `value`; NaN and infinities stay.

    >>> round_float(1.00390625, FloatType(16, brain=True))  # halfway between 1 and 1 + 2**-7: to even
    1.0
    """
    if kind.width == 64 or not math.isfinite(value):
        return value
    if kind.brain:
        numerator, denominator = value.as_integer_ratio()
        return math.copysign(round_ratio(numerator, denominator, kind), value)
    code = CODES[kind.width]
    try:
        (rounded,) = struct.unpack(code, struct.pack(code, value))
    except OverflowError:
        return math.copysign(math.inf, value)
    return float(rounded)


def round_integer(value: int, kind: FloatType) -> float:
    """The value of `kind` nearest to an integer."""
    return round_ratio(value, 1, kind)


def round_ratio(numerator: int, denominator: int, kind: FloatType) -> float:
    """The value of `kind` nearest to numerator / denominator; the denominator is positive. Exact zero gives +0."""
    if numerator == 0:
        return 0.0
    magnitude = abs(numerator)
    exponent = magnitude.bit_length() - denominator.bit_length()  # of the leading bit, or one more
    if magnitude << max(0, -exponent) < denominator << max(0, exponent):
        exponent -= 1
    lowest = max(exponent - kind.precision + 1, kind.smallest_exponent)  # of the last bit that is kept
    divisor = denominator << max(0, lowest)
    kept, lost = divmod(magnitude << max(0, -lowest), divisor)
    kept += 2 * lost > divisor or (2 * lost == divisor and kept & 1)
    if kept.bit_length() + lowest > kind.largest_exponent + 1:
        return math.inf if numerator > 0 else -math.inf
    return math.ldexp(float(kept) if numerator > 0 else -float(kept), lowest)


def round_root(numerator: int, exponent: int, kind: FloatType) -> float:
    """The value of `kind` nearest to the square root of numerator * 4**exponent."""
    if numerator == 0:
        return 0.0
    extra = max(0, kind.precision + 2 - numerator.bit_length() // 2)  # the root keeps two bits more than the format
    scaled = numerator << (2 * extra)
    root = math.isqrt(scaled)
    odd = 2 * root + (root * root != scaled)  # one bit more says that something was lost
    shift = exponent - extra - 1
    return round_ratio(odd << max(0, shift), 1 << max(0, -shift), kind)


def float_bits(value: float, kind: FloatType) -> int:
    """The bits of a value of `kind` as an unsigned integer; every NaN as the quiet one with sign and payload 0."""
    if kind.brain:
        return float_bits(value, FloatType(32)) >> 16
    if math.isnan(value):
        return {16: 0x7E00, 32: 0x7FC0_0000, 64: 0x7FF8_0000_0000_0000}[kind.width]
    return int.from_bytes(struct.pack(CODES[kind.width], value), "little")


def float_of_bits(bits: int, kind: FloatType) -> float:
    """The value of `kind` whose bits are the unsigned integer `bits`; any NaN is `nan`."""
    if kind.brain:
        return float_of_bits(bits << 16, FloatType(32))
    (value,) = struct.unpack(CODES[kind.width], bits.to_bytes(kind.width // 8, "little"))
    return math.nan if math.isnan(value) else float(value)
