"""Python's cycle collector during a search, which makes millions of objects that stay and hardly a cycle."""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from contextlib import contextmanager

from hyperion._forking import survives_forks

RARE = (200_000, 20, 20)
"""Thresholds for `gc.set_threshold`: at Python's own the collector takes a quarter of the time of a search."""


class _Searches:
    """Those that run now, in all threads: the first sets the thresholds, the last puts back what was there."""

    def __init__(self) -> None:
        self.lock = survives_forks(threading.Lock())
        self.count = 0
        self.before = (0, 0, 0)

    def begin(self) -> None:
        with self.lock:
            if self.count == 0:
                self.before = gc.get_threshold()
                if 0 < self.before[0] < RARE[0]:
                    gc.set_threshold(*RARE)
            self.count += 1

    def end(self) -> None:
        with self.lock:
            self.count -= 1
            if self.count == 0 and gc.get_threshold() == RARE:
                gc.set_threshold(*self.before)


_searches = _Searches()


@contextmanager
def rare_collections() -> Generator[None]:
    """The collector runs rarely inside."""
    _searches.begin()
    try:
        yield
    finally:
        _searches.end()
