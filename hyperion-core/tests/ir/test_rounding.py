"""Rounding to the float formats, against neighbours found from bit patterns."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.ir.rounding import float_bits, float_of_bits, round_float, round_integer, round_ratio, round_root
from hyperion.ir.types import BF16, F16, F32, F64, FloatType
from hyperion.testing.float_formats import FORMATS, bits_of, is_nearest, same, steps, value_of

every_format = pytest.mark.parametrize("kind", FORMATS, ids=str)


@every_format
@given(st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e-35, 1e-35) | st.floats(-1e6, 1e6))
def test_floats_round_to_the_nearest(kind: FloatType, x: float) -> None:
    rounded = round_float(x, kind)
    assert is_nearest(rounded, Fraction(x), kind)
    assert math.copysign(1, rounded) == math.copysign(1, x)


@every_format
@given(st.data())
def test_halves_go_to_the_even_pattern(kind: FloatType, data: st.DataObject) -> None:
    bits = data.draw(st.integers(0, bits_of(math.inf, kind) - 1))
    value = value_of(bits, kind)
    _, above = steps(value, kind)
    half = (Fraction(value) + above) / 2
    even = value if bits % 2 == 0 else value_of(bits + 1, kind)
    assert same(round_ratio(half.numerator, half.denominator, kind), even)
    assert same(round_ratio(-half.numerator, half.denominator, kind), -even)
    if kind != F64:  # halves of the narrower formats are f64
        assert same(round_float(float(half), kind), even)


@pytest.mark.parametrize("kind", [F16, F32, F64], ids=str)
@given(st.fractions() | st.fractions(max_denominator=10**40).map(lambda q: q / 2**1000))
def test_ratios_round_as_struct_does(kind: FloatType, exact: Fraction) -> None:
    rounded = round_ratio(exact.numerator, exact.denominator, kind)
    assert is_nearest(rounded, exact, kind)
    if kind == F64:
        assert rounded == exact.numerator / exact.denominator  # Python divides integers correctly rounded


@given(st.integers(0, 2**32 - 1))
def test_bf16_of_f32_is_the_usual_bit_trick(pattern: int) -> None:
    value = value_of(pattern, F32)
    if math.isnan(value):
        assert math.isnan(round_float(value, BF16))
    else:
        assert bits_of(round_float(value, BF16), BF16) == (pattern + 0x7FFF + (pattern >> 16 & 1)) >> 16


def test_bf16_rounds_once_from_f64() -> None:
    x = 1 + 2**-8 + 2**-40  # just above a half; an f32 on the way is the half itself, and goes to even
    assert round_float(x, BF16) == 1 + 2**-7
    assert round_float(round_float(x, F32), BF16) == 1.0
    assert round_integer((1 << 60) + (1 << 52) + 1, BF16) == float((1 << 60) + (1 << 53))


@pytest.mark.parametrize("kind", [F16, BF16], ids=str)
def test_every_pattern_of_16_bits(kind: FloatType) -> None:
    canonical = {F16: 0x7E00, BF16: 0x7FC0}[kind]
    for bits in range(1 << 16):
        value = float_of_bits(bits, kind)
        assert same(value, value_of(bits, kind))
        assert float_bits(value, kind) == (canonical if math.isnan(value) else bits)
        assert same(round_float(value, kind), value)


@pytest.mark.parametrize(("kind", "integer"), [(F32, np.uint32), (F64, np.uint64)], ids=str)
@given(st.data())
def test_bits_are_numpys(kind: FloatType, integer: type, data: st.DataObject) -> None:
    bits = data.draw(st.integers(0, (1 << kind.width) - 1))
    seen = integer(bits).view(np.dtype(f"f{kind.width // 8}"))
    value = float_of_bits(bits, kind)
    assert same(value, float(seen))
    assert float_bits(value, kind) == (bits if value == value else {32: 0x7FC00000, 64: 0x7FF8 << 48}[kind.width])


@every_format
@given(st.integers(-(2**127), 2**127 - 1) | st.integers(-(2**26), 2**26))
def test_integers_round_once(kind: FloatType, n: int) -> None:
    assert is_nearest(round_integer(n, kind), Fraction(n), kind)


@every_format
@given(st.integers(0, 2**120) | st.integers(0, 2**30), st.integers(-700, 700))
def test_roots_are_the_nearest(kind: FloatType, n: int, exponent: int) -> None:
    root, exact = round_root(n, exponent, kind), n * Fraction(4) ** exponent
    if math.isinf(root):
        assert is_nearest(root, Fraction(math.isqrt(exact.__ceil__())), kind)
        return
    below, above = steps(root, kind)
    low, high = (max(Fraction(0), Fraction(root) + step) / 2 for step in (below, above))
    if bits_of(root, kind) % 2 == 0:
        assert low**2 <= exact <= high**2
    else:
        assert low**2 < exact < high**2
