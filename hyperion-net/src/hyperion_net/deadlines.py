"""One thread ends the operations whose time is over; it is there only while there are deadlines, and a second more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import inf
from time import monotonic

from hyperion.errors import DeviceError

LINGER = 1.0
"""Seconds; starting a thread for each of many short operations costs more than keeping it."""


class Watch:
    """`due` tells the earliest deadline, infinity for none; `expire` ends what is late, and returns what is to be done
    without the lock of `changed`. Both are called with it."""

    def __init__(
        self, changed: threading.Condition, due: Callable[[], float], expire: Callable[[], Callable[[], None]]
    ) -> None:
        self._changed = changed
        self._due = due
        self._expire = expire
        self._there = False
        self._until = inf

    def begin(self) -> None:
        """With the lock, before what has a deadline begins. Raises `DeviceError` (HY5206)."""
        if not self._there:
            try:
                threading.Thread(target=self._run, name="hyperion-net deadlines", daemon=True).start()
            except RuntimeError as error:
                hints = ["end other threads, or raise the limit (`ulimit -u`)", "ask without a deadline"]
                raise DeviceError("HY5206", f"a deadline needs a thread: {error}", hints=hints) from error
            self._there = True

    def wake(self, due: float) -> None:
        """With the lock: there is a new deadline."""
        if due < self._until:
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                due = self._until = self._due()
                left = LINGER if due == inf else max(due - monotonic(), 0.0)
                woken = self._changed.wait(min(left, threading.TIMEOUT_MAX))
                if due == inf and not woken and self._due() == inf:
                    self._there = False
                    return
                afterwards = self._expire()
            afterwards()
