"""The buffer protocol with the address that memoryview hides, by CPython's C API."""

from __future__ import annotations

import ctypes
from math import prod
from typing import Any, Final

from hyperion.buffers.elements import contiguous_strides

STRIDED_WITH_FORMAT: Final = 0x1C  # PyBUF_RECORDS_RO: read-only will do, strides and format wanted


class PyBuffer(ctypes.Structure):
    """`Py_buffer`, in the stable ABI since Python 3.11 (PEP 688's page in the C API reference)."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    )


_get = ctypes.pythonapi.PyObject_GetBuffer
_get.argtypes = [ctypes.py_object, ctypes.POINTER(PyBuffer), ctypes.c_int]
_get.restype = ctypes.c_int
_release = ctypes.pythonapi.PyBuffer_Release
_release.argtypes = [ctypes.POINTER(PyBuffer)]
_release.restype = None
_check = ctypes.pythonapi.PyObject_CheckBuffer
_check.argtypes = [ctypes.py_object]
_check.restype = ctypes.c_int
_gather = ctypes.pythonapi.PyBuffer_ToContiguous
_gather.argtypes = [ctypes.c_void_p, ctypes.POINTER(PyBuffer), ctypes.c_ssize_t, ctypes.c_char]
_gather.restype = ctypes.c_int
_scatter = ctypes.pythonapi.PyBuffer_FromContiguous
_scatter.argtypes = [ctypes.POINTER(PyBuffer), ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_char]
_scatter.restype = ctypes.c_int


def exports(given: object) -> bool:
    """Whether the object has the buffer protocol."""
    return bool(_check(given))


class Borrowed:
    """The memory of an exporter, held until this object goes. Raises what the exporter raises."""

    __slots__ = ("_buffer", "address", "format", "itemsize", "nbytes", "readonly", "shape", "strides")

    def __init__(self, given: object) -> None:
        self._buffer: PyBuffer | None = None
        held = PyBuffer()
        _get(given, ctypes.byref(held), STRIDED_WITH_FORMAT)
        self._buffer = held
        self.address = int(held.buf or 0)
        self.nbytes = int(held.len)
        self.itemsize = int(held.itemsize)
        self.readonly = bool(held.readonly)
        self.format = held.format.decode() if held.format else "B"
        self.shape = tuple(int(held.shape[i]) for i in range(held.ndim))
        self.strides = (
            tuple(int(held.strides[i]) for i in range(held.ndim))
            if held.strides
            else contiguous_strides(self.shape, self.itemsize)  # ctypes gives none, whatever is asked of it
        )

    def __del__(self) -> None:
        if self._buffer is not None:
            _release(ctypes.byref(self._buffer))


def memory_at(address: int, nbytes: int, readonly: bool, owner: object) -> memoryview:
    """The bytes at an address. The memoryview, and whatever is made of it, keeps `owner` alive."""
    bytes_there: Any = (ctypes.c_char * nbytes).from_address(address)  # Any: ctypes arrays take attributes
    bytes_there.owner = owner
    memory = memoryview(bytes_there).cast("B")
    return memory.toreadonly() if readonly else memory


def gather(target: int, source: int, shape: tuple[int, ...], strides: tuple[int, ...], size: int) -> None:
    """Copies the elements of a strided array at `source`, in C order, to `target`."""
    described, total = _described(source, shape, strides, size)
    _gather(target, ctypes.byref(described), total, b"C")


def scatter(target: int, source: int, shape: tuple[int, ...], strides: tuple[int, ...], size: int) -> None:
    """Copies elements that lie in C order at `source` to a strided array at `target`."""
    described, total = _described(target, shape, strides, size)
    _scatter(ctypes.byref(described), source, total, b"C")


def _described(address: int, shape: tuple[int, ...], strides: tuple[int, ...], size: int) -> tuple[PyBuffer, int]:
    axes, total = len(shape), size * prod(shape)
    described = PyBuffer()
    described.buf = address
    described.len, described.itemsize, described.ndim, described.format = total, size, axes, b"B"
    described.shape = (ctypes.c_ssize_t * axes)(*shape)
    described.strides = (ctypes.c_ssize_t * axes)(*strides)
    return described, total
