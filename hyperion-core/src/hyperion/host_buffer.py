"""Buffers in host memory, and views of anything that lies there."""

from __future__ import annotations

from typing import Any

from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import Buffer, BufferView, contiguous_strides, itemsize

# Format characters of the struct module to IR types; sizes decide, because `l` differs between platforms.
_KINDS = {
    **dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u"), **dict.fromkeys("efd", "f"),
    **dict.fromkeys(("Zf", "Zd"), "c"),
}  # fmt: skip
_SIZES = {"i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8), "c": (8, 16)}
_TYPESTR = {"bool": "|b1"} | {
    f"{k}{8 * n}": f"{'|' if n == 1 else '<'}{k}{n}" for k, sizes in _SIZES.items() for n in sizes
}


class HostBuffer:
    """Bytes in host memory, owned by `owner` (kept alive) or allocated and zeroed."""

    __slots__ = ("_bytes", "_owner", "device")

    def __init__(self, memory: bytearray | memoryview, owner: object = None, device: str = "cpu:0") -> None:
        self._bytes = memoryview(memory).cast("B")
        self._owner = owner
        self.device = device

    @classmethod
    def allocate(cls, nbytes: int, device: str = "cpu:0") -> HostBuffer:
        if nbytes < 0:
            raise BufferError_("HY2004", f"a buffer cannot have {nbytes} bytes")
        return cls(bytearray(nbytes), device=device)

    @property
    def nbytes(self) -> int:
        return self._bytes.nbytes

    @property
    def readonly(self) -> bool:
        return self._bytes.readonly

    def host(self) -> memoryview:
        return self._bytes


def view(array: Any) -> BufferView:  # Any: whatever has the buffer protocol
    """A view of a NumPy array or another exporter of the buffer protocol, without a copy.

    The array must be C-contiguous, in native byte order, of bool, integers, floats or complex numbers. Raises
    `BufferError_`: HY2003 for other elements, HY2005 for other layouts, HY2006 for what exports nothing.
    """
    if isinstance(array, BufferView):
        return array
    try:
        memory = memoryview(array)
    except TypeError as error:
        raise BufferError_("HY2006", f"a {type(array).__name__} gives no access to its memory") from error
    if not memory.c_contiguous:
        raise BufferError_("HY2005", "the array is not contiguous", hints=["numpy.ascontiguousarray(array)"])
    dtype = _dtype(memory)
    # A zero-size memoryview cannot be cast; it has no bytes to show either.
    buffer = HostBuffer(memory if memory.nbytes else bytearray(), array)
    strides = contiguous_strides(memory.shape or (), itemsize(dtype))
    return BufferView(buffer, dtype, memory.shape or (), strides, 0, memory.readonly)


def array_interface(seen: BufferView) -> dict[str, object]:
    """The `__array_interface__` (version 3) of a view in host memory. Raises `BufferError_` (HY2003) for elements that
    NumPy does not have, such as bf16."""
    if seen.dtype not in _TYPESTR:
        hints = ["view the bytes as integers of the same width"]
        raise BufferError_("HY2003", f"NumPy has no elements of type {seen.dtype}", hints=hints)
    return {
        "version": 3,
        "shape": seen.shape,
        "typestr": _TYPESTR[seen.dtype],
        "data": seen.buffer.host(),
        "offset": seen.offset,
        "strides": None if seen.contiguous else seen.strides,
    }


def allocate_view(dtype: str, shape: tuple[int, ...], device: str = "cpu:0") -> BufferView:
    """A zeroed, C-ordered view of new host memory."""
    size = itemsize(dtype)
    strides = contiguous_strides(shape, size)
    count = size
    for n in shape:
        count *= n
    buffer: Buffer = HostBuffer.allocate(count, device)
    return BufferView(buffer, dtype, shape, strides)


def _dtype(memory: memoryview) -> str:
    text = memory.format.lstrip("@=<")  # every supported host is little-endian
    if text == "?":
        return "bool"
    kind = _KINDS.get(text)
    if kind is None:
        raise BufferError_(
            "HY2003",
            f"elements of format {memory.format!r} are not supported",
            hints=["bool, i8..i64, u8..u64, f16..f64, c64, c128"],
        )
    return f"{kind}{8 * memory.itemsize}"
