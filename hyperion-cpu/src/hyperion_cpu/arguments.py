"""Arguments that are not exactly of the declared types: converted where nothing is lost, refused otherwise.

The refusals are Python's own exceptions, not `HyperionError`s: a caller with versions for several types tries another.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from hyperion.ir.function import Function, Value
from hyperion.ir.types import U8, ArrayType, BoolType, FloatType, IntType
from hyperion_cpu.layout import dtype_of

Array = np.ndarray[Any, np.dtype[Any]]  # Any: of what elements is what is checked here


def convert(function: Function, arguments: Sequence[object]) -> list[object]:
    """The arguments as ndarrays and Python scalars of exactly the declared types.

    Raises TypeError for another number or kind of arguments, OverflowError for an int out of range, ValueError for
    arrays whose lengths should be equal.
    """
    if len(arguments) != len(function.parameters):
        signature = ", ".join(f"{v.name}: {v.type}" for v in function.parameters)
        raise TypeError(
            f"{function.name}({signature}) takes {len(function.parameters)} arguments, {len(arguments)} given"
        )
    converted = [_one(function, v, x) for v, x in zip(function.parameters, arguments, strict=True)]
    _check_sizes(function, converted)
    return converted


def _one(function: Function, value: Value, given: object) -> object:
    match value.type:
        case ArrayType():
            return _array(function, value, value.type, given)
        case BoolType():
            if isinstance(given, bool | np.bool_):
                return bool(cast(bool, given))
        case IntType():
            if isinstance(given, int | np.integer) and not isinstance(given, bool):
                return _integer(function, value, value.type, operator.index(cast(int, given)))
        case FloatType():
            if isinstance(given, float | np.floating):
                return float(cast(float, given))
        case _:
            pass
    raise _refusal(function, value, given)


def _integer(function: Function, value: Value, kind: IntType, given: int) -> int:
    if kind.contains(given):
        return given
    raise OverflowError(f"argument {value.name} of {function.name} is {given}, past the range of {kind}")


def _array(function: Function, value: Value, kind: ArrayType, given: object) -> object:
    """The same elements, native, contiguous and aligned: a copy where the array is not."""
    if isinstance(given, bytes | bytearray) and kind.element == U8:
        given = np.frombuffer(given, dtype=np.uint8)
    expected = dtype_of(kind.element)
    array = cast(Array, given)
    if (
        not isinstance(given, np.ndarray)
        or not (type(array) is np.ndarray or isinstance(given, np.memmap))
        or expected is None
        or array.ndim != len(kind.shape)
        or array.dtype.newbyteorder("=") != expected
    ):
        raise _refusal(function, value, cast(object, given))
    return np.require(array.view(np.ndarray), dtype=expected, requirements=["C", "A", "E"])


def _check_sizes(function: Function, converted: Sequence[object]) -> None:
    sizes: dict[int | str, int] = {}
    for value, array in zip(function.parameters, converted, strict=True):
        if isinstance(value.type, ArrayType) and isinstance(array, np.ndarray):
            kinds = ("elements",) if array.ndim == 1 else ("rows", "columns")
            for size, length, kind in zip(value.type.shape, cast(Array, array).shape, kinds, strict=True):
                expected = size if isinstance(size, int) else sizes.setdefault(size, length)
                if expected != length:
                    what = f"argument {value.name} of {function.name} has {length} {kind}"
                    raise ValueError(f"{what}, expected {size} = {expected}")


def _called(kind: type[Array]) -> str:
    """Other subclasses than memmap are refused: what they hold may be more than the memory, as with masks."""
    return f"a {kind.__qualname__}" if kind not in (np.ndarray, np.memmap) else "an array"


def _refusal(function: Function, value: Value, given: object) -> TypeError:
    if isinstance(given, np.ndarray):
        array = cast(Array, given)
        what = f"{_called(type(array))} of {array.dtype} with shape {array.shape}"
    else:
        what = f"{repr(given)[:40]} ({type(given).__name__})"
    return TypeError(f"argument {value.name} of {function.name} is {what}, expected {value.type}")
