"""One thread looks at the deadlines of the calls of an executor; there is none while no call has one."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from time import monotonic

from hyperion_cluster.workers import started


class Deadlines:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._heap: list[tuple[float, int]] = []
        self._expired: dict[int, Callable[[], object]] = {}
        self._last = 0
        self._looking = False

    def add(self, deadline: float, expired: Callable[[], object]) -> int:
        """Calls `expired()` soon after the time `deadline` of `time.monotonic`, in a thread of its own; not after
        `forget` was called with the number that is returned. Raises `DeviceError` (HY5026) without a thread."""
        with self._change:
            if not self._looking:  # its thread comes to look once this one lets go
                started(self._look, "hyperion deadlines")
                self._looking = True
            self._last += 1
            self._expired[self._last] = expired
            heapq.heappush(self._heap, (deadline, self._last))
            if self._heap[0][1] == self._last:
                self._change.notify()
            return self._last

    def forget(self, number: int) -> None:
        with self._change:
            self._expired.pop(number, None)
            if not self._expired:
                self._heap.clear()
                self._change.notify()
            elif len(self._heap) > 2 * len(self._expired) + 64:
                self._heap = [entry for entry in self._heap if entry[1] in self._expired]
                heapq.heapify(self._heap)

    def _look(self) -> None:
        while (due := self._next()) is not None:
            for expired in due:
                expired()

    def _next(self) -> list[Callable[[], object]] | None:
        """Waits for the next deadline; None once there is nothing to wait for."""
        with self._change:
            while self._heap:
                left = self._heap[0][0] - monotonic()
                if left <= 0:
                    return self._due()
                self._change.wait(min(left, threading.TIMEOUT_MAX))
            self._looking = False
            return None

    def _due(self) -> list[Callable[[], object]]:
        now = monotonic()
        due: list[Callable[[], object]] = []
        while self._heap and self._heap[0][0] <= now:
            expired = self._expired.pop(heapq.heappop(self._heap)[1], None)
            if expired is not None:
                due.append(expired)
        return due
