"""Deadlines and cancellation."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Timer
from types import SimpleNamespace
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import StoppedError
from hyperion.interfaces.compiler_pass import PassContext, PassResult


@pytest.mark.parametrize("text", ["waits", "try(waits)", "fixpoint(grow,try(waits))"])
def test_a_deadline_ends_a_pass_that_checks(toy: hp.Instance, toys: SimpleNamespace, text: str) -> None:
    refused: list[object] = []
    with pytest.raises(StoppedError, match="HY4005"):
        toy.pipeline(text).run(toys.TEXT, refused.append, timeout=0.02)
    assert refused == []  # being stopped is not the pass's failure
    with pytest.raises(TimeoutError):
        toy.pipeline(text).run(toys.TEXT, timeout=0.02)


def test_an_event_cancels(toy: hp.Instance, toys: SimpleNamespace) -> None:
    cancel = Event()
    timer = Timer(0.05, cancel.set)
    timer.start()
    try:
        with pytest.raises(StoppedError, match="HY4004"):
            toy.pipeline("waits").run(toys.TEXT, cancel=cancel)
    finally:
        timer.join(10)


def test_what_is_cancelled_before_it_starts_runs_no_pass(toy: hp.Instance, toys: SimpleNamespace) -> None:
    cancel = Event()
    cancel.set()
    with pytest.raises(StoppedError):
        toy.pipeline("fails").run(toys.TEXT, cancel=cancel)


def test_a_pass_that_swallows_the_stop_is_stopped_after_it(toy: hp.Instance, toys: SimpleNamespace) -> None:
    cancel = Event()

    class Swallows(toys.Turn):
        def run(self, program: Any, context: PassContext) -> PassResult:
            cancel.set()
            with suppress(StoppedError):
                context.check()
            return PassResult(program.main)

    with pytest.raises(StoppedError):
        toy.create_pipeline([Swallows()]).run(toys.TEXT, cancel=cancel)


def test_without_either_nothing_stops() -> None:
    context = PassContext()
    context.check()
    context.count("seen")
    context.count("seen", 2)
    assert dict(context.statistics) == {"seen": 3}
