"""One token goes with a piece of work through compile, derive, transfer and run: it cancels, limits and reports.

    token = Token(seconds=2.0, report=print)
    module = instance.compile(f, arguments=[xs], token=token)
    future = executor.submit(module["f"], [xs], token=token)
    token.cancel("the user changed the page")

`with token.active():` gives it to all that is done inside, so that functions of `hp.jit` are compiled under it too.
"""

from __future__ import annotations

import ctypes
import math
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from time import monotonic

from hyperion import stages
from hyperion.errors import DeadlineError, PluginError, WorkCancelledError


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

    Raises `PluginError` (HY1042) for seconds that are negative or no number.
    """

    def __init__(
        self,
        seconds: float | None = None,
        report: Callable[[Progress], object] | None = None,
        parent: Token | None = None,
    ) -> None:
        if seconds is not None and not seconds >= 0:  # NaN is neither
            hints = ["seconds=None sets no limit", "seconds=0 ends the work at its first look at the token"]
            raise PluginError("HY1042", f"a token takes seconds from 0 on, not {seconds!r}", hints=hints)
        own = math.inf if seconds is None else monotonic() + seconds
        self.deadline = own if parent is None else min(own, parent.deadline)
        self.reason = ""
        self._flag = ctypes.c_int32(0)
        self._report = report
        self._parent = parent
        self._lock = threading.RLock()  # a handler of a signal may cancel within any of these methods
        self._callbacks: dict[object, Callable[[], object]] = {}
        self._children: weakref.WeakSet[Token] | None = None  # a parent may live long, and has no use for them
        if parent is not None:
            parent._adopt(self)

    @property
    def cancelled(self) -> bool:
        return self._flag.value > 0

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
        """Cancels the work; whether this call did so. Callbacks run in this thread, each once, and all of them: the
        first error of one is raised in the end."""
        with self._lock:
            if self.cancelled:
                return False
            self.reason = reason
            self._flag.value = 1
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
            callbacks += [partial(child.cancel, reason) for child in self._children or ()]
        failures: list[Exception] = []
        for callback in callbacks:
            try:
                callback()
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return True

    def end(self) -> None:
        """The work is over: the parent does not reach this token any more."""
        if self._parent is not None:
            self._parent._disown(self)

    def expire(self) -> None:
        """Stops compiled code that looks at `address`, for a deadline that passed."""
        with self._lock:
            if self.remaining <= 0 and not self._flag.value:
                self._flag.value = -1

    def _adopt(self, child: Token) -> None:
        with self._lock:
            if not self.cancelled:
                if self._children is None:
                    self._children = weakref.WeakSet()
                self._children.add(child)
            if not self.cancelled:
                return
        child.cancel(self.reason)

    def _disown(self, child: Token) -> None:
        with self._lock:
            if self._children is not None:
                self._children.discard(child)

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Calls `callback` once the token is cancelled, at once where it is; not after the returned function ran."""
        key = object()
        with self._lock:
            if not self.cancelled:
                self._callbacks[key] = callback
                if not self.cancelled:
                    return lambda: self._drop(key)
                if self._callbacks.pop(key, None) is None:  # a handler of a signal cancelled, and called it
                    return lambda: None
        callback()
        return lambda: None

    def _drop(self, key: object) -> None:
        with self._lock:
            self._callbacks.pop(key, None)

    def check(self, stage: str = "") -> None:
        """Raises `WorkCancelledError` (HY5020) once cancelled, `DeadlineError` (HY5021) after the deadline."""
        if self._flag.value <= 0 and (self.deadline == math.inf or self.remaining > 0):
            return
        during = f" during {stage}" if stage else ""
        if self.cancelled:
            why = f": {self.reason}" if self.reason else ""
            raise WorkCancelledError("HY5020", f"the work was cancelled{during}{why}")
        hints = ["give the work more seconds, or a smaller part of it"]
        raise DeadlineError("HY5021", f"the deadline passed{during}", hints=hints)

    def report(self, stage: str, done: float, total: float | None = None, unit: str = "") -> None:
        """Tells how far the work has come: the token's `report`, those of its parents, and as an event of the kind
        `progress` whoever listens to the Instance. Then checks."""
        stages.progress(stage, done, total, unit)
        told: Token | None = self
        while told is not None:
            if told._report is not None:
                self._tell(told._report, Progress(stage, done, total, unit))
            told = told._parent
        self.check(stage)

    def _tell(self, report: Callable[[Progress], object], progress: Progress) -> None:
        try:
            report(progress)
        except Exception as error:
            self.cancel(f"its report failed: {type(error).__name__}: {error}")
            why = f"the work was cancelled during {progress.stage}: {self.reason}"
            raise WorkCancelledError("HY5020", why) from error

    @contextmanager
    def active(self) -> Generator[Token]:
        """Makes this the token that `current` gives inside."""
        before = _current.set(self)
        try:
            yield self
        finally:
            _current.reset(before)


class _Nothing(Token):
    """All work of the process without a token has this one, so that it is never cancelled, and keeps nothing."""

    def cancel(self, reason: str = "") -> bool:
        return False

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        return lambda: None

    def _adopt(self, child: Token) -> None:
        pass


NOTHING: Token = _Nothing()
"""The token of work that has none; nobody cancels it."""
_current: ContextVar[Token] = ContextVar("hyperion_token", default=NOTHING)


def active(token: Token | None) -> AbstractContextManager[Token]:
    """`token.active()` for what may be called without one: then the token around stays. Checks it first."""
    token = token or current()
    token.check()
    return token.active()


def current() -> Token:
    """The token of the work that is going on in this context; `NOTHING` outside of any."""
    return _current.get()
