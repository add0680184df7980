"""Memory that a kernel allocated, or the device did, as arrays and buffers that own it."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from hyperion.buffers.elements import contiguous_strides
from hyperion.buffers.host import HostBuffer
from hyperion.buffers.view import BufferView
from hyperion_llvm import HEADER

Free = Callable[[int], object]


class Block:
    """A block of the kernel's memory; `free` takes it when the last array over it goes."""

    __slots__ = ("_address", "_free", "_shape", "_typestr")

    def __init__(self, address: int, shape: tuple[int, ...], typestr: str, free: Free) -> None:
        self._address = address
        self._free = free
        self._shape = shape
        self._typestr = typestr

    @property
    def __array_interface__(self) -> dict[str, object]:
        return {"shape": self._shape, "typestr": self._typestr, "data": (self._address, False), "version": 3}

    def __del__(self) -> None:
        self._free(self._address - HEADER)


class BlockBuffer(HostBuffer):
    """A buffer that owns a block: `address` is that of its data. The block goes with the last that was made of it."""

    __slots__ = ("_block",)

    def __init__(self, address: int, nbytes: int, device: str, free: Free) -> None:
        self._block: Block | None = Block(address, (nbytes,), "|u1", free)
        super().__init__(_NOTHING, address, device)
        self.nbytes = nbytes

    def host(self) -> memoryview:
        """Raises as `HostBuffer.host` does."""
        if self._block is not None and self._memory is _NOTHING:
            self._memory = np.asarray(self._block).data
        return super().host()

    def free(self) -> None:
        super().free()
        self._block = None

    def donate(self) -> HostBuffer:
        """Raises as `HostBuffer.donate` does."""
        made = super().donate()
        self._block = None
        return made


_NOTHING = memoryview(bytearray())
"""The memory of a `BlockBuffer` until somebody asks for it."""


def to_array(
    address: int, shape: tuple[int, ...], dtype: np.dtype[np.generic], free: Free
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """A writable array over a block that the kernel allocated; takes the block over."""
    return np.asarray(Block(address, shape, dtype.str, free))


def to_view(address: int, shape: tuple[int, ...], dtype: str, size: int, device: str, free: Free) -> BufferView:
    """A view of a buffer of its own over a block that the kernel allocated, in C order, of elements of `size` bytes;
    takes the block over."""
    buffer = BlockBuffer(address, size * prod(shape), device, free)
    return BufferView(buffer, dtype, shape, contiguous_strides(shape, size))
