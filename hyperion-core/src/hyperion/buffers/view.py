"""A buffer read as an array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

from hyperion.buffers.elements import FORMATS, TYPESTRS, contiguous_strides, itemsize
from hyperion.errors import BufferError_

if TYPE_CHECKING:
    from hyperion.interfaces.buffer import Buffer

WRITABLE = 1  # PyBUF_WRITABLE


@dataclass(frozen=True, slots=True, weakref_slot=True)
class BufferView:
    """A Buffer read as an array: `dtype` is an IR type name (`i64`, `f32`), `shape` in elements, `strides` and
    `offset` in bytes. Raises `BufferError_` (HY2001) where the view would leave the buffer.

    Other libraries read it without a copy: `numpy.asarray(view)`, `numpy.from_dlpack(view)`, `torch.from_dlpack(view)`,
    and `memoryview(view)` on Python 3.12 and later. Indexing by integers and slices, `T` and `reshape` give views of
    the same bytes.
    """

    buffer: Buffer
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0
    readonly: bool = False

    def __post_init__(self) -> None:
        if len(self.shape) != len(self.strides) or (self.shape and min(self.shape) < 0):
            raise BufferError_("HY2001", f"shape {self.shape} and strides {self.strides} do not fit together")
        low, high = extent(self.shape, self.strides, self.offset, itemsize(self.dtype))
        if low < 0 or high > self.buffer.nbytes:
            raise BufferError_(
                "HY2001",
                f"a view of bytes {low} to {high} leaves its buffer of {self.buffer.nbytes} bytes",
                notes=[f"shape {self.shape}, strides {self.strides}, offset {self.offset}, dtype {self.dtype}"],
            )

    def __repr__(self) -> str:
        kind = f"{self.dtype}[{', '.join(map(str, self.shape))}]"
        strides = "" if self.contiguous else f" strides {self.strides}"
        return f"<BufferView {kind} on {self.device}{strides}{' read-only' if self.readonly else ''}>"

    @property
    def extent(self) -> tuple[int, int]:
        """The first byte of the buffer that the view reads, and the first after it."""
        size = itemsize(self.dtype)
        return extent(self.shape, self.strides, self.offset, size)

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The bytes of the elements, without gaps."""
        return self.size * itemsize(self.dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def device(self) -> str:
        return self.buffer.device

    @property
    def contiguous(self) -> bool:
        """Whether the elements follow each other in C order; how an axis of one element strides does not matter."""
        if 0 in self.shape:
            return True
        expected = contiguous_strides(self.shape, itemsize(self.dtype))
        return all(n == 1 or a == b for n, a, b in zip(self.shape, self.strides, expected, strict=True))

    @property
    def injective(self) -> bool:
        """Whether no two elements share bytes, by a sufficient test: sorted by stride, each axis steps past the one
        before. Only such a view may be written."""
        reach = itemsize(self.dtype)
        axes = sorted((abs(s), n) for n, s in zip(self.shape, self.strides, strict=True) if n > 1)
        for stride, n in axes:
            if stride < reach:
                return 0 in self.shape
            reach = stride * (n - 1) + reach
        return True

    def overlaps(self, other: BufferView) -> bool:
        """Whether the two views may share bytes: whether their extents in one memory meet. The memory of the host is
        one, whichever device is said to own it."""
        mine, others = self._addresses(), other._addresses()
        if mine is None or others is None or 0 in self.shape or 0 in other.shape:
            return False
        together = self.device == other.device or self.buffer.memory_kind == other.buffer.memory_kind == "host"
        return together and mine[0] < others[1] and others[0] < mine[1]

    def _addresses(self) -> tuple[int, int] | None:
        address = self.buffer.address
        low, high = self.extent
        return None if address is None else (address + low, address + high)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a view without axes has no length")
        return self.shape[0]

    def __getitem__(self, index: int | slice | tuple[int | slice, ...]) -> BufferView:
        """A view of the same bytes; an integer takes its axis away, the last too. Raises IndexError as NumPy does."""
        parts = index if isinstance(index, tuple) else (index,)
        if len(parts) > self.ndim:
            raise IndexError(f"{len(parts)} indices for a view with {self.ndim} axes")
        shape, strides, offset = list[int](), list[int](), self.offset
        for axis, (n, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            part = parts[axis] if axis < len(parts) else slice(None)
            if isinstance(part, slice):
                chosen = range(*part.indices(n))
                offset += chosen.start * stride if chosen else 0
                shape.append(len(chosen))
                strides.append(stride * chosen.step)
            else:
                if not -n <= part < n:
                    raise IndexError(f"index {part} is outside axis {axis} of {n} elements")
                offset += part % n * stride
        return replace(self, shape=tuple(shape), strides=tuple(strides), offset=offset)

    @property
    def T(self) -> BufferView:
        """The view with its axes in reverse order."""
        return replace(self, shape=self.shape[::-1], strides=self.strides[::-1])

    def reshape(self, *shape: int) -> BufferView:
        """The same elements in C order under another shape. Raises `BufferError_`: HY2001 where the numbers of elements
        differ, HY2005 where the view is not contiguous."""
        if prod(shape) != self.size or any(n < 0 for n in shape):
            raise BufferError_("HY2001", f"{self.size} elements of shape {self.shape} do not make up shape {shape}")
        if not self.contiguous:
            raise BufferError_("HY2005", "a view with gaps cannot take another shape", hints=["view.copy() first"])
        return replace(self, shape=shape, strides=contiguous_strides(shape, itemsize(self.dtype)))

    def read_only(self) -> BufferView:
        """The same view, through which nothing may be written."""
        return replace(self, readonly=True)

    def host(self) -> memoryview:
        """The bytes of a contiguous view, without a copy. Raises `BufferError_`: HY2005 where there are gaps, HY2002
        where the host cannot reach them, HY2007 after the buffer was freed."""
        if not self.contiguous:
            raise BufferError_("HY2005", "the elements do not follow each other in memory", hints=["view.copy() first"])
        memory = self.buffer.host()[self.offset : self.offset + self.nbytes]
        return memory.toreadonly() if self.readonly else memory

    def copy(self) -> BufferView:
        """The elements in C order in new host memory; raises `BufferError_` (HY2002) if the host cannot read them."""
        from hyperion.buffers.host import allocate_view, copy_into

        made = allocate_view(self.dtype, self.shape)
        copy_into(made, self)
        return made

    @property
    def __array_interface__(self) -> dict[str, object]:
        """Version 3. Raises `BufferError_`: HY2003 for elements that NumPy does not have, such as bf16; HY2002 for
        memory of a device."""
        if self.dtype not in TYPESTRS:
            hints = ["view the bytes as integers of the same width"]
            raise BufferError_("HY2003", f"NumPy has no elements of type {self.dtype}", hints=hints)
        memory = self.buffer.host()
        return {
            "version": 3,
            "shape": self.shape,
            "typestr": TYPESTRS[self.dtype],
            "data": memory.toreadonly() if self.readonly else memory,
            "offset": self.offset,
            "strides": None if self.contiguous else self.strides,
        }

    def __buffer__(self, flags: int) -> memoryview:
        """The buffer protocol, on Python 3.12 and later. Raises `BufferError_`: HY2003 for elements and shapes that a
        memoryview cannot show (complex numbers, bf16; several axes and no elements), HY2010 where a read-only view is
        to be written, and as `host`. NumPy reads what is refused here by `__array_interface__`."""
        memory: Any = self.host()  # Any: the types of formats are a list of literals
        if flags & WRITABLE and memory.readonly:
            raise BufferError_("HY2010", "the view is read-only and was asked for to be written")
        if self.dtype not in FORMATS or (self.ndim > 1 and not self.size):
            what = f"a memoryview cannot show {self.dtype} of shape {self.shape}"
            raise BufferError_("HY2003", what, hints=["view.host() gives the bytes"])
        flat = memory.cast(FORMATS[self.dtype])
        return flat if self.ndim == 1 else memory.cast(FORMATS[self.dtype], self.shape)

    def __dlpack__(
        self,
        *,
        stream: object = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> object:
        """A DLPack capsule: 1.1 where the consumer takes version 1, else the older form, which cannot say that memory
        is read-only and is refused then. Raises BufferError as the array API standard says."""
        from hyperion.buffers.dlpack import export

        return export(self, stream, max_version, dl_device, copy)

    def __dlpack_device__(self) -> tuple[int, int]:
        from hyperion.buffers.dlpack import device_of

        return device_of(self.buffer.device)


def extent(shape: Sequence[int], strides: Sequence[int], offset: int, size: int) -> tuple[int, int]:
    """The first byte that a strided array reads, and the first after it."""
    if 0 in shape:
        return offset, offset
    low, high = offset, offset + size
    for n, stride in zip(shape, strides, strict=True):
        reach = (n - 1) * stride
        if reach < 0:
            low += reach
        else:
            high += reach
    return low, high
