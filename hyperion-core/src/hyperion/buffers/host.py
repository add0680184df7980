"""Buffers in host memory, and views of anything that lies there."""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import prod
from typing import Any, Final, Literal, cast

from hyperion.buffers.elements import contiguous_strides, itemsize, of_format, of_typestr
from hyperion.buffers.protocol import Borrowed, exports, gather, memory_at, scatter
from hyperion.buffers.view import BufferView, extent
from hyperion.errors import BufferError_

ALIGNMENT: Final = 64
MAPPED_FROM: Final = 1 << 20
"""Bytes from which on new memory is a map of its own: zeroed where it is touched, in huge pages if possible."""

_OWN: Final[dict[str, int]] = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
"""Without these a child process would write into its parent's memory."""

Mode = Literal["borrow", "copy", "donate"]


class HostBuffer:
    """Bytes in host memory: its own, zeroed and aligned to 64 bytes (`allocate`), or an owner's, who is kept alive as
    long as anything made of the buffer.

    `free` ends the buffer's own use; memory that an array or a view was made of lives on until they go too.
    """

    __slots__ = ("_memory", "address", "device", "memory_kind", "nbytes", "readonly")

    def __init__(self, memory: memoryview, address: int, device: str = "cpu:0") -> None:
        self._memory: memoryview | str = memory
        self.address = address
        self.device = device
        self.memory_kind = "host"
        self.nbytes = memory.nbytes
        self.readonly = memory.readonly

    @classmethod
    def allocate(cls, nbytes: int, device: str = "cpu:0") -> HostBuffer:
        """Raises `BufferError_` (HY2004) for a negative size, MemoryError where there is not so much."""
        if nbytes < 0:
            raise BufferError_("HY2004", f"a buffer cannot have {nbytes} bytes")
        if nbytes >= MAPPED_FROM:
            return cls._mapped(nbytes, device)
        memory = bytearray(nbytes + ALIGNMENT)
        first = _address(memory)
        skipped = -first % ALIGNMENT
        return cls(memoryview(memory)[skipped : skipped + nbytes], first + skipped, device)

    @classmethod
    def _mapped(cls, nbytes: int, device: str) -> HostBuffer:
        try:
            memory = mmap.mmap(-1, nbytes, **_OWN)
        except (OSError, OverflowError) as error:
            raise MemoryError(f"{nbytes:,} bytes cannot be mapped") from error
        if hasattr(mmap, "MADV_HUGEPAGE"):
            with suppress(OSError):  # a kernel without them
                memory.madvise(mmap.MADV_HUGEPAGE)
        return cls(memoryview(memory), _address(memory), device)

    @property
    def alive(self) -> bool:
        """Whether the buffer was neither freed nor donated."""
        return not isinstance(self._memory, str)

    def host(self) -> memoryview:
        """Raises `BufferError_` (HY2007) after `free` or a donation."""
        if isinstance(self._memory, str):
            raise BufferError_("HY2007", f"the buffer of {self.nbytes} bytes was {self._memory}")
        return self._memory

    def free(self) -> None:
        """Gives the memory back as soon as nobody reads it any more; a second call does nothing."""
        if self.alive:
            self._memory = "freed"

    def donate(self) -> HostBuffer:
        """Another buffer with this one's memory, which this one may no longer use. Raises `BufferError_`: HY2007 after
        `free` or an earlier donation, HY2010 for read-only memory."""
        memory = self.host()
        if self.readonly:
            raise BufferError_("HY2010", "read-only memory cannot be donated", hints=['hp.view(array, mode="copy")'])
        made = HostBuffer(memory, self.address, self.device)
        self._memory = "donated"
        return made


def _address(memory: bytearray | mmap.mmap) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


def view(array: Any, mode: Mode = "borrow") -> BufferView:  # Any: whatever offers its memory
    """A view of an array of bool, integers, floats or complex numbers, of any layout: NumPy's or any other that has the
    buffer protocol, `__array_interface__` or `__dlpack__`.

    mode: "borrow" shares the memory and keeps its owner alive; "copy" reads the elements into new memory, in C order
    and aligned; "donate" takes the memory of a BufferView over, which may not be used any more.

    Raises `BufferError_`: HY2003 for other elements, foreign byte order or a mask, HY2006 for what offers no
    memory (or memory that cannot be donated), HY2002 for memory of a device, HY2007 for a view whose buffer is gone.
    """
    if mode not in ("borrow", "copy", "donate"):
        raise BufferError_("HY2006", f"{mode!r} is no way to view memory", hints=["borrow, copy or donate"])
    if mode == "donate":
        return _donated(array)
    seen = array if isinstance(array, BufferView) else _borrowed(array)
    return seen.copy() if mode == "copy" else seen


def _donated(given: object) -> BufferView:
    if not (isinstance(given, BufferView) and isinstance(given.buffer, HostBuffer)):
        raise BufferError_(
            "HY2006",
            f"a {type(given).__name__} keeps its memory: only a view of Hyperion's own can be donated",
            hints=['hp.view(array, mode="copy") makes one', "hp.view(array) borrows without a copy"],
        )
    if given.readonly:
        raise BufferError_("HY2010", "read-only memory cannot be donated", hints=['hp.view(array, mode="copy")'])
    return BufferView(given.buffer.donate(), given.dtype, given.shape, given.strides, given.offset)


def _borrowed(given: object) -> BufferView:
    if _masked(given):
        what = "a MaskedArray is more than its memory: its mask would be lost"
        raise BufferError_("HY2003", what, hints=["array.filled(value), or array.data where the mask does not matter"])
    if exports(given):
        return _from_protocol(given)
    described = getattr(given, "__array_interface__", None)
    if isinstance(described, Mapping):
        return _from_interface(given, cast(Mapping[str, Any], described))
    if hasattr(given, "__dlpack__"):
        from hyperion.buffers.dlpack import from_dlpack

        return from_dlpack(given)
    hints = ["numpy.asarray(values) makes an array of numbers"]
    raise BufferError_("HY2006", f"a {type(given).__name__} gives no access to its memory", hints=hints)


def _masked(given: object) -> bool:
    masked = sys.modules.get("numpy.ma")  # whoever holds one has imported it
    return masked is not None and isinstance(given, masked.MaskedArray)


def _from_protocol(given: object) -> BufferView:
    try:
        held = Borrowed(given)
    except (BufferError, ValueError, TypeError) as error:
        what = f"the elements of this {type(given).__name__} cannot be shown as machine numbers"
        raise BufferError_("HY2003", what, notes=[str(error)]) from error
    return at_address(
        held.address, of_format(held.format, held.itemsize), held.shape, held.strides, held.readonly, held
    )


def _from_interface(given: object, described: Mapping[str, Any]) -> BufferView:
    """`__array_interface__`, version 3 (NumPy's reference, "The array interface protocol")."""
    dtype = of_typestr(str(described["typestr"]))
    shape = tuple(int(n) for n in described["shape"])
    strides = described.get("strides") or contiguous_strides(shape, itemsize(dtype))
    data = described.get("data")
    if isinstance(data, tuple):
        address, readonly = cast(tuple[int, bool], data)
        owner: object = given
    else:
        held = Borrowed(given if data is None else data)
        address, readonly, owner = held.address + int(described.get("offset", 0)), held.readonly, (held, given)
    return at_address(address or 0, dtype, shape, tuple(map(int, strides)), bool(readonly), owner)


def at_address(
    address: int, dtype: str, shape: tuple[int, ...], strides: tuple[int, ...], readonly: bool, owner: object
) -> BufferView:
    """A view of elements of host memory, the first of which lies at `address`; `owner` is kept alive."""
    low, high = extent(shape, strides, 0, itemsize(dtype))
    if high == low:
        return BufferView(HostBuffer.allocate(0), dtype, shape, strides, 0, readonly)
    if not address:
        raise BufferError_("HY2001", f"an array of shape {shape} at address 0")
    memory = memory_at(address + low, high - low, readonly, owner)
    return BufferView(HostBuffer(memory, address + low), dtype, shape, strides, -low, readonly)


def allocate_view(dtype: str, shape: tuple[int, ...], device: str = "cpu:0") -> BufferView:
    """A zeroed, C-ordered view of new host memory."""
    size = itemsize(dtype)
    return BufferView(HostBuffer.allocate(size * prod(shape), device), dtype, shape, contiguous_strides(shape, size))


def check_copy(target: BufferView, source: BufferView) -> None:
    """Raises `BufferError_` as `copy_into` does for views that do not fit together; copies nothing."""
    if (target.dtype, target.shape) != (source.dtype, source.shape):
        what = f"{source.dtype} of shape {source.shape} does not fit {target.dtype} of shape {target.shape}"
        raise BufferError_("HY2001", what)
    if target.readonly or target.buffer.readonly:
        raise BufferError_("HY2010", "the target of a copy is read-only")
    if target.overlaps(source) or not target.injective:
        raise BufferError_("HY2008", "the target of a copy shares bytes with its source or with itself")


def check_apart(outs: Sequence[BufferView], others: Sequence[object]) -> None:
    """Raises `BufferError_` (HY2008) where one of `outs`, which are to be written, shares bytes with itself, another of
    them, or an array or view among the others."""
    taken = [view(x) for x in others if isinstance(x, BufferView) or hasattr(x, "__array_interface__")]
    for out in outs:
        if not out.injective or any(map(out.overlaps, taken)):
            raise BufferError_("HY2008", "the memory for a result shares bytes with an argument or another result")
        taken.append(out)


def copy_into(target: BufferView, source: BufferView) -> None:
    """Copies the elements of `source` to `target`, of the same type and shape and apart from it in memory.

    Raises `BufferError_`: HY2001 for another shape or type, HY2008 where they overlap or elements of `target` share
    bytes, HY2010 where it is read-only, HY2002 where the host cannot reach one of them."""
    check_copy(target, source)
    held = target.buffer.host(), source.buffer.host()  # freed memory is neither read nor written
    to, start = target.buffer.address, source.buffer.address
    if not target.size:
        return
    if to is None or start is None:
        device = target.device if to is None else source.device
        raise BufferError_("HY2002", f"memory of {device} has no addresses, and a copy on the host needs them")
    size = itemsize(target.dtype)
    if target.contiguous:
        gather(to + target.offset, start + source.offset, source.shape, source.strides, size)
    elif source.contiguous:
        scatter(to + target.offset, start + source.offset, target.shape, target.strides, size)
    else:
        copy_into(target, source.copy())
    del held
