"""Array results: memory that the kernel made, owned by the NumPy array that it becomes."""

from __future__ import annotations

import ctypes

import numpy as np

from hyperion_llvm import HEADER


class Block:
    """A block of the kernel's memory; freed when the last array over it goes."""

    __slots__ = ("__array_interface__", "_address", "_free")

    def __init__(self, address: int, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> None:
        self._address = address
        self._free = _free
        self.__array_interface__ = {
            "shape": shape,
            "typestr": dtype.str,
            "data": (address, False),
            "version": 3,
        }

    def __del__(self) -> None:
        self._free(self._address - HEADER)


_free = ctypes.CDLL(None).free
_free.argtypes = [ctypes.c_void_p]
_free.restype = None


def to_array(
    address: int, shape: tuple[int, ...], dtype: np.dtype[np.generic]
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """A writable array over a block that the kernel allocated; takes the block over."""
    return np.asarray(Block(address, shape, dtype))
