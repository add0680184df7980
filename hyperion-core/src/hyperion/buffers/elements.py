"""The types of elements in memory, by the names of the IR, and what other libraries call them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from typing import Final

from hyperion.errors import BufferError_
from hyperion.ir.types import BoolType, ComplexType, FloatType, IntType, scalar_types

SUPPORTED: Final = "bool, i8..i128, u8..u64, f16, bf16, f32, f64, c64, c128"
NATIVE: Final = "<" if sys.byteorder == "little" else ">"

_SIZES = {"i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8), "c": (8, 16)}
TYPESTRS: Final = {"bool": "|b1"} | {
    f"{kind}{8 * n}": f"{'|' if n == 1 else NATIVE}{kind}{n}" for kind, sizes in _SIZES.items() for n in sizes
}
"""`__array_interface__` names of the types that NumPy has."""

# Format characters of the struct module; sizes decide, because `l` differs between platforms.
_KINDS = {
    **dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u"), **dict.fromkeys("efd", "f"),
    **dict.fromkeys(("Zf", "Zd"), "c"),
}  # fmt: skip
FORMATS: Final = {
    "bool": "?", "i8": "b", "i16": "h", "i32": "i", "i64": "q", "u8": "B", "u16": "H", "u32": "I", "u64": "Q",
    "f16": "e", "f32": "f", "f64": "d",
}  # fmt: skip
"""Format characters of the types that a memoryview can show."""


@functools.lru_cache(256)
def itemsize(dtype: str) -> int:
    """Bytes of one element; raises `BufferError_` (HY2003) for a type that has no bytes."""
    match scalar_types().get(dtype):
        case BoolType():
            return 1
        case IntType() | FloatType() | ComplexType() as kind:
            return kind.width // 8
        case _:
            raise BufferError_("HY2003", f"{dtype!r} is not the type of elements in memory", hints=[SUPPORTED])


def contiguous_strides(shape: Sequence[int], size: int) -> tuple[int, ...]:
    """Strides in bytes of a C-ordered array."""
    if len(shape) == 1:
        return (size,)
    strides: list[int] = []
    for n in reversed(shape):
        strides.append(size)
        size *= max(n, 1)
    return tuple(reversed(strides))


def of_format(text: str, size: int) -> str:
    """The type of a buffer-protocol format. Raises `BufferError_` (HY2003) for records, text and foreign byte order."""
    order, code = (text[0], text[1:]) if text[:1] in ("@", "=", "<", ">", "!") else ("@", text)
    if order in "<>!" and size > 1 and order.replace("!", ">") != NATIVE:
        raise _foreign(text)
    if code == "?":
        return "bool"
    kind = _KINDS.get(code)
    if kind is None:
        raise BufferError_("HY2003", f"elements of format {text!r} are not supported", hints=[SUPPORTED])
    return f"{kind}{8 * size}"


def of_typestr(text: str) -> str:
    """The type of an `__array_interface__` type string. Raises `BufferError_` (HY2003) as `of_format` does."""
    order, kind, size = text[:1], text[1:2], text[2:]
    if order in "<>" and order != NATIVE and size != "1":
        raise _foreign(text)
    name = "bool" if kind == "b" else f"{kind}{8 * int(size)}" if size.isdecimal() else ""
    if name not in TYPESTRS:
        raise BufferError_("HY2003", f"elements of type {text!r} are not supported", hints=[SUPPORTED])
    return name


def _foreign(text: str) -> BufferError_:
    hints = ['array.astype(array.dtype.newbyteorder("=")) copies it to the order of this machine']
    return BufferError_("HY2003", f"elements of type {text!r} have the byte order of another machine", hints=hints)
