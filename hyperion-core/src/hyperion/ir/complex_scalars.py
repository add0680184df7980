"""Complex arithmetic of the IR on Python complex numbers whose parts the format holds.

Every step on parts is rounded to the part's format, so that compiled code needs no wider arithmetic.
"""

from __future__ import annotations

import math

from hyperion.ir import float_scalars
from hyperion.ir.rounding import round_float, round_root
from hyperion.ir.types import ComplexType, FloatType


def add(x: complex, y: complex, kind: ComplexType) -> complex:
    return rounded(complex(x.real + y.real, x.imag + y.imag), kind)


def subtract(x: complex, y: complex, kind: ComplexType) -> complex:
    return rounded(complex(x.real - y.real, x.imag - y.imag), kind)


def multiply(x: complex, y: complex, kind: ComplexType) -> complex:
    """(ac - bd) + (ad + bc)i, each product and each sum rounded."""
    part = kind.part
    ac, bd = round_float(x.real * y.real, part), round_float(x.imag * y.imag, part)
    ad, bc = round_float(x.real * y.imag, part), round_float(x.imag * y.real, part)
    return rounded(complex(ac - bd, ad + bc), kind)


def divide(x: complex, y: complex, kind: ComplexType) -> complex:
    """x / y by Smith's method (Algorithm 116, CACM 5(8), 1962), each step rounded; by 0 both parts are NaN."""
    a, b, c, d = x.real, x.imag, y.real, y.imag
    if abs(c) >= abs(d):
        return _smith(a, b, c, d, kind.part)
    # (a + bi) / (c + di) = (b - ai) / (d - ci)
    return _smith(b, -a, d, -c, kind.part)


def _smith(a: float, b: float, c: float, d: float, part: FloatType) -> complex:
    """(a + bi) / (c + di) for |c| >= |d|."""
    ratio = _quotient(d, c, part)
    bottom = _sum(c, d * ratio, part)
    return complex(
        _quotient(_sum(a, b * ratio, part), bottom, part),
        _quotient(_sum(b, -a * ratio, part), bottom, part),
    )


def _sum(x: float, product: float, part: FloatType) -> float:
    return round_float(x + round_float(product, part), part)


def _quotient(x: float, y: float, part: FloatType) -> float:
    return round_float(float_scalars.divide(x, y), part)


def negate(x: complex) -> complex:
    return complex(-x.real, -x.imag)


def conjugate(x: complex) -> complex:
    return complex(x.real, -x.imag)


def absolute(x: complex, kind: FloatType) -> float:
    """The square root of re**2 + im**2, correctly rounded to `kind`; an infinite part wins over a NaN."""
    if math.isinf(x.real) or math.isinf(x.imag):
        return math.inf
    if math.isnan(x.real) or math.isnan(x.imag):
        return math.nan
    (a, b), (c, d) = x.real.as_integer_ratio(), x.imag.as_integer_ratio()
    scale = max(b, d)  # both are powers of two
    square = (a * (scale // b)) ** 2 + (c * (scale // d)) ** 2
    return round_root(square, 1 - scale.bit_length(), kind)


def rounded(x: complex, kind: ComplexType) -> complex:
    """`x` with both parts rounded to those of `kind`."""
    return complex(round_float(x.real, kind.part), round_float(x.imag, kind.part))
