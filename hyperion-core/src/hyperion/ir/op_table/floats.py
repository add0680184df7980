"""Floats beyond the four operations, and the parts of complex numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hyperion.ir import complex_scalars, float_scalars, type_rules
from hyperion.ir.op_table.definition import OpDef
from hyperion.ir.op_table.evaluation import plain, rounded, signature
from hyperion.ir.scalars import Number
from hyperion.ir.type_rules import Types
from hyperion.ir.types import FloatType, Type


def rows() -> Iterator[OpDef]:
    root = type_rules.uniform(1, type_rules.is_float, "floats")
    evaluate = rounded(float_scalars.square_root)
    yield OpDef("sqrt", "T -> T", "IEEE square root.", root, (), evaluate, ("fp",), denotation="ieee fsqrt | opaque")
    yield from _transcendental()
    yield from _pairs()
    yield from _integral()
    rule = type_rules.uniform(3, type_rules.is_float, "floats")
    yield OpDef("fma", signature(3), "x * y + z, rounded once.", rule, (), _fused)
    yield from _complex()


def _transcendental() -> Iterator[OpDef]:
    rule = type_rules.uniform(1, type_rules.is_float, "floats")
    for name, function, doc in (
        ("exp", float_scalars.exponential, "e to the power x; infinity where that is too large for the format."),
        ("log", float_scalars.logarithm, "The natural logarithm: -infinity of a zero, NaN below."),
    ):
        doc += " The C library's result in f64, rounded."
        meaning = f"real r{name} | opaque"
        yield OpDef(name, "T -> T", doc, rule, (), rounded(function), ("fp",), denotation=meaning)


def _pairs() -> Iterator[OpDef]:
    table: tuple[tuple[str, Callable[..., float], str], ...] = (
        ("maximum", float_scalars.maximum, "The larger (IEEE 754-2019 maximum): NaN wins, -0 < +0."),
        ("minimum", float_scalars.minimum, "The smaller (IEEE 754-2019 minimum): NaN wins, -0 < +0."),
        ("maxnum", float_scalars.maximum_number, "The larger (maximumNumber): the number wins over NaN, -0 < +0."),
        ("minnum", float_scalars.minimum_number, "The smaller (minimumNumber): the number wins over NaN, -0 < +0."),
        ("copysign", float_scalars.copy_sign, "|x| with the sign of y; a NaN counts as positive."),
    )
    rule = type_rules.uniform(2, type_rules.is_float, "floats")
    for name, function, doc in table:
        meaning = f"ieee f{name} | opaque" if name != "copysign" else "opaque"
        yield OpDef(name, signature(2), doc, rule, (), plain(function), denotation=meaning)


def _integral() -> Iterator[OpDef]:
    table: tuple[tuple[str, Callable[..., float], str], ...] = (
        ("floor", float_scalars.floor, "The nearest integral value not above x."),
        ("ceil", float_scalars.ceil, "The nearest integral value not below x."),
        ("trunc", float_scalars.trunc, "The nearest integral value toward zero."),
        ("round", float_scalars.round_half_even, "The nearest integral value, ties to even."),
    )
    rule = type_rules.uniform(1, type_rules.is_float, "floats")
    for name, function, doc in table:
        yield OpDef(name, signature(1), f"{doc[:-1]}; a zero has the sign of x.", rule, (), plain(function))


def _fused(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    assert isinstance(result, FloatType)
    x, y, z = values
    return float_scalars.fused_multiply_add(x, y, z, result)


def _complex() -> Iterator[OpDef]:
    doc = "The complex number re + im i: c64 of two f32, c128 of two f64."
    yield OpDef("complex", "F, F -> C", doc, type_rules.complex_of_parts, (), plain(complex))
    yield OpDef("real", "C -> F", "The real part.", type_rules.complex_part, (), plain(_real))
    yield OpDef("imag", "C -> F", "The imaginary part.", type_rules.complex_part, (), plain(_imag))
    rule = type_rules.uniform(1, type_rules.is_complex, "complex numbers")
    yield OpDef("conj", "C -> C", "re - im i.", rule, (), plain(complex_scalars.conjugate))


def _real(x: complex) -> float:
    return x.real


def _imag(x: complex) -> float:
    return x.imag
