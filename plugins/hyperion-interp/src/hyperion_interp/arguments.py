"""Python and NumPy arguments to values of the IR, and back. NumPy need not be installed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

from hyperion.errors import BufferError_
from hyperion.ir.function import Function
from hyperion.ir.rounding import round_float, round_integer
from hyperion.ir.scalars import Number, holds
from hyperion.ir.types import INT, ArrayType, BoolType, FloatType, IntType, SpecType, TupleType, Type
from hyperion_interp.arrays import PersistentArray


def values_of_arguments(function: Function, arguments: Sequence[object]) -> list[Number]:
    """The values of the parameters. Floats are rounded to the parameter's type.

    Raises `BufferError_` (HY2101) where an argument does not fit its parameter, or sizes disagree.
    """
    if len(arguments) != len(function.parameters):
        raise BufferError_(
            "HY2101", f"@{function.name} takes {len(function.parameters)} arguments, {len(arguments)} given"
        )
    sizes: dict[str, int] = {}
    found: list[Number] = []
    for parameter, argument in zip(function.parameters, arguments, strict=True):
        value = _value(parameter.type, _plain(argument), str(parameter))
        if isinstance(parameter.type, ArrayType):
            _check_size(parameter.type, len(value), sizes, str(parameter))
        found.append(value)
    return found


def result(value: Number) -> object:
    """A value as a Python object: arrays as lists."""
    return value.to_list() if isinstance(value, PersistentArray) else value


def _plain(argument: object) -> object:
    """NumPy arrays and scalars as lists and Python scalars."""
    convert = getattr(argument, "tolist", None)
    return convert() if callable(convert) else argument


def _check_size(kind: ArrayType, length: int, sizes: dict[str, int], name: str) -> None:
    (size,) = kind.shape
    wanted = sizes.setdefault(size, length) if isinstance(size, str) else size
    if wanted != length:
        raise BufferError_("HY2101", f"{name} is {kind} with {size} = {wanted}, but has {length} elements")


def _value(kind: Type, argument: object, name: str) -> Number:
    match kind:
        case ArrayType():
            return _array(kind, argument, name)
        case TupleType():
            raise BufferError_("HY2101", f"{name} is a tuple, which has no argument form")
        case _:
            return _scalar(kind, argument, name)


def _array(kind: ArrayType, argument: object, name: str) -> PersistentArray:
    given = type(argument).__name__
    if not isinstance(argument, list | tuple) or len(kind.shape) != 1:
        raise BufferError_(
            "HY2101",
            f"{name} is {kind}, {given} given",
            hints=("give a list or a 1-d NumPy array",),
        )
    items = cast(Sequence[Any], argument)  # elements of any type: each is checked below
    return PersistentArray([_scalar(kind.element, item, f"an element of {name}") for item in items])


def _scalar(kind: Type, argument: object, name: str) -> Number:
    match kind:
        case FloatType():
            if isinstance(argument, float):
                return round_float(argument, kind)
            if isinstance(argument, int) and not isinstance(argument, bool):
                return round_integer(argument, kind)
        case SpecType() if kind != INT:
            if isinstance(argument, Fraction):
                return argument
            if isinstance(argument, int) and not isinstance(argument, bool):
                return Fraction(argument)
        case BoolType() | IntType() | SpecType():
            if isinstance(argument, int) and holds(kind, argument):
                return argument
        case _:
            pass
    raise BufferError_("HY2101", f"{name} is {kind}, {_shown(argument)} given")


def _shown(argument: object) -> str:
    # repr of an int with thousands of digits raises ValueError.
    if isinstance(argument, int) and argument.bit_length() > 256:
        return f"an int of {argument.bit_length()} bits"
    text = repr(argument)
    return text if len(text) <= 80 else f"{text[:77]}..."
