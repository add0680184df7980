"""Array results: memory that the kernel made, owned by the NumPy array that it becomes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hyperion_llvm import HEADER


class Block:
    """A block of the kernel's memory; `free` takes it when the last array over it goes."""

    __slots__ = ("__array_interface__", "_address", "_free")

    def __init__(
        self, address: int, shape: tuple[int, ...], dtype: np.dtype[np.generic], free: Callable[[int], object]
    ) -> None:
        self._address = address
        self._free = free
        self.__array_interface__ = {
            "shape": shape,
            "typestr": dtype.str,
            "data": (address, False),
            "version": 3,
        }

    def __del__(self) -> None:
        self._free(self._address - HEADER)


def to_array(
    address: int, shape: tuple[int, ...], dtype: np.dtype[np.generic], free: Callable[[int], object]
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """A writable array over a block that the kernel allocated; takes the block over."""
    return np.asarray(Block(address, shape, dtype, free))
