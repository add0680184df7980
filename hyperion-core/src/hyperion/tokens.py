"""One token goes with a piece of work through compile, derive, transfer and run: it cancels, limits and reports.

token = Token(seconds=2.0, report=print)
module = instance.compile(f, arguments=[xs], token=token)
future = executor.submit(module["f"], [xs], token=token)
token.cancel("the user changed the page")
"""

from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

from hyperion.errors import DeadlineError, WorkCancelledError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage of the work has come: `done` of `total` units, None where the total is not known."""

    stage: str  # "derive", "transfer", "run"
    done: float
    total: float | None = None
    unit: str = ""


class Token:
    """Cancels, limits and reports. All methods may be called from any thread; a token is cancelled once, for good.

    seconds: the time from now that the work may take; None for no limit of its own.
    report: called with each `Progress`, in the thread that does the work; what it raises cancels the work.
    parent: a token whose cancellation and deadline hold for this one too.
    """

    def __init__(
        self,
        seconds: float | None = None,
        report: Callable[[Progress], object] | None = None,
        parent: Token | None = None,
    ) -> None:
        own = math.inf if seconds is None else monotonic() + seconds
        self.deadline = own if parent is None else min(own, parent.deadline)
        self.reason = ""
        self._flag = ctypes.c_int32(0)
        self._report = report
        self._parent = parent
        self._lock = threading.Lock()
        self._callbacks: dict[object, Callable[[], object]] = {}
        self._forget: Callable[[], None] = lambda: None
        if parent is not None:
            self._forget = parent.on_cancel(lambda: self.cancel(parent.reason))

    @property
    def cancelled(self) -> bool:
        return bool(self._flag.value)

    @property
    def address(self) -> int:
        """Where a 32-bit integer lies that is not 0 once the token is cancelled: compiled code looks at it. A deadline
        that passed does not set it by itself; whoever waits for the work does so by `expire`."""
        return ctypes.addressof(self._flag)

    @property
    def remaining(self) -> float:
        """The seconds that are left; infinity without a deadline."""
        return self.deadline - monotonic()

    def cancel(self, reason: str = "") -> bool:
        """Cancels the work; whether this call did so. Callbacks run in this thread, each once."""
        with self._lock:
            if self._flag.value:
                return False
            self.reason = reason
            self._flag.value = 1
            callbacks, self._callbacks = list(self._callbacks.values()), {}
        self._forget()
        for callback in callbacks:
            callback()
        return True

    def end(self) -> None:
        """The work is over: the parent does not reach this token any more."""
        self._forget()

    def expire(self) -> None:
        """Stops compiled code that looks at `address`, for a deadline that passed."""
        if self.remaining <= 0:
            self._flag.value = self._flag.value or -1

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Calls `callback` once the token is cancelled, at once where it is; not after the returned function ran."""
        key = object()
        with self._lock:
            if not self.cancelled:
                self._callbacks[key] = callback
                return lambda: self._drop(key)
        callback()
        return lambda: None

    def _drop(self, key: object) -> None:
        with self._lock:
            self._callbacks.pop(key, None)

    def check(self, stage: str = "") -> None:
        """Raises `WorkCancelledError` (HY5020) once cancelled, `DeadlineError` (HY5021) after the deadline."""
        during = f" during {stage}" if stage else ""
        if self._flag.value > 0:
            why = f": {self.reason}" if self.reason else ""
            raise WorkCancelledError("HY5020", f"the work was cancelled{during}{why}")
        if self.remaining <= 0:
            raise DeadlineError(
                "HY5021", f"the deadline passed{during}", hints=["give the work more seconds, or a smaller part of it"]
            )

    def report(self, stage: str, done: float, total: float | None = None, unit: str = "") -> None:
        """Tells how far the work has come, then checks."""
        told: Token | None = self
        while told is not None:
            if told._report is not None:
                told._report(Progress(stage, done, total, unit))
            told = told._parent
        self.check(stage)

    @contextmanager
    def active(self) -> Generator[Token]:
        """Makes this the token that `current` gives inside."""
        before = _current.set(self)
        try:
            yield self
        finally:
            _current.reset(before)


NOTHING = Token()
"""The token of work that has none; nobody cancels it."""
_current: ContextVar[Token] = ContextVar("hyperion_token", default=NOTHING)


def current() -> Token:
    """The token of the work that is going on in this context; `NOTHING` outside of any."""
    return _current.get()
