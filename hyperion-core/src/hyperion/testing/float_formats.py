"""An account of the float formats by bit patterns and fractions, which shares nothing with `hyperion.ir.rounding`.

Backends test their arithmetic against it.
"""

from __future__ import annotations

import math
import struct
from fractions import Fraction

from hyperion.ir.types import BF16, F16, F32, F64, FloatType

FORMATS = (F16, BF16, F32, F64)
_SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, math.inf, -math.inf, math.nan)


_CODES = {16: "<e", 32: "<f", 64: "<d"}


def value_of(bits: int, kind: FloatType) -> float:
    """The value with that bit pattern, by `struct`; a bf16 is the upper half of an f32."""
    code, bits = ("<f", bits << 16) if kind == BF16 else (_CODES[kind.width], bits)
    (value,) = struct.unpack(code, bits.to_bytes(struct.calcsize(code), "little"))
    return float(value)


def bits_of(value: float, kind: FloatType) -> int:
    """The bit pattern of a value of the format."""
    if kind == BF16:
        return int.from_bytes(struct.pack("<f", value)[2:], "little")
    return int.from_bytes(struct.pack(_CODES[kind.width], value), "little")


def same(x: float, y: float) -> bool:
    """Equal with the sign of zero; every NaN equals every other."""
    return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1, x) == math.copysign(1, y))


def edges(kind: FloatType) -> tuple[float, ...]:
    """Special values, the ends of the range and the smallest subnormals."""
    largest, smallest = value_of(bits_of(math.inf, kind) - 1, kind), value_of(1, kind)
    return (*_SPECIAL, largest, -largest, smallest, -smallest, 3 * smallest)


def steps(value: float, kind: FloatType) -> tuple[Fraction, Fraction]:
    """The values next to a finite one, below and above, as if the format had no largest value."""
    bits, sign = bits_of(abs(value), kind), -1 if math.copysign(1, value) < 0 else 1
    here = Fraction(value_of(bits, kind))
    outer_value = value_of(bits + 1, kind)
    inner = Fraction(value_of(bits - 1, kind)) if bits else -Fraction(value_of(1, kind))
    outer = Fraction(outer_value) if math.isfinite(outer_value) else here + (here - inner)
    low, high = sorted((sign * inner, sign * outer))
    return low, high


def is_nearest(value: float, exact: Fraction, kind: FloatType) -> bool:
    """Whether `value` is the one of the format nearest to `exact`, ties to the even pattern."""
    if math.isinf(value):
        largest = value_of((bits_of(math.inf, kind)) - 1, kind)
        _, past = steps(largest, kind)
        return abs(exact) >= (Fraction(largest) + past) / 2 and (exact > 0) == (value > 0)
    below, above = steps(value, kind)
    low, high = (Fraction(value) + below) / 2, (Fraction(value) + above) / 2
    if exact in (low, high):
        return bits_of(value, kind) % 2 == 0
    return low < exact < high
