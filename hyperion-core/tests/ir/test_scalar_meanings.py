"""Scalar ops beyond + - * / and comparison: against NumPy where it has them, else against exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hyperion.ir.ops import Trap, evaluate
from hyperion.ir.types import (
    BF16,
    C64,
    C128,
    F16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    I128,
    INT,
    U8,
    U16,
    U32,
    U64,
    ComplexType,
    FloatType,
    IntType,
    Type,
)
from hyperion.testing.float_formats import FORMATS, edges, is_nearest, same, steps, value_of

every_format = pytest.mark.parametrize("kind", FORMATS, ids=str)
NUMPY = {F16: np.float16, F32: np.float32, F64: np.float64}
INTEGERS = (I8, I16, I32, I64, I128, U8, U16, U32, U64)
with_numpy = pytest.mark.parametrize("kind", NUMPY, ids=str)
every_integer = pytest.mark.parametrize("kind", INTEGERS, ids=str)


def values(kind: FloatType) -> st.SearchStrategy[float]:
    patterns = st.integers(0, (1 << kind.width) - 1).map(lambda bits: value_of(bits, kind))
    return patterns | st.sampled_from(edges(kind))


def integers(kind: IntType) -> st.SearchStrategy[int]:
    ends = (kind.minimum, kind.minimum + 1, 0, 1, kind.maximum)
    return st.integers(kind.minimum, kind.maximum) | st.sampled_from(ends)


def one(op: str, kind: Type, *xs: object, result: Type | None = None) -> Any:  # Any: the op says what comes
    try:
        return evaluate(op, xs, (kind,) * len(xs), result or kind)
    except Trap as trap:
        return trap.kind


# Floats


@with_numpy
@given(data=st.data())
def test_integral_parts_are_numpys(kind: FloatType, data: st.DataObject) -> None:
    x = data.draw(values(kind))
    a = NUMPY[kind](x)
    with np.errstate(all="ignore"):
        wanted = {"floor": np.floor(a), "ceil": np.ceil(a), "trunc": np.trunc(a), "round": np.rint(a)}
    for op, value in wanted.items():
        assert same(one(op, kind, x), float(value)), op


@every_format
@pytest.mark.parametrize(
    ("op", "x", "wanted"),
    [
        ("floor", -0.0, -0.0), ("floor", 0.5, 0.0), ("floor", -0.5, -1.0), ("ceil", -0.5, -0.0), ("ceil", 0.5, 1.0),
        ("trunc", -0.5, -0.0), ("trunc", 1.5, 1.0), ("round", 0.5, 0.0), ("round", -0.5, -0.0), ("round", 1.5, 2.0),
        ("round", 2.5, 2.0), ("round", -2.5, -2.0), ("round", math.inf, math.inf), ("floor", math.nan, math.nan),
    ],
)  # fmt: skip
def test_integral_parts_keep_the_sign_of_zero(kind: FloatType, op: str, x: float, wanted: float) -> None:
    assert same(one(op, kind, x), wanted)


@with_numpy
@given(data=st.data())
def test_larger_and_smaller_are_numpys(kind: FloatType, data: st.DataObject) -> None:
    x, y = data.draw(values(kind)), data.draw(values(kind))
    assume(x != y or x != 0)  # NumPy leaves open which zero it takes
    a, b = NUMPY[kind](x), NUMPY[kind](y)
    wanted = {
        "maximum": np.maximum(a, b),
        "minimum": np.minimum(a, b),
        "maxnum": np.fmax(a, b),
        "minnum": np.fmin(a, b),
    }
    for op, value in wanted.items():
        assert same(one(op, kind, x, y), float(value)), op


@every_format
def test_larger_and_smaller_tell_zeros_apart(kind: FloatType) -> None:
    for op in ("maximum", "maxnum"):
        assert same(one(op, kind, -0.0, 0.0), 0.0)
        assert same(one(op, kind, 0.0, -0.0), 0.0)
    for op in ("minimum", "minnum"):
        assert same(one(op, kind, -0.0, 0.0), -0.0)
        assert same(one(op, kind, 0.0, -0.0), -0.0)
    assert math.isnan(one("maxnum", kind, math.nan, math.nan))


@with_numpy
@given(data=st.data())
def test_copysign_is_numpys(kind: FloatType, data: st.DataObject) -> None:
    x, y = data.draw(values(kind)), data.draw(values(kind).filter(lambda v: v == v))
    assert same(one("copysign", kind, x, y), float(np.copysign(NUMPY[kind](x), NUMPY[kind](y))))


def test_the_sign_of_a_nan_does_not_show() -> None:
    for bits in (0x7FF8 << 48, 0xFFF8 << 48, 0xFFF8 << 48 | 5):
        nan = value_of(bits, F64)
        assert one("copysign", F64, -2.0, nan) == 2.0
        assert one("bitcast", F64, nan, result=U64) == 0x7FF8 << 48


@every_format
@given(data=st.data())
def test_fma_rounds_once(kind: FloatType, data: st.DataObject) -> None:
    x, y, z = (data.draw(values(kind)) for _ in range(3))
    found = one("fma", kind, x, y, z)
    assert isinstance(found, float)
    if math.isfinite(x) and math.isfinite(y) and math.isfinite(z):
        exact = Fraction(x) * Fraction(y) + Fraction(z)
        assert is_nearest(found, exact, kind)
        if exact:
            assert math.copysign(1, found) == (1 if exact > 0 else -1)
    elif math.isfinite(x) and math.isfinite(y):
        assert same(found, z)
    else:
        assert same(found, x * y + z)


def test_fma_by_example() -> None:
    assert one("fma", F64, 1 + 2**-52, 1 - 2**-52, -1.0) == -(2**-104)  # the product alone rounds to 1
    assert one("fma", F64, 1e308, 10.0, -math.inf) == -math.inf  # the product is finite before it is rounded
    assert one("fma", F64, 1e308, 10.0, -1e308) == math.inf
    assert same(one("fma", F64, 1.0, -1.0, 1.0), 0.0)
    assert same(one("fma", F64, -0.0, 1.0, -0.0), -0.0)
    assert same(one("fma", F64, -0.0, 1.0, 0.0), 0.0)
    assert same(one("fma", F64, -5e-324, 0.25, 0.0), -0.0)
    assert math.isnan(one("fma", F64, math.inf, 0.0, 1.0))


@given(data=st.data())
def test_bf16_arithmetic_rounds_the_exact_result(data: st.DataObject) -> None:
    x, y = data.draw(values(BF16)), data.draw(values(BF16))
    assume(math.isfinite(x) and math.isfinite(y))
    a, b = Fraction(x), Fraction(y)
    exact = {"add": a + b, "sub": a - b, "mul": a * b} | ({"div": a / b} if y else {})
    for op, value in exact.items():
        assert is_nearest(one(op, BF16, x, y), value, BF16), op
    root = one("sqrt", BF16, abs(x))
    below, above = steps(root, BF16)
    assert ((Fraction(root) + below) / 2) ** 2 <= abs(a) <= ((Fraction(root) + above) / 2) ** 2 or x == 0


# Machine integers


@every_integer
@given(data=st.data())
def test_bit_counts(kind: IntType, data: st.DataObject) -> None:
    x = data.draw(integers(kind))
    digits = format(x % (1 << kind.width), f"0{kind.width}b")
    assert one("popcount", kind, x) == digits.count("1")
    assert one("clz", kind, x) == len(digits) - len(digits.lstrip("0"))
    assert one("ctz", kind, x) == len(digits) - len(digits.rstrip("0"))


@given(st.integers(-(2**63), 2**63 - 1))
def test_popcount_is_numpys(x: int) -> None:
    assert one("popcount", U64, x % 2**64) == int(np.bitwise_count(np.uint64(x % 2**64)))


@every_integer
@given(data=st.data())
def test_saturating_casts_clip(kind: IntType, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(INTEGERS))
    x = data.draw(integers(source))
    assert one("cast.sat", source, x, result=kind) == min(max(x, kind.minimum), kind.maximum)
    assert one("cast.sat", INT, x * 2**200, result=kind) == min(max(x * 2**200, kind.minimum), kind.maximum)


@every_integer
@given(data=st.data())
def test_truncation_to_integers(kind: IntType, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(FORMATS))
    x = data.draw(values(source))
    trapped, clipped = (one(op, source, x, result=kind) for op in ("cast.truncate", "cast.truncate.sat"))
    if math.isnan(x):
        assert (trapped, clipped) == ("value", 0)
        return
    whole = 2**200 * (1 if x > 0 else -1) if math.isinf(x) else math.trunc(x)
    inside = kind.minimum <= whole <= kind.maximum
    assert clipped == min(max(whole, kind.minimum), kind.maximum)
    assert trapped == (clipped if inside else "overflow")


# Bits


@pytest.mark.parametrize(
    ("floating", "signed", "unsigned"), [(F16, I16, U16), (BF16, I16, U16), (F32, I32, U32), (F64, I64, U64)], ids=str
)
@given(data=st.data())
def test_bitcast(floating: FloatType, signed: IntType, unsigned: IntType, data: st.DataObject) -> None:
    bits = data.draw(integers(unsigned))
    value = evaluate("bitcast", (bits,), (unsigned,), floating)
    assert same(value, value_of(bits, floating))
    assert same(value, evaluate("bitcast", (signed.wrap(bits),), (signed,), floating))
    back = evaluate("bitcast", (value,), (floating,), unsigned)
    canonical = {F16: 0x7E00, BF16: 0x7FC0, F32: 0x7FC00000, F64: 0x7FF8 << 48}[floating]
    assert back == (canonical if math.isnan(value) else bits)
    assert evaluate("bitcast", (value,), (floating,), signed) == signed.wrap(back)


# Conversions between floats


@pytest.mark.parametrize("target", FORMATS, ids=str)
@every_format
@given(data=st.data())
def test_rounding_casts(kind: FloatType, target: FloatType, data: st.DataObject) -> None:
    x = data.draw(values(kind))
    if kind == target:
        return
    lossless = target == F64 or (target == F32 and kind in (F16, BF16))
    found = evaluate("cast" if lossless else "cast.round", (x,), (kind,), target)
    if math.isfinite(x):
        assert is_nearest(found, Fraction(x), target)
        assert not lossless or same(found, x)
    else:
        assert same(found, x)


# Complex numbers

PARTS: dict[ComplexType, tuple[type, type]] = {C64: (np.float32, np.complex64), C128: (np.float64, np.complex128)}
every_complex = pytest.mark.parametrize("kind", PARTS, ids=str)


def alike(x: object, y: complex) -> bool:
    return isinstance(x, complex) and same(x.real, y.real) and same(x.imag, y.imag)


def draw_complex(data: st.DataObject, kind: ComplexType) -> complex:
    return complex(data.draw(values(kind.part)), data.draw(values(kind.part)))


@every_complex
@given(data=st.data())
def test_complex_arithmetic_is_numpys_on_parts(kind: ComplexType, data: st.DataObject) -> None:
    x, y = draw_complex(data, kind), draw_complex(data, kind)
    part, whole = PARTS[kind]
    a, b, c, d = (part(v) for v in (x.real, x.imag, y.real, y.imag))
    p, q = whole(x), whole(y)
    with np.errstate(all="ignore"):
        assert alike(one("add", kind, x, y), complex(p + q))
        assert alike(one("sub", kind, x, y), complex(p - q))
        assert alike(one("neg", kind, x), complex(-p))
        assert alike(one("conj", kind, x), complex(np.conj(p)))
        assert alike(one("mul", kind, x, y), complex(a * c - b * d, a * d + b * c))
        assert evaluate("eq", (x, y), (kind, kind), I8) is bool(p == q)
        assert evaluate("ne", (x, y), (kind, kind), I8) is bool(p != q)
        if abs(c) >= abs(d):
            r = d / c
            quotient = complex((a + b * r) / (c + d * r), (b - a * r) / (c + d * r))
        else:
            r = c / d
            quotient = complex((a * r + b) / (c * r + d), (b * r - a) / (c * r + d))
        assert alike(one("div", kind, x, y), quotient)
    assert same(one("real", kind, x, result=kind.part), x.real)
    assert same(one("imag", kind, x, result=kind.part), x.imag)
    assert alike(evaluate("complex", (x.real, x.imag), (kind.part,) * 2, kind), x)


@every_complex
@given(data=st.data())
def test_the_distance_from_zero_is_correctly_rounded(kind: ComplexType, data: st.DataObject) -> None:
    x = draw_complex(data, kind)
    found = one("abs", kind, x, result=kind.part)
    assert isinstance(found, float)
    if math.isinf(x.real) or math.isinf(x.imag):
        assert found == math.inf
    elif math.isnan(x.real) or math.isnan(x.imag):
        assert math.isnan(found)
    else:
        square = Fraction(x.real) ** 2 + Fraction(x.imag) ** 2
        if math.isinf(found):
            assert is_nearest(found, Fraction(math.isqrt(square.__ceil__())), kind.part)
            return
        below, above = steps(found, kind.part)
        low = max(Fraction(0), Fraction(found) + below) / 2
        assert low**2 <= square <= ((Fraction(found) + above) / 2) ** 2
        with np.errstate(all="ignore"):
            assert math.isclose(found, float(np.abs(PARTS[kind][1](x))), rel_tol=1e-6, abs_tol=1e-44)


def test_complex_by_example() -> None:
    assert one("abs", C128, 3 + 4j, result=F64) == 5.0
    assert one("mul", C128, 1j, 1j) == -1
    assert one("div", C128, 5 + 10j, 3 + 4j) == 2.2 + 0.4j
    assert one("div", C128, complex(1e200, 1e200), complex(1e200, 1e200)) == 1  # the plain formula overflows
    assert math.isnan(one("div", C128, 1 + 0j, 0j).real)
    rounded = evaluate("cast.round", (complex(0.1, 1e300),), (C128,), C64)
    assert alike(rounded, complex(float(np.float32(0.1)), math.inf))
    assert alike(evaluate("cast", (rounded,), (C64,), C128), rounded)
