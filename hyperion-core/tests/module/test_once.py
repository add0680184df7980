"""What is made once for each object."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from hyperion.module.once import Once
from hyperion.testing.apart import Apart


class Thing:
    def __init__(self) -> None:
        self.made = 0
        self.fails = False

    @Once
    def value(self) -> int:
        """A number."""
        self.made += 1
        if self.fails:
            raise ValueError("not yet")
        return self.other + 1

    @Once
    def other(self) -> int:
        return 41


def test_it_is_made_once(in_threads: Callable[..., list[object]]) -> None:
    thing = Thing()
    assert in_threads(lambda: thing.value, 8) == [42] * 8
    assert thing.made == 1
    thing.value = 5  # type: ignore[assignment, misc]  as `cached_property` lets
    assert thing.value == 5
    assert Thing.value.__doc__ == "A number."


def test_a_failure_is_tried_again() -> None:
    thing = Thing()
    thing.fails = True
    for _ in range(2):
        with pytest.raises(ValueError, match="not yet"):
            _ = thing.value
    thing.fails = False
    assert (thing.value, thing.made) == (42, 3)


def test_objects_do_not_wait_for_each_other() -> None:
    entered, leave = threading.Event(), threading.Event()

    class Slow(Thing):
        @Once
        def value(self) -> int:
            entered.set()
            assert leave.wait(20)
            return 1

    first, second = Slow(), Slow()
    one = Apart(lambda: first.value)
    assert entered.wait(20)
    assert second.other == 41
    another = Apart(lambda: second.value)
    leave.set()
    assert (one.outcome(), another.outcome()) == (1, 1)
    assert (first.value, second.value) == (1, 1)
