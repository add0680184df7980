"""The pools of threads of this process: one for all its processors, and one for each group of them that is in use."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Sequence

from hyperion._forking import survives_forks
from hyperion_cpu.pool import FIELDS, SIZE
from hyperion_cpu.runs import MASK_BYTES


class ThreadPool:
    """The state of one pool, at `address`. Without `processors` its threads run anywhere."""

    def __init__(self, address: int, threads: int) -> None:
        self.address = address
        self._threads = ctypes.c_int32.from_address(address + FIELDS["threads"])
        self._threads.value = threads
        self._alive = ctypes.c_int32.from_address(address + FIELDS["alive"])
        self.users = 0

    @classmethod
    def of(cls, processors: Sequence[int]) -> ThreadPool:
        """A pool whose threads stay on these processors."""
        mask = bytearray(MASK_BYTES)
        for number in processors:
            mask[number // 8] |= 1 << number % 8
        memory = ctypes.create_string_buffer(SIZE + 64)
        address = -(-ctypes.addressof(memory) // 64) * 64
        pool = cls(address, len(processors))
        pool._memory = memory, (ctypes.c_char * MASK_BYTES).from_buffer(mask)
        ctypes.c_void_p.from_address(address + FIELDS["mask"]).value = ctypes.addressof(pool._memory[1])
        return pool

    _memory: tuple[object, ctypes.Array[ctypes.c_char]]

    @property
    def threads(self) -> int:
        """How many it may use, the calling thread included."""
        return self._threads.value

    @property
    def alive(self) -> int:
        """How many it started that have not ended."""
        return self._alive.value


class Pools:
    """`usual` is the pool of work that names none. All methods may be called from any thread."""

    def __init__(self, usual: int, threads: int, reset: Callable[[int], object], end: int) -> None:
        self.usual = ThreadPool(usual, threads)
        self._end = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(end)
        self._groups: dict[tuple[int, ...], ThreadPool] = {}
        self._lock = survives_forks(threading.Lock())

        def forget() -> None:  # in the child of a fork, which has no threads but its own
            for pool in (self.usual, *self._groups.values()):
                reset(pool.address)

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=forget)

    def take(self, processors: tuple[int, ...]) -> ThreadPool:
        """The pool of a group of processors, to be given back; its threads start with its first work."""
        with self._lock:
            if processors not in self._groups:
                self._groups[processors] = ThreadPool.of(processors)
            pool = self._groups[processors]
            pool.users += 1
            return pool

    def give_back(self, processors: tuple[int, ...]) -> None:
        """Ends the threads of a pool that nobody uses any more."""
        with self._lock:
            pool = self._groups[processors]
            pool.users -= 1
            if not pool.users:
                self._end(pool.address)
                del self._groups[processors]
