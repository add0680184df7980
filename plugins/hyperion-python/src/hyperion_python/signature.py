"""The IR types of run-time arguments."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from hyperion.errors import TrapOverflowError
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


def type_of_argument(position: int, argument: object) -> Type:
    """The type of one argument; an array gets the size `n<position>`, a matrix `m<position>` columns as well. Messages
    count arguments from 1.

    Raises TypeCheckError (HY6120, HY6121) for what is not taken and TrapOverflowError (HY6122) for a Python int
    outside 64 bits.
    """
    match argument:
        case np.ndarray():
            return _array_type(position, argument)  # pyright: ignore[reportUnknownArgumentType]  dtype is not static
        case bool() | np.bool_():
            return BOOL
        case np.integer():
            return U64 if argument.dtype.name == "uint64" else I64
        case np.floating() if argument.dtype.name in _FLOAT_SCALARS:  # pyright: ignore[reportUnknownMemberType]  dtype is not static
            return _FLOAT_SCALARS[argument.dtype.name]  # pyright: ignore[reportUnknownMemberType]  as above
        case int():
            return _integer_type(position, argument)
        case float():
            return F64
        case bytes() | bytearray():
            return ArrayType(U8, (f"n{position}",))
        case str():
            refuse(
                "HY6120",
                f"argument {position + 1} is text, which is not taken",
                None,
                hint="pass text.encode(), whose elements are ints from 0 to 255; compare them with ord('a')",
            )
        case list() | tuple():
            refuse(
                "HY6120",
                f"argument {position + 1} is a {type(argument).__name__}; arrays are NumPy arrays",  # pyright: ignore[reportUnknownArgumentType]
                None,
                hint="pass np.array(values, dtype=np.int64), or another element type",
            )
        case _:
            refuse(
                "HY6120",
                f"argument {position + 1} has type {type(argument).__qualname__}, which is not taken",
                None,
                note="taken: bool, int, float, bytes, NumPy scalars of those kinds, NumPy arrays of 1 or 2 dimensions",
                hint="pass np.asarray(values), which shares their memory"
                if hasattr(argument, "__array_interface__")
                else "convert it before the call",
            )


def _integer_type(position: int, argument: int) -> Type:
    if I64.contains(argument):
        return I64
    hint = "pass np.uint64(value)" if U64.contains(argument) else "reduce it before the call"
    raise TrapOverflowError(
        "HY6122",
        f"argument {position + 1} is {_shortened(argument)}, outside the 64-bit signed range",
        None,
        ("a Python int argument becomes a 64-bit signed integer",),
        (hint,),
    )


def _shortened(value: int) -> str:
    return str(value) if value.bit_length() <= 256 else f"an integer of {value.bit_length()} bits"


def _array_type(position: int, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Type:
    name, dtype = f"argument {position + 1}", array.dtype
    if type(array) is not np.ndarray and not isinstance(array, np.memmap):
        refuse(
            "HY6121",
            f"{name} is a {type(array).__qualname__}; subclasses of numpy.ndarray may change what indexing means",
            None,
            hint="pass np.asarray(values)",
        )
    if array.ndim not in (1, 2):
        hint = (
            "pass array.ravel(), or a part of two dimensions" if array.ndim else "pass array.item() or array.reshape(1)"
        )
        refuse("HY6121", f"{name} has {array.ndim} dimensions; arrays of one or two are taken", None, hint=hint)
    if not dtype.isnative:
        refuse(
            "HY6121",
            f"{name} has the foreign byte order of {dtype.str!r}",
            None,
            hint="pass array.astype(array.dtype.newbyteorder('='))",
        )
    element = ELEMENT_TYPES.get(dtype.name)
    if element is None:
        refuse(
            "HY6121",
            f"{name} has elements of type {dtype}, which is not taken",
            None,
            note=f"taken: {', '.join(ELEMENT_TYPES)}",
            hint=_hint_for(dtype),
        )
    return ArrayType(element, sizes_of(position, array.ndim))


def sizes_of(position: int, dimensions: int) -> tuple[str, ...]:
    """The names of the sizes of the argument at that position."""
    return (f"n{position}", f"m{position}")[:dimensions]


def _hint_for(dtype: np.dtype[np.generic]) -> str:
    match dtype.kind:
        case "M" | "m":
            return "pass array.view(np.int64): the ticks as integers"
        case "O":
            return "pass array.astype(np.int64) or array.astype(np.float64)"
        case "c":
            return "pass array.real and array.imag as two arrays"
        case "S" | "U":
            return "pass np.frombuffer(text.encode(), dtype=np.uint8) for the bytes of a text"
        case _:
            return "pass array.astype(np.float64) or one field of a structured array"


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
