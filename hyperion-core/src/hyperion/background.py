"""Searches that go on while the program runs: one thread for each Instance, one task after the other."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable
from time import monotonic, sleep
from typing import TYPE_CHECKING

from hyperion.errors import HyperionError
from hyperion.stages import going_on, resumed
from hyperion.waiting import waited

if TYPE_CHECKING:
    from hyperion.interfaces.strategy import Refusal

SLICE, PAUSE = 0.002, 0.0005
"""Seconds after which a search lets go of the interpreter's lock, and for how long at least."""
PATIENCE = 5.0
"""Seconds that closing waits for a task which does not ask whether it should stop."""


class Task:
    """A search in the background. `error` is what ended it; None while it goes on, and where it succeeded."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.around = going_on()  # the stage that it carries on
        self.error: BaseException | None = None
        self._ended = threading.Event()

    @property
    def pending(self) -> bool:
        return not self._ended.is_set()

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Why the search has no result, for `explain`."""
        from hyperion.interfaces.strategy import Refusal
        from hyperion.logic.effort import OutOfTime

        match self.error:
            case None:
                return ()
            case HyperionError() as error:
                return (Refusal("background", f"{error.code}: {error.message}", span=error.span),)
            case OutOfTime() as error:
                return (Refusal("background", str(error)),)
            case error:
                return (Refusal("background", f"the search failed: {type(error).__name__}: {error}"),)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it ended within `timeout` seconds; None waits for its end."""
        return waited(self._ended.wait, timeout)

    def end(self, error: BaseException | None) -> None:
        self.error = error
        self._ended.set()

    def lost(self) -> None:
        """In the child of a fork, where the thread is not."""
        from hyperion.logic.effort import OutOfTime

        self._ended = threading.Event()
        self.end(OutOfTime("the process was forked before the search ended"))


class Background:
    """The thread; it is started by the first task and ends after the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: deque[Task] = deque()  # the first is the one that goes on
        self._thread: threading.Thread | None = None
        self._closed = False
        self._went_on = 0.0
        _all.add(self)

    def start(self, work: Callable[[], None]) -> Task:
        """Has `work` called after what was started before. Searches in it end at a checkpoint once this is closed."""
        from hyperion.logic.effort import OutOfTime  # not sooner: an Instance without searches imports no logic

        task = Task(work)
        with self._lock:
            if self._closed:
                task.end(OutOfTime("the Instance is closed"))
                return task
            self._tasks.append(task)
            if self._thread is None:
                self._begin()
        return task

    def _begin(self) -> None:
        thread = threading.Thread(target=self._run, name="hyperion-background", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the system has no more, or the program ends
            self._tasks.pop().end(error)
        else:
            self._thread = thread

    def close(self) -> None:
        """Stops the search that goes on and forgets the others. A second call does nothing."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(PATIENCE)

    def checkpoint(self) -> None:
        """Raises OutOfTime once this is closed, and lets other threads run now and then."""
        if self._closed:
            from hyperion.logic.effort import OutOfTime

            raise OutOfTime("the Instance was closed before the search ended")
        if monotonic() - self._went_on > SLICE:
            sleep(PAUSE)
            self._went_on = monotonic()

    def forget(self) -> None:
        """In the child of a fork: the thread is the parent's."""
        tasks, self._tasks = self._tasks, deque()
        self._lock, self._thread = threading.Lock(), None
        for task in tasks:
            task.lost()

    def _run(self) -> None:
        from hyperion.logic.effort import watched

        while (task := self._next()) is not None:
            try:
                with resumed(task.around), watched(self.checkpoint):
                    self.checkpoint()
                    task.work()
            except BaseException as error:  # those that wait for the task learn of its end, whatever ended it
                task.end(error)
            else:
                task.end(None)
            with self._lock:
                self._tasks.popleft()

    def _next(self) -> Task | None:
        with self._lock:
            if not self._tasks:
                self._thread = None
                return None
            return self._tasks[0]


_all: weakref.WeakSet[Background] = weakref.WeakSet()


def _close_all() -> None:
    for background in list(_all):
        background.close()


def _forget_all() -> None:
    for background in list(_all):
        background.forget()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
