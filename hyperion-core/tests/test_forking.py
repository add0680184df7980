"""The child of a fork finds every lock of the process free, whichever thread held it."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from hyperion._forking import survives_forks
from hyperion.logic import checking, denote, terms, theory
from hyperion.metrics import Metrics
from hyperion.module.known_verdicts import known_verdicts
from hyperion.testing.apart import SECONDS, right_in_child

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")

LOCKS: dict[str, Any] = {
    "terms": terms.LOCK,
    "theory": theory._lock,
    "denoted": denote._lately.lock,
    "answers": checking._answers._lock,
    "known verdicts": known_verdicts.lock,
}


def free_in_the_child(lock: Any) -> bool:
    """Whether the child can take the lock, which another thread holds when the process forks."""
    held, asked = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            asked.wait(0.2)

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    assert held.wait(SECONDS)
    right = right_in_child(lambda: lock.acquire(timeout=1))
    asked.set()
    thread.join(SECONDS)
    return right


def test_a_plain_lock_stays_held() -> None:
    assert not free_in_the_child(threading.Lock())


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_of_the_process_is_free_in_the_child(name: str) -> None:
    assert free_in_the_child(LOCKS[name])
    assert LOCKS[name].acquire(timeout=1)
    LOCKS[name].release()


def test_metrics_count_in_the_child() -> None:
    metrics = Metrics()

    class Counting:
        """Counts in the child, where another thread of the parent holds the lock."""

        def __enter__(self) -> None:
            assert metrics._lock.acquire(timeout=SECONDS)

        def __exit__(self, *exception: object) -> None:
            metrics._lock.release()

        def acquire(self, timeout: float) -> bool:
            return metrics._lock.acquire(timeout=timeout)

    assert free_in_the_child(Counting())


def test_a_lock_that_survives_is_the_same_lock() -> None:
    lock = threading.RLock()
    assert survives_forks(lock) is lock
    assert free_in_the_child(lock)
