"""What tests run apart from themselves, in threads and in children of a fork: it ends in time, or the test fails.

Threads are daemons and nothing joins them without a limit, so that a test that fails, or what it tests and hangs, keeps
nobody: `with ThreadPoolExecutor()` would wait for ever.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Generic, TypeVar

Result = TypeVar("Result")

SECONDS = 30.0
"""After which a test that hangs fails."""


class Apart(Generic[Result]):
    """A call in a thread of its own.

    call = Apart(device.synchronize)
    ...
    assert call.outcome() is True
    """

    def __init__(self, call: Callable[[], Result], name: str | None = None) -> None:
        self._call = call
        self._found: list[Result] = []
        self._error: BaseException | None = None
        self.thread = threading.Thread(target=self._work, name=name, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        try:
            self._found.append(self._call())
        except BaseException as error:
            self._error = error

    @property
    def ended(self) -> bool:
        return not self.thread.is_alive()

    def error(self, seconds: float = SECONDS) -> BaseException | None:
        """What the call raised; an AssertionError where it goes on after so many seconds."""
        self.thread.join(seconds)
        assert self.ended, f"{self.thread.name} goes on after {seconds} s"
        return self._error

    def outcome(self, seconds: float = SECONDS) -> Result:
        """What the call returned, or raises what it raised."""
        error = self.error(seconds)
        if error is not None:
            raise error
        return self._found[0]


def at_once(call: Callable[[int], Result], count: int, seconds: float = SECONDS) -> list[Result]:
    """What `call(0)`, `call(1)`, .. return, each in a thread of its own and all begun together, or the first error."""
    together = threading.Barrier(count)

    def one(number: int) -> Result:
        together.wait(seconds)
        return call(number)

    calls = [Apart(lambda n=n: one(n), f"call {n} of {count}") for n in range(count)]
    return [one.outcome(seconds) for one in calls]


@contextmanager
def no_threads() -> Generator[None]:
    """Inside, the system has no room for a thread that Python starts: each would have a stack of 64 TiB."""
    usual = threading.stack_size(1 << 46)
    try:
        yield
    finally:
        threading.stack_size(usual)


def right_in_child(work: Callable[[], bool], seconds: float = SECONDS) -> bool:
    """Whether `work` is true in the child of a fork, which is killed after so many seconds. What it raises goes to the
    standard error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that other threads run is what tests of forks are about
        child = os.fork()
    if child == 0:
        right = False
        try:
            right = work()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0 if right else 1)
    end = monotonic() + seconds
    try:
        while monotonic() < end:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status == 0
            sleep(0.001)
        raise AssertionError(f"the child of the fork goes on after {seconds} s")
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
