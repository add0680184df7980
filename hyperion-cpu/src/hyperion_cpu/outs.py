"""Memory that the caller of a run has for its results: written in place where the kernel can, else copied to."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from hyperion.buffers.elements import itemsize
from hyperion.buffers.host import check_copy, copy_into
from hyperion.interfaces.buffer import BufferView
from hyperion.outs import Outs
from hyperion_cpu.function import CpuFunction


def offered(function: CpuFunction, outs: Outs) -> ctypes.Array[ctypes.c_int64] | None:
    """For each result the address and the bytes of memory that its kernel may write, or zeros; None where it writes
    none. The memory is known to be just that of the results."""
    if not function.offers:
        return None
    made = (ctypes.c_int64 * (2 * len(outs)))()
    for number, out in enumerate(outs):
        if out is not None and number in function.offers and out.size and out.contiguous:
            memory = out.buffer.address
            if memory is not None and not (memory + out.offset) % itemsize(out.dtype):
                made[2 * number], made[2 * number + 1] = memory + out.offset, out.nbytes
    return made


def delivered(outs: Outs, results: Sequence[object]) -> tuple[object, ...]:
    """The results, of which None are where they belong already. Raises as `copy_into`, before anything is copied."""
    pairs = [
        (out, result)
        for out, result in zip(outs, results, strict=True)
        if out is not None and isinstance(result, BufferView)
    ]
    for pair in pairs:
        check_copy(*pair)
    for pair in pairs:
        copy_into(*pair)
    return tuple([result if out is None else out for out, result in zip(outs, results, strict=True)])
