"""The memories of a virtual device, and buffers in them.

What a vendor must care about: memory is zeroed; it counts until nobody uses it, queued work and arrays of the host
included, and then comes back; a view of it never reaches memory that was given to somebody else.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from itertools import count
from threading import Lock

from hyperion.buffers.host import HostBuffer
from hyperion.buffers.protocol import memory_at
from hyperion.errors import BufferError_, DeviceError
from hyperion.fences import Fence
from hyperion.interfaces.device import MemoryInfo
from hyperion_virtual.life import Life

_spaces = count()


def _space() -> int:
    """Where the addresses of a memory begin that the host does not reach: no processor maps them, so that whoever reads
    one by mistake crashes rather than reading something else. No two memories of a process share any."""
    return (1 << 60) + (next(_spaces) << 44)


class Memory:
    """One memory of one device. Every method may be called from any thread."""

    def __init__(self, info: MemoryInfo, life: Life) -> None:
        self.info = info
        self._life = life
        self._lock = Lock()
        self._used = self._peak = 0
        self._next = _space()
        self._returned: deque[int] = deque()  # a block may go while the lock is held, so it takes none

    @property
    def used(self) -> int:
        """The bytes that are taken."""
        with self._lock:
            return self._settle()

    @property
    def peak(self) -> int:
        """The most bytes that were taken at once."""
        return self._peak

    def take(self, nbytes: int) -> Block:
        """Raises `DeviceError` (HY5001) where there are not so many bytes."""
        found = self._taken(nbytes)
        if found is None and nbytes <= self.info.nbytes:
            gc.collect()  # errors and their frames may keep memory in circles
            found = self._taken(nbytes)
        if found is None:
            free = self.info.nbytes - self.used
            what = f"{self._life.address} has {free:,} bytes of {self.info.kind} memory left, {nbytes:,} were asked for"
            raise DeviceError("HY5001", what, hints=["free buffers that are not needed, or work in pieces"])
        return found

    def _taken(self, nbytes: int) -> Block | None:
        with self._lock:
            if nbytes > self.info.nbytes - self._settle():
                return None
            try:
                storage = HostBuffer.allocate(nbytes)
            except (MemoryError, OverflowError):
                return None  # the host itself has not so much
            self._used += nbytes
            self._peak = max(self._peak, self._used)
            address = storage.address if self.info.host else self._next
            # Addresses are never given twice: what was freed is not taken for what came later.
            self._next += (nbytes // self.info.alignment + 1) * self.info.alignment
            return Block(storage, address, self)

    def give_back(self, nbytes: int) -> None:
        self._returned.append(nbytes)

    def _settle(self) -> int:
        while self._returned:
            self._used -= self._returned.popleft()
        return self._used


class Block:
    """Bytes of a memory, taken until nobody has the block: no buffer, no queued work, no array of the host.

    `written` is the last work that writes it, `readers` what reads it since: later work goes by them.
    """

    __slots__ = ("_memory", "address", "readers", "storage", "written")

    def __init__(self, storage: HostBuffer, address: int, memory: Memory) -> None:
        self.storage = storage
        self.address = address
        self.written: Fence | None = None
        self.readers: list[Fence] = []
        self._memory = memory

    def __del__(self) -> None:
        self._memory.give_back(self.storage.nbytes)


class VirtualBuffer:
    """Implements `Buffer`."""

    readonly = False

    def __init__(self, block: Block, info: MemoryInfo, life: Life, freeing: Callable[[], None]) -> None:
        self.life = life
        self.device = life.address
        self.memory_kind = info.kind
        self.nbytes = block.storage.nbytes
        self.address = block.address
        self._block: Block | None = block
        self._reached = info.host
        self._freeing = freeing

    @property
    def block(self) -> Block:
        """Raises as `host` does; the device itself reaches all of its memory."""
        self.life.check()
        block = self._block
        if block is None:
            raise BufferError_("HY2007", f"the buffer of {self.nbytes} bytes on {self.device} was freed")
        return block

    def host(self) -> memoryview:
        """The bytes of pinned memory; `synchronize` first, where work that writes it may be queued. Raises
        `BufferError_`: HY2002 for device memory, HY2007 after `free`; the error of the work that should have written
        them; and as `Life.check` does."""
        block = self.block
        if not self._reached:
            hints = ["device.copy(view, hyperion.buffers.host.allocate_view(view.dtype, view.shape))"]
            raise BufferError_(
                "HY2002", f"the host does not reach the {self.memory_kind} memory of {self.device}", hints=hints
            )
        if block.written is not None and block.written.error is not None:
            raise block.written.error
        if not self.nbytes:
            return memoryview(bytearray())
        return memory_at(block.storage.address, self.nbytes, False, block)

    def free(self) -> None:
        """What is queued with the buffer is still done. On a device that is lost or closed it does nothing."""
        if self._block is not None:
            self._block = None
            if self.life.state == "open":
                self._freeing()
