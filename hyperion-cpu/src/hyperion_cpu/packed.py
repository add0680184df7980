"""The entry in Python, through ctypes: for interpreters whose objects look otherwise, and for 128-bit scalars."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from typing import NoReturn

import numpy as np

from hyperion.errors import HyperionError
from hyperion.ir.function import Function
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType, Type
from hyperion_cpu.arguments import convert
from hyperion_cpu.entry import SLOT

FLOAT_CODES = {16: "<e", 32: "<f", 64: "<d"}
Wrap = Callable[..., object]

# The interpreter's lock is held during the call, which may run signal handlers.
_prototype = ctypes.PYFUNCTYPE(ctypes.c_int32, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)


def entry(
    function: Function,
    address: int,
    mismatch: Callable[..., object],
    raise_trap: Callable[[int, int, int], NoReturn],
    wrap: Wrap,
) -> Callable[..., object]:
    """A Python function that packs its arguments into slots, calls the kernel and unpacks its results. For arguments
    not exactly of the declared types it calls `mismatch`, as the builtin does."""
    kernel = _prototype(address)

    def call(*arguments: object) -> object:
        if not _exact(function, arguments):
            return mismatch(*arguments)
        slots = b"".join(pack(v.type, x) for v, x in zip(function.parameters, arguments, strict=True))
        out = ctypes.create_string_buffer(max(1, len(function.results) * SLOT))
        asked = (ctypes.c_int64 * 2)()
        status = kernel(slots, ctypes.cast(out, ctypes.c_char_p), asked)
        if status:
            raise_trap(status, *asked)
        raw = out.raw
        values = [unpack(v.type, raw[i * SLOT : (i + 1) * SLOT], i, wrap) for i, v in enumerate(function.results)]
        return values[0] if len(values) == 1 else tuple(values)

    return call


def _exact(function: Function, arguments: tuple[object, ...]) -> bool:
    try:
        return all(x is given for x, given in zip(convert(function, arguments), arguments, strict=True))
    except HyperionError:
        return False


def pack(kind: Type, value: object) -> bytes:
    match kind, value:
        case ArrayType(), np.ndarray():
            data = struct.pack(f"<Q{value.ndim}Q", value.__array_interface__["data"][0], *value.shape)
        case BoolType(), bool():
            data = bytes([value])
        case IntType(), int():
            data = value.to_bytes(kind.width // 8, "little", signed=kind.signed)
        case FloatType(), float():
            data = struct.pack(FLOAT_CODES[kind.width], np.dtype(f"f{kind.width // 8}").type(value))
        case _:
            raise AssertionError(kind)
    return data.ljust(SLOT, b"\0")


def unpack(kind: Type, slot: bytes, position: int, wrap: Wrap) -> object:
    match kind:
        case ArrayType():
            address, *shape = struct.unpack_from(f"<Q{len(kind.shape)}Q", slot)
            return wrap(address, position, *shape)
        case BoolType():
            return bool(slot[0] & 1)
        case IntType():
            return int.from_bytes(slot[: kind.width // 8], "little", signed=kind.signed)
        case FloatType():
            return float(struct.unpack(FLOAT_CODES[kind.width], slot[: kind.width // 8])[0])
        case _:
            raise AssertionError(kind)
