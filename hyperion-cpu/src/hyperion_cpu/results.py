"""Memory that a kernel allocated, or the device did, as arrays and buffers that own it.

An owner is what `hyperion_block_owner` gives: the block at an address goes with the last that has it.
"""

from __future__ import annotations

from math import prod

import numpy as np

from hyperion.buffers.elements import contiguous_strides
from hyperion.buffers.host import HostBuffer
from hyperion.buffers.view import BufferView


class Block:
    """The data of a block, for NumPy."""

    __slots__ = ("__array_interface__", "_owner")

    def __init__(self, owner: object, address: int, shape: tuple[int, ...], typestr: str) -> None:
        self._owner = owner
        self.__array_interface__ = {"shape": shape, "typestr": typestr, "data": (address, False), "version": 3}


class BlockBuffer(HostBuffer):
    """A buffer of a block, whose data are at `address`. The block goes with the last that was made of it."""

    __slots__ = ("_owner",)

    def __init__(self, owner: object, address: int, nbytes: int, device: str) -> None:
        super().__init__(_NOTHING, address, device)
        self.nbytes = nbytes
        self._owner: object = owner

    def host(self) -> memoryview:
        """Raises as `HostBuffer.host` does."""
        owner = self._owner  # another thread may free the buffer meanwhile
        if owner is not None and self._memory is _NOTHING:
            memory = np.asarray(Block(owner, self.address, (self.nbytes,), "|u1")).data
            if self._memory is _NOTHING:
                self._memory = memory
        return super().host()

    def free(self) -> None:
        super().free()
        self._owner = None

    def donate(self) -> HostBuffer:
        """Raises as `HostBuffer.donate` does."""
        made = super().donate()
        self._owner = None
        return made


_NOTHING = memoryview(bytearray())
"""The memory of a `BlockBuffer` until somebody asks for it."""


def to_array(
    owner: object, address: int, shape: tuple[int, ...], dtype: np.dtype[np.generic]
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """A writable array over a block that the kernel allocated."""
    return np.asarray(Block(owner, address, shape, dtype.str))


def to_view(owner: object, address: int, shape: tuple[int, ...], dtype: str, size: int, device: str) -> BufferView:
    """A view of a buffer of its own over a block that the kernel allocated, in C order, of elements of `size` bytes."""
    buffer = BlockBuffer(owner, address, size * prod(shape), device)
    return BufferView(buffer, dtype, shape, contiguous_strides(shape, size))
