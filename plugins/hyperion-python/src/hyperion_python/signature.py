"""The IR types of run-time arguments."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from hyperion.arguments import no_axes, out_of_range, sequence, taken
from hyperion.buffers.view import BufferView
from hyperion.ir.types import (
    BOOL,
    F16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    ArrayType,
    FloatType,
    Type,
)  # fmt: skip
from hyperion_python.refusals import refuse

ELEMENT_TYPES: Final[dict[str, Type]] = {
    "bool": BOOL, "int8": I8, "int16": I16, "int32": I32, "int64": I64,
    "uint8": U8, "uint16": U16, "uint32": U32, "uint64": U64,
    "float16": F16, "float32": F32, "float64": F64,
}  # fmt: skip
"""Element types by the name of the NumPy dtype."""

_FLOAT_SCALARS: Final[dict[str, FloatType]] = {"float16": F16, "float32": F32, "float64": F64}
_ELEMENTS: Final = {str(kind): kind for kind in ELEMENT_TYPES.values()}


def type_of_argument(position: int, argument: object) -> Type:
    """The type of one argument; an array gets the size `n<position>`, a matrix `m<position>` columns as well.

    Raises as `hyperion.arguments.taken`; `TypeCheckError` (HY6120, HY6121) for what the language has no type for, and
    `ArgumentRangeError` (HY6122) for a Python int outside 64 bits.
    """
    match taken(position, argument):
        case np.ndarray() as array:
            return _array_type(position, array.ndim, array.dtype.name, array.dtype.kind)  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]  dtype is not static
        case BufferView() as view:
            return _array_type(position, view.ndim, view.dtype, "")
        case bool() | np.bool_():
            return BOOL
        case np.integer() as number:
            return U64 if number.dtype.name == "uint64" else I64
        case np.floating() as number if number.dtype.name in _FLOAT_SCALARS:  # pyright: ignore[reportUnknownMemberType]  as above
            return _FLOAT_SCALARS[number.dtype.name]  # pyright: ignore[reportUnknownMemberType]  as above
        case int() as number:
            if not I64.contains(number):
                raise out_of_range(position, number, I64)
            return I64
        case float():
            return F64
        case tuple():
            raise sequence(position, argument)
        case _:
            refuse(
                "HY6120",
                f"argument {position + 1} has type {type(argument).__qualname__}, which is not taken",
                None,
                note="taken: bool, int, float, bytes, NumPy scalars of those kinds, arrays of 1 or 2 dimensions",
                hint="convert it before the call",
            )


def _array_type(position: int, dimensions: int, element: str, kind: str) -> Type:
    name = f"argument {position + 1}"
    if not dimensions:
        raise no_axes(position)
    if dimensions > 2:
        hint = "pass array.ravel(), or a part of two dimensions"
        refuse("HY6121", f"{name} has {dimensions} dimensions; arrays of one or two are taken", None, hint=hint)
    found = ELEMENT_TYPES.get(element) or _ELEMENTS.get(element)
    if found is None:
        refuse(
            "HY6121",
            f"{name} has elements of type {element}, which is not taken",
            None,
            note=f"taken: {', '.join(ELEMENT_TYPES)}",
            hint=_hint_for(kind),
        )
    return ArrayType(found, sizes_of(position, dimensions))


def sizes_of(position: int, dimensions: int) -> tuple[str, ...]:
    """The names of the sizes of the argument at that position."""
    return (f"n{position}", f"m{position}")[:dimensions]


def _hint_for(kind: str) -> str:
    match kind:
        case "O":
            return "pass array.astype(np.int64) or array.astype(np.float64)"
        case "c":
            return "pass array.real and array.imag as two arrays"
        case _:
            return "pass array.astype(np.float64)"


def typed_number(found: object) -> tuple[int | float, Type] | None:
    """The value and type of a NumPy scalar whose type does not adapt as a Python number's does, or None."""
    if not isinstance(found, np.generic):
        return None
    name, value = _name_and_value(found)  # pyright: ignore[reportUnknownArgumentType]  as below
    if name in _FLOAT_SCALARS and isinstance(value, float):
        return value, _FLOAT_SCALARS[name]
    return (value, U64) if name == "uint64" and isinstance(value, int) else None


def _name_and_value(scalar: np.generic[Any]) -> tuple[str, object]:  # Any: NumPy scalars are generic in their item
    return scalar.dtype.name, scalar.item()
