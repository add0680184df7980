"""Waiting for another thread in a way that Ctrl-C ends.

CPython looks for signals before it lets a thread sleep on a lock, and once the signal's arrival wakes it. One that
comes between the two, which is likely where another thread of the process sends it as soon as it may run, wakes nobody:
a wait without a limit would go on for ever. Only the main thread hears signals, so it alone waits in pieces.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import inf
from time import monotonic

PIECE = 0.2
"""Seconds after which the main thread looks for signals."""


def waited(wait: Callable[[float | None], bool], timeout: float | None = None) -> bool:
    """`wait(timeout)`, such as an event's, where a signal is heard at once or after `PIECE` seconds. Whether what is
    waited for happened in time; `timeout` is in seconds, None or infinite for no limit, and below 0 as 0."""
    if timeout is not None:
        timeout = None if timeout == inf else min(max(timeout, 0.0), threading.TIMEOUT_MAX)
    if (timeout is not None and timeout <= PIECE) or not hears_signals():
        return wait(timeout)
    end = inf if timeout is None else monotonic() + timeout
    while not wait(min(max(end - monotonic(), 0.0), PIECE)):
        if monotonic() >= end:
            return False
    return True


def joined(thread: threading.Thread, timeout: float | None) -> bool:
    """Whether the thread ended within so many seconds."""
    thread.join(timeout)
    return not thread.is_alive()


def hears_signals() -> bool:
    """Whether signals are heard in this thread."""
    return threading.current_thread() is threading.main_thread()
