"""Untrusted. How long a search may take: tactics ask at every axiom that they use."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from time import monotonic
from typing import NoReturn, TypeVar

R = TypeVar("R")
SECONDS = 5.0
"""For a search where nothing else is said."""
GRACE = 0.1
"""The part of a limit that is kept for what does not ask at once whether its time is over."""

LOOK = 0.02
"""Seconds after which whoever waits for a call asks in its place whether it should stop."""

RESERVE = 0.08
"""The part of a limit that each step leaves for each of those after it."""


class OutOfTime(Exception):
    """The search was cut; the loop stays as written."""


class LeftBehind(OutOfTime):
    """What was called did not end when its time was over. Its thread ends when it next asks, or with the process."""


@dataclass(frozen=True, slots=True)
class _Limit:
    deadline: float = math.inf
    seconds: float = math.inf
    asked: Callable[[], None] | None = None


_UNLIMITED = _Limit()
_limit: ContextVar[_Limit] = ContextVar("limit", default=_UNLIMITED)


@contextmanager
def limited(seconds: float | None = None) -> Generator[None]:
    """Tactics inside raise OutOfTime once `seconds` have passed, or sooner where a limit around this one is shorter.
    None stands for the limit around this one, or for `SECONDS` where there is none."""
    around = _limit.get()
    if seconds is None:
        seconds = SECONDS if around.deadline == math.inf else math.inf
    deadline = monotonic() + seconds
    inner = _Limit(deadline, seconds, around.asked) if deadline < around.deadline else around
    token = _limit.set(inner)
    try:
        yield
    finally:
        _limit.reset(token)


@contextmanager
def watched(asked: Callable[[], None]) -> Generator[None]:
    """Calls `asked` at each checkpoint inside, also in the threads of `within`: it may raise OutOfTime, or wait."""
    around = _limit.get()
    outer = around.asked

    def both() -> None:
        if outer is not None:
            outer()
        asked()

    token = _limit.set(_Limit(around.deadline, around.seconds, both))
    try:
        yield
    finally:
        _limit.reset(token)


def remaining() -> float:
    """The seconds that are left; infinity where nothing is limited."""
    return _limit.get().deadline - monotonic()


def share(after: int) -> float:
    """The seconds for one step where `after` more are to come: all that is left but a part of the whole for each of
    those, and no less than they get on the average."""
    left, whole = remaining(), _limit.get().seconds
    return left if left == math.inf else max(left / (after + 1), left - after * whole * RESERVE)


def checkpoint() -> None:
    limit = _limit.get()
    if monotonic() > limit.deadline:
        raise OutOfTime(f"the search took more than {limit.seconds:.3g} seconds and was cut")
    if limit.asked is not None:
        limit.asked()


def within(seconds: float, call: Callable[[], R]) -> R:
    """`call()` under a limit that holds whether or not it asks: it runs in a thread of its own, which is waited for
    `seconds` at most. Without a limit it is just called.

    Raises LeftBehind where it is not back by then, OutOfTime where the system has no thread for it, and what those
    raise who are asked at checkpoints (`watched`), also where `call` comes to none. Ctrl-C ends the waiting, and `call`
    at its next checkpoint.
    """
    if seconds == math.inf:
        return call()
    outcome: list[Callable[[], R]] = []
    done, left = threading.Event(), threading.Event()

    def asked() -> None:
        if left.is_set():
            raise LeftBehind("nobody waits for this search any more")

    def work() -> None:
        try:
            with limited(seconds * (1 - GRACE)), watched(asked):
                result = call()
            outcome.append(lambda: result)
        except BaseException as error:
            outcome.append(_raising(error))
        finally:
            done.set()

    thread = threading.Thread(target=copy_context().run, args=(work,), name="hyperion-search", daemon=True)
    try:
        try:
            thread.start()  # Ctrl-C may come in here, when `call` has begun
        except RuntimeError as error:
            raise OutOfTime(f"a search with a time limit needs a thread: {error}") from error
        if not _waited(done, seconds):
            raise LeftBehind(f"it did not stop after {seconds:.3g} seconds and was left behind")
    finally:
        left.set()
    return outcome[0]()


def _waited(done: threading.Event, seconds: float) -> bool:
    """Whether it was done in time."""
    asked = _limit.get().asked
    if asked is None:
        return done.wait(max(seconds, 0.0))
    end = monotonic() + seconds
    while not done.wait(min(max(end - monotonic(), 0.0), LOOK)):
        if monotonic() >= end:
            return False
        asked()
    return True


def _raising(error: BaseException) -> Callable[[], NoReturn]:
    def fail() -> NoReturn:
        raise error

    return fail
