"""A fence says when work is done, and how it ended. The first error stays; what depends on it does not run."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from types import TracebackType
from typing import TypeVar

from hyperion.errors import HyperionError
from hyperion.waiting import waited

E = TypeVar("E", bound=BaseException)
MOST_NOTES = 100
"""Notes of an error; what it goes through after that is not named."""


class Fence:
    """Open until `signal` or `fail`, then for ever as it is. All methods may be called from any thread.

    `error` is the first error of the work, or of what it waited for, as it was raised where it happened: with its code
    and span, and one note for each piece of work that it went through.
    """

    __slots__ = ("_callbacks", "_done", "_lock", "_traceback", "error", "label")

    def __init__(self, label: str = "") -> None:
        self.label = label
        self.error: BaseException | None = None
        self._traceback: TracebackType | None = None
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[Fence], object]] = []

    @property
    def done(self) -> bool:
        return self._done.is_set()

    def signal(self) -> bool:
        """The work succeeded; whether this was the first word about it."""
        return self._end(None)

    def fail(self, error: BaseException) -> bool:
        """The work failed; whether this was the first word about it."""
        return self._end(error)

    def _end(self, error: BaseException | None) -> bool:
        with self._lock:
            if self._done.is_set():
                return False
            self.error = error
            self._traceback = None if error is None else error.__traceback__
            self._done.set()
            callbacks, self._callbacks = self._callbacks, []
        _here.call(self, callbacks)
        return True

    def on_done(self, callback: Callable[[Fence], object]) -> None:
        """Calls `callback(self)` once done, in the thread that ends the work; at once where it is. It must return at
        once and not raise: users' code belongs elsewhere. Fences that it ends call theirs after it, so that a chain of
        any length ends."""
        with self._lock:
            if not self._done.is_set():
                self._callbacks.append(callback)
                return
        callback(self)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the work ended within `timeout` seconds. Raises its error; a timeout is a value, not an error."""
        if not waited(self._done.wait, timeout):
            return False
        if self.error is not None:
            raise self.error.with_traceback(self._traceback)  # without the frames of those who waited before
        return True


class _Here(threading.local):
    """The callbacks that this thread has yet to call."""

    def __init__(self) -> None:
        self._left: deque[tuple[Callable[[Fence], object], Fence]] = deque()
        self._calling = False

    def call(self, fence: Fence, callbacks: Iterable[Callable[[Fence], object]]) -> None:
        """Calls them, and what they lead to; within a callback, after it. The first error of one is raised in the
        end."""
        self._left.extend((callback, fence) for callback in callbacks)
        if self._calling:
            return
        self._calling = True
        failure: BaseException | None = None
        try:
            while self._left:
                callback, ended = self._left.popleft()
                try:
                    callback(ended)
                except BaseException as error:
                    failure = failure or error
        finally:
            self._calling = False
        if failure is not None:
            raise failure


_here = _Here()


def through(error: E, label: str) -> E:
    """A copy of the error with a note that it came through the work called `label`; the error itself where it takes no
    more notes. The one that was raised stays as it is: others hold it."""
    if not label or not isinstance(error, HyperionError) or len(error.notes) >= MOST_NOTES:
        return error
    made = copy(error)
    made.notes = (*error.notes, f"came through {label}")
    made.__cause__, made.__suppress_context__ = error.__cause__, True
    return made.with_traceback(error.__traceback__)


def when_all(fences: Sequence[Fence], then: Callable[[BaseException | None], object]) -> None:
    """Calls `then(None)` once all fences are done, or `then(error)` as soon as one failed; once, in the thread that
    ends the last one or fails the first, at once where that is so now. It must return at once and not raise."""
    if not fences:
        then(None)
        return
    lock = threading.Lock()
    left = len(fences)

    def ended(fence: Fence) -> None:
        nonlocal left
        with lock:
            over = left <= 0
            left = 0 if fence.error is not None else left - 1
            last = left == 0 and not over
        if last:
            then(fence.error)

    for fence in fences:
        fence.on_done(ended)
