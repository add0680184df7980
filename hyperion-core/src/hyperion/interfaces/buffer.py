"""Bytes on one memory of one device. `BufferView` reads them as an array."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from hyperion.buffers.view import BufferView

__all__ = ["Buffer", "BufferView"]


@runtime_checkable
class Buffer(Protocol):
    """Bytes with an owner; they live as long as the Buffer does, and as whatever was made of its memory."""

    @property
    def device(self) -> str:
        """The address of the device, such as `cpu:0`."""
        ...

    @property
    def memory_kind(self) -> str:
        """Which of the device's memories: `host`, `device`, `pinned`."""
        ...

    @property
    def nbytes(self) -> int: ...

    @property
    def readonly(self) -> bool: ...

    @property
    def address(self) -> int | None:
        """Where the first byte lies in the memory of its device; None where that has no addresses."""
        ...

    def host(self) -> memoryview:
        """The bytes themselves, without a copy; raises `BufferError_`: HY2002 where the host cannot reach them, HY2007
        after `free`."""
        ...

    def free(self) -> None:
        """Gives the memory back as soon as nobody uses it; a second call does nothing."""
        ...
