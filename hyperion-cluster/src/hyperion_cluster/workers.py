"""A thread that does one piece of work after the other; it is started by the first."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue

from hyperion import log
from hyperion.errors import DeviceError
from hyperion.waiting import joined, waited

_log = log.logger("executor")
Work = Callable[[], object]


def closed_error() -> DeviceError:
    return DeviceError("HY5002", "the executor is closed", hints=["create another one"])


def started(target: Callable[..., None], name: str, *arguments: object) -> threading.Thread:
    """A new thread. It is a daemon: at the end of the program lifetimes.py ends the work, and nothing waits for a
    device that hangs. Raises `DeviceError` (HY5026) where the system has no thread."""
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        hints = ["end other threads, or raise the limit (`ulimit -u`)"]
        raise DeviceError("HY5026", f"the thread `{name}` cannot be started: {error}", hints=hints) from error
    return thread


class Worker:
    """The thread holds nothing but its queue, so that whoever owns the Worker can be collected while it waits."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def put(self, work: Work) -> DeviceError | None:
        """Has `work` done after what was put before; it should not raise. Else why it is not done: HY5002 once stopped,
        HY5026 without a thread."""
        with self._lock:
            if self._stopped:
                return closed_error()
            if self._thread is None:
                try:
                    self._thread = started(_work_off, self.name, self._queue)
                except DeviceError as error:
                    return error
            self._queue.put(work)
            return None

    def stop(self) -> None:
        """Ends the thread after what was put before. A second call does nothing."""
        with self._lock:
            if not self._stopped:
                self._stopped = True
                self._queue.put(None)

    def join(self, timeout: float | None = None) -> bool:
        """Whether the thread ended within `timeout` seconds after `stop`; its own thread does not wait for itself."""
        thread = self._thread
        if thread is None or self.is_current:
            return True
        return waited(partial(joined, thread), timeout)

    @property
    def is_current(self) -> bool:
        return self._thread is threading.current_thread()


def _work_off(queue: SimpleQueue[Work | None]) -> None:
    while (work := queue.get()) is not None:
        try:
            work()
        except BaseException:  # a thread that others wait for must not end
            _log.log(logging.ERROR, "a piece of work of an executor's thread raised", exc_info=True)
        del work  # what it holds should not live until the next piece comes
