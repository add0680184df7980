"""The future of a call."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from hyperion import log
from hyperion.errors import HyperionError, WorkCancelledError
from hyperion.fences import Fence
from hyperion.waiting import hears_signals, waited
from hyperion_cluster import lifetimes
from hyperion_cluster.workers import Worker

Results = tuple[object, ...]
_log = log.logger("executor")
_making_fences = threading.Lock()


class FutureCancelledError(WorkCancelledError, CancelledError):
    """What `result` of a cancelled future raises (HY5020): also `concurrent.futures.CancelledError`."""


class Cancels(Protocol):
    @property
    def runs(self) -> bool: ...

    def cancel(self) -> bool: ...


def _end(fence: Fence, future: Future[Results]) -> None:
    error = future.exception()
    fence.signal() if error is None else fence.fail(error)


def _post(fn: Callable[[Any], object], future: Future[Results]) -> None:  # Any: as in `add_done_callback`
    assert isinstance(future, CallFuture)
    callbacks, label = future.callbacks, future.label

    def call() -> None:
        try:
            fn(future)
        except Exception:
            _log.exception("a callback of the future of %s raised", label)

    if callbacks.put(call) is not None:
        call()  # the executor is closed or has no thread for it; no device waits for this one


class CallFuture(Future[Results]):
    """A `concurrent.futures.Future`: `wait`, `as_completed` and `asyncio.wrap_future` take it, and `await` does.

    Cancelled is what `cancel` ended: before it ran, or while it ran, and then what it still gives is dropped. It is
    done once nothing of the call runs any more. A call that its token ended has failed, with `WorkCancelledError`.
    """

    _fence: Fence | None = None
    _dropped = False
    _told = False  # whether somebody learns of its end without asking
    _unseen: BaseException | None = None

    def __init__(self, call: Cancels, callbacks: Worker, label: object) -> None:
        super().__init__()
        self._call: Cancels | None = call
        self.callbacks = callbacks
        self.label = label
        self._forks = lifetimes.forks

    # What the call does

    def withdraw(self) -> None:
        """The call was cancelled before it ran."""
        super().cancel()
        self.set_running_or_notify_cancel()  # tells those in concurrent.futures.wait
        self._call = None

    def succeed(self, results: Results) -> None:
        self._call = None
        self.set_result(results)

    def fail(self, error: BaseException, dropped: bool) -> None:
        """The call failed; or was cancelled while it ran, where `dropped`."""
        self._call = None
        self._dropped = dropped
        self._unseen = None if dropped or self._told else error
        self.set_exception(error)

    # What users do

    @property
    def fence(self) -> Fence:
        """Done when the call is, with its error: for `submit(.., after=[future.fence])`."""
        self._told, self._unseen = True, None
        with _making_fences:
            if self._fence is not None:
                return self._fence
            fence = self._fence = Fence(str(self.label))
        super().add_done_callback(partial(_end, fence))
        return fence

    def result(self, timeout: float | None = None) -> Results:
        """The results; waits for `timeout` seconds at most, then raises TimeoutError and the call goes on. Raises what
        the call raised, `FutureCancelledError` once cancelled, `DeviceError` (HY5022) in the child of a fork."""
        self._check_process()
        left = self._after_waiting(timeout)
        try:
            return super().result(left)
        except BaseException as error:
            if isinstance(error, CancelledError) and super().cancelled():
                raise self._cancellation() from None
            if error is self._unseen:
                self._unseen = None
            del self  # the frame in the error's traceback would keep the future, which keeps the error
            raise

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What `result` would raise, None where it would return; `FutureCancelledError` once cancelled."""
        self._check_process()
        try:
            error = super().exception(self._after_waiting(timeout))
        except CancelledError:
            return self._cancellation()
        self._unseen = None
        return error

    def _after_waiting(self, timeout: float | None) -> float | None:
        """What is left of the time to wait, after a wait in which signals are heard."""
        if self.done() or not hears_signals():
            return timeout
        waited(self._ended, timeout)
        return 0

    def _ended(self, timeout: float | None) -> bool:
        """Whether the call is done within so many seconds."""
        with suppress(TimeoutError, CancelledError):
            super().exception(timeout)
        return self.done()

    def _check_process(self) -> None:
        if self._call is not None and self._forks != lifetimes.forks:
            raise lifetimes.forked_error()

    def _cancellation(self) -> FutureCancelledError:
        return FutureCancelledError("HY5020", f"{self.label} was cancelled before it ran")

    def cancel(self) -> bool:
        """Asks for the call to end. Whether it gives no result: False once it has given one or failed."""
        call = self._call
        if call is None or self._forks != lifetimes.forks:
            return self.cancelled()
        return call.cancel()

    def running(self) -> bool:
        call = self._call
        return call is not None and call.runs

    def cancelled(self) -> bool:
        return self._dropped or super().cancelled()

    def add_done_callback(self, fn: Callable[[Any], object]) -> None:  # Any: a future, by any of its interfaces
        """Calls `fn(self)` once done, in the thread of the executor's callbacks, one after the other. What it raises is
        logged."""
        self._told, self._unseen = True, None
        super().add_done_callback(partial(_post, fn))

    def __repr__(self) -> str:
        states = {"cancelled": self.cancelled, "done": self.done, "running": self.running}
        state = next((name for name, holds in states.items() if holds()), "waiting")
        return f"<CallFuture of {self.label}: {state}>"

    def __await__(self) -> Generator[Any, None, Results]:  # Any: what the event loop is told
        return asyncio.wrap_future(self).__await__()

    def __del__(self) -> None:
        error = self._unseen
        if error is None or sys.is_finalizing():
            return
        what = error.code if isinstance(error, HyperionError) else type(error).__name__
        fields = {"kind": "future.failed", "error": what}
        log.write(_log, logging.WARNING, f"{self.label} failed and nobody asked for its result: {error}", fields)
