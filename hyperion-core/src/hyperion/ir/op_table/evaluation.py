"""Adapters from functions on Python values to the `evaluate` of a row."""

from __future__ import annotations

from collections.abc import Callable

from hyperion.ir import complex_scalars, scalars
from hyperion.ir.rounding import round_float
from hyperion.ir.scalars import Evaluate, Mode, Number
from hyperion.ir.type_rules import Types
from hyperion.ir.types import ComplexType, FloatType, IntType, Type

Complex = Callable[[complex, complex, ComplexType], complex]


def plain(function: Callable[..., Number]) -> Evaluate:
    """An op whose value does not depend on the types."""
    return lambda values, types, result: function(*values)


def by_mode(mode: Mode, exact: Callable[..., Number]) -> Evaluate:
    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        assert isinstance(result, IntType)
        return scalars.fit(mode, result, exact(*values))

    return evaluate


def rounded(function: Callable[..., Number], of_complex: Complex | None = None) -> Evaluate:
    """IEEE: the exact result rounded once. Going through f64 is exact for + - * / and sqrt of the narrower formats
    (Figueroa, When is double rounding innocuous?, 1995)."""

    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        if isinstance(result, ComplexType) and of_complex is not None:
            x, y = values
            return of_complex(x, y, result)
        value = function(*values)
        return round_float(value, result) if isinstance(result, FloatType) else value

    return evaluate


def of_integer(function: Callable[[IntType, int], int]) -> Evaluate:
    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        assert isinstance(result, IntType)
        return function(result, values[0])

    return evaluate


def to_float(function: Callable[[FloatType, Number], float]) -> Evaluate:
    """A conversion to a float, or of both parts of a complex number."""

    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        if isinstance(result, ComplexType):
            return complex_scalars.rounded(values[0], result)
        assert isinstance(result, FloatType)
        return function(result, values[0])

    return evaluate


def signature(arity: int) -> str:
    return f"{', '.join(['T'] * arity)} -> T"
