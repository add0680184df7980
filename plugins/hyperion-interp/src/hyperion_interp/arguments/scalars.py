"""One Python or NumPy scalar to a value of a scalar type."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hyperion.ir.rounding import float_of_bits, round_float, round_integer
from hyperion.ir.scalars import Number, holds
from hyperion.ir.types import (
    BF16,
    INT,
    ArrayType,
    BoolType,
    ComplexType,
    ExtensionType,
    FloatType,
    IntType,
    SpecType,
    TupleType,
    Type,
)
from hyperion_interp.arguments.numpy_types import is_array, is_scalar
from hyperion_interp.arguments.refusal import refused, shown


def scalar(kind: Type, argument: object, name: str) -> Number:
    """The value of `kind` that is `argument`; for floats the nearest one.

    A NumPy uint16 is the bit pattern of a bf16. Raises `BufferError_` (HY2101).
    """
    given: Any = argument  # Any: the type of an argument is what is being found out
    if is_scalar(argument):
        given = argument.item()
        if kind == BF16 and argument.dtype.name == "uint16":
            return float_of_bits(given, BF16)
    match kind:
        case FloatType():
            if _is_real(given):
                return _rounded(given, kind)
        case ComplexType():
            if isinstance(given, complex):
                return complex(_rounded(given.real, kind.part), _rounded(given.imag, kind.part))
            if _is_real(given):
                return complex(_rounded(given, kind.part), 0.0)
        case SpecType() if kind != INT:
            if isinstance(given, Fraction | int) and not isinstance(given, bool):
                return Fraction(given)
        case BoolType() | IntType() | SpecType():
            if isinstance(given, int) and holds(kind, given):
                return given
        case ExtensionType():
            return argument  # only its plugin knows what a value is
        case ArrayType() | TupleType():
            pass
    if is_array(argument) and argument.ndim == 0:
        raise refused(name, kind, "a 0-d array", "give its element: `x[()]`")
    raise refused(name, kind, shown(argument))


def _is_real(given: object) -> bool:
    return isinstance(given, float | int) and not isinstance(given, bool)


def _rounded(value: float, kind: FloatType) -> float:
    return round_float(value, kind) if isinstance(value, float) else round_integer(value, kind)
