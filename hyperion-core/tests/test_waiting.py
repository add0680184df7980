"""Waits in which no signal is missed."""

from __future__ import annotations

import itertools
import signal
import threading
from math import inf

import pytest

from hyperion.testing.apart import SECONDS, Apart
from hyperion.waiting import PIECE, waited


class Deaf:
    """A wait that signals do not end, and what it was asked for."""

    def __init__(self, happens_at: float = inf) -> None:
        self.asked: list[float | None] = []
        self._happens_at = happens_at

    def __call__(self, seconds: float | None) -> bool:
        self.asked.append(seconds)
        return len(self.asked) >= self._happens_at


@pytest.mark.parametrize("timeout", [None, inf, 1e300, 5.0])
def test_the_main_thread_waits_in_pieces(timeout: float | None) -> None:
    wait = Deaf(happens_at=4)
    assert waited(wait, timeout)
    assert wait.asked == [PIECE] * 4


def test_a_signal_that_comes_before_the_sleep_is_heard() -> None:
    calls = itertools.count()

    def wait(seconds: float | None) -> bool:
        assert seconds is not None, "it sleeps for ever"
        if next(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return False

    with pytest.raises(KeyboardInterrupt):
        waited(wait)


def test_what_happens_is_told_at_once_and_what_does_not_in_time() -> None:
    event = threading.Event()
    assert not waited(event.wait, PIECE * 1.5)
    event.set()
    assert waited(event.wait)
    for timeout in (0.0, -1.0, -inf):
        wait = Deaf()
        assert not waited(wait, timeout)
        assert wait.asked == [0.0]


@pytest.mark.parametrize(("timeout", "asked"), [(None, None), (inf, None), (5.0, 5.0)])
def test_other_threads_sleep_through(timeout: float | None, asked: float | None) -> None:
    wait = Deaf(happens_at=1)
    assert Apart(lambda: waited(wait, timeout)).outcome(SECONDS)
    assert wait.asked == [asked]
