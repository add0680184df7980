"""A thread that does one piece of work after the other; it is started by the first."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

from hyperion import log

_log = log.logger("executor")
Work = Callable[[], object]


class Worker:
    """The thread holds nothing but its queue, so that whoever owns the Worker can be collected while it waits."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def put(self, work: Work) -> bool:
        """Has `work` done after what was put before; it should not raise. False once stopped, and where the program is
        too near its end to start a thread: then it is not done."""
        with self._lock:
            if self._thread is None and not self._stopped:
                self._start()
            if not self._stopped:
                self._queue.put(work)
            return not self._stopped

    def _start(self) -> None:
        # A daemon: at the end of the program, lifetimes.py ends the work; nothing waits for a device that hangs.
        thread = threading.Thread(target=_work_off, args=(self._queue,), name=self.name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # at the end of the program
            self._stopped = True
        else:
            self._thread = thread

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
        thread.join(timeout)
        return not thread.is_alive()

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
