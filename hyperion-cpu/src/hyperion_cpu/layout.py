"""Where CPython and NumPy keep what the generated entry reads, checked against live objects."""

from __future__ import annotations

import ctypes
import functools
import struct
import sys
from dataclasses import dataclass

import numpy as np

from hyperion.ir.types import BoolType, FloatType, IntType, Type

FLAGS = 0x1 | 0x100  # C-contiguous, aligned


@dataclass(frozen=True, slots=True)
class Layout:
    """Offsets in bytes from the start of an object."""

    type_: int
    float_value: int
    data: int
    dimensions: int
    shape: int
    descriptor: int
    flags: int


def dtype_of(element: Type) -> np.dtype[np.generic] | None:
    """The NumPy dtype of array elements; None where there is none."""
    match element:
        case BoolType():
            return np.dtype(np.bool_)
        case IntType() if element.width <= 64:
            return np.dtype(f"{'i' if element.signed else 'u'}{element.width // 8}")
        case FloatType(brain=False):
            return np.dtype(f"f{element.width // 8}")
        case _:
            return None


@functools.cache
def layout() -> Layout | None:
    """The offsets, or None where they do not hold on this interpreter: a slower entry is used then."""
    if sys.implementation.name != "cpython" or struct.calcsize("P") != 8 or object.__basicsize__ != 16:
        return None
    head = object.__basicsize__
    guess = Layout(8, head, head, head + 8, head + 16, head + 40, head + 48)
    return guess if _holds(guess) else None


def _holds(guess: Layout) -> bool:
    array = np.zeros((3, 5), "f4")
    turned = array.T  # has a name: what is read must still be there
    start = id(array)
    shape = _pointer(start + guess.shape)
    flags = ctypes.c_int.from_address(start + guess.flags).value
    transposed = ctypes.c_int.from_address(id(turned) + guess.flags).value
    number = 1.5
    return (
        np.ndarray.__basicsize__ >= guess.flags + 4
        and _pointer(start + guess.type_) == id(np.ndarray)
        and _pointer(start + guess.data) == array.__array_interface__["data"][0]
        and ctypes.c_int.from_address(start + guess.dimensions).value == 2
        and [ctypes.c_int64.from_address(shape + 8 * i).value for i in range(2)] == [3, 5]
        and _pointer(start + guess.descriptor) == id(array.dtype)
        and flags & FLAGS == FLAGS
        and transposed & FLAGS == FLAGS & ~1
        and ctypes.c_double.from_address(id(number) + guess.float_value).value == number
    )


def _pointer(address: int) -> int:
    return ctypes.c_void_p.from_address(address).value or 0
