"""Memory that the caller of a run has for its results: written in place where the kernel can, else copied to."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from hyperion.buffers.elements import itemsize
from hyperion.buffers.host import check_apart, copy_into
from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import BufferView
from hyperion.ir.types import ArrayType
from hyperion_cpu.function import CpuFunction

Outs = Sequence[BufferView | None]


def check_outs(function: CpuFunction, outs: Outs, arguments: Sequence[object]) -> None:
    """Raises `BufferError_`: HY2001 for memory that cannot be that of the results, HY2010 where it is read-only, HY2008
    where it shares bytes with an argument, with itself or with that of another result."""
    results = function.function.results
    if len(outs) != len(results):
        raise BufferError_("HY2001", f"memory for {len(outs)} results of a function that gives {len(results)}")
    check_apart([out for out in outs if out is not None], arguments)
    for value, out in zip(results, outs, strict=True):
        if out is None:
            continue
        if not isinstance(value.type, ArrayType) or (str(value.type.element), len(value.type.shape)) != (
            out.dtype,
            out.ndim,
        ):
            raise BufferError_("HY2001", f"{out.dtype} of shape {out.shape} is no memory for {value.type}")
        if out.readonly or out.buffer.readonly:
            raise BufferError_("HY2010", "the memory for a result is read-only")


def offered(function: CpuFunction, outs: Outs) -> ctypes.Array[ctypes.c_int64]:
    """For each result the address and the bytes of memory that its kernel may write, or zeros."""
    made = (ctypes.c_int64 * (2 * len(outs)))()
    for number, out in enumerate(outs):
        if out is not None and number in function.offers and out.size and out.contiguous:
            memory = out.buffer.address
            if memory is not None and not (memory + out.offset) % itemsize(out.dtype):
                made[2 * number], made[2 * number + 1] = memory + out.offset, out.nbytes
    return made


def delivered(outs: Outs, results: Sequence[object]) -> tuple[object, ...]:
    """The results, of which None are where they belong already. Raises as `copy_into`, before anything is copied that
    does not fit."""
    made: list[object] = []
    for out, result in zip(outs, results, strict=True):
        if out is not None and isinstance(result, BufferView):
            copy_into(out, result)
        made.append(result if out is None else out)
    return tuple(made)
