"""`derive="background"`: the first call runs at once, and what was proved takes its place later."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import hyperion as hp
from hyperion.background import Background
from hyperion.cost import LINEAR
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.logic.effort import checkpoint
from hyperion.testing.apart import no_threads, right_in_child


def same(x: Any) -> Any:
    """func @same(%x: T1) -> T1 { return %x }"""


@dataclass
class Waits:
    """A strategy that offers the function itself, once it may go on."""

    go_on: threading.Event = field(default_factory=threading.Event)
    name: str = "waits"
    error: Exception | None = None

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        while not self.go_on.wait(0.005):
            checkpoint()
        if self.error is not None:
            raise self.error
        yield Candidate(self.name, function, kernel.refl(denote(function)), LINEAR, False, "the same")


@pytest.fixture
def waits(tiny: Any) -> Waits:
    found = Waits()
    tiny.strategies["waits"] = lambda: found
    return found


@pytest.fixture
def own(tiny: Any, waits: Waits) -> Iterator[hp.Instance]:
    with hp.Instance(plugins=[tiny.module()], config={"library": False, "budget": 30}) as made:
        yield made


def test_the_proven_version_takes_the_place_of_the_first(own: hp.Instance, waits: Waits) -> None:
    function = hp.jit(same, derive="background", instance=own)
    assert function(4) == 4
    first = function.explain(4)
    assert first.pending
    assert first.theorem is None
    assert "pending" in first.text()
    assert first.json()["pending"] is True
    assert not function.wait(0.05)
    waits.go_on.set()
    assert function.wait(20)
    assert function(5) == 5
    found = function.explain(4)
    assert not found.pending
    assert found.checked
    assert found.theorem is not None


def test_each_signature_has_its_own_search(own: hp.Instance, waits: Waits) -> None:
    function = hp.jit(same, derive="background", instance=own)
    assert (function(4), function(1.5)) == (4, 1.5)
    waits.go_on.set()
    assert function.wait(20)
    assert function.explain(4).checked
    assert not function.explain(1.5).pending


def test_calls_go_on_in_all_threads_while_versions_change(
    own: hp.Instance, waits: Waits, in_threads: Callable[..., list[object]]
) -> None:
    function = hp.jit(same, derive="background", instance=own)
    assert function(1) == 1

    def calls() -> object:
        waits.go_on.set()
        wrong = [x for x in range(2000) if function(x) != x]
        return wrong or function.wait(20)

    assert in_threads(calls, 4) == [True] * 4
    assert function.explain(1).checked


def test_a_failing_strategy_is_a_refusal(own: hp.Instance, waits: Waits) -> None:
    function = hp.jit(same, derive="background", instance=own)
    waits.error = RuntimeError("out of luck")
    waits.go_on.set()
    assert function(4) == 4
    assert function.wait(20)
    (refusal,) = function.explain(4).refusals
    assert "out of luck" in refusal.reason


def test_an_error_of_the_search_itself_is_shown(
    own: hp.Instance, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = own.compiled

    def fails(*arguments: Any, **keywords: Any) -> Any:
        if keywords.get("written"):
            return compiled(*arguments, **keywords)
        raise ValueError("no such luck")

    function = hp.jit(same, derive="background", instance=own)
    monkeypatch.setattr(own, "compiled", fails)
    assert function(4) == 4
    assert function.wait(20)
    (refusal,) = function.explain(4).refusals
    assert refusal.strategy == "background"
    assert "no such luck" in refusal.reason
    assert function(5) == 5


def test_closing_stops_the_search(tiny: Any, waits: Waits) -> None:
    instance = hp.Instance(plugins=[tiny.module()], config={"library": False, "budget": 600})
    function = hp.jit(same, derive="background", instance=instance)
    assert function(4) == 4
    start = time.monotonic()
    instance.close()
    assert time.monotonic() - start < 4
    assert function.wait(1)
    assert not [t for t in threading.enumerate() if t.name == "hyperion-background"]


def test_a_budget_holds_in_the_background_too(own: hp.Instance, waits: Waits) -> None:
    function = hp.jit(same, derive="background", budget=0.2, instance=own)
    assert function(4) == 4
    assert function.wait(10)
    found = function.explain(4)
    assert found.theorem is None
    assert [r.strategy for r in found.refusals] == ["waits"]


def test_tasks_run_in_order_and_after_closing_none_does() -> None:
    background, seen = Background(), list[int]()
    tasks = [background.start(lambda i=i: seen.append(i)) for i in range(20)]
    assert all(task.wait(10) for task in tasks)
    assert seen == list(range(20))
    background.close()
    background.close()
    late = background.start(lambda: seen.append(99))
    assert not late.pending
    assert late.refusals[0].reason == "the Instance is closed"
    assert seen == list(range(20))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_the_child_of_a_fork_does_not_wait_for_a_thread_that_it_lacks() -> None:
    background, go_on = Background(), threading.Event()
    task = background.start(lambda: (go_on.wait(10), None)[1])

    def in_child() -> bool:
        ended = task.wait(1) and "forked" in task.refusals[0].reason
        again = background.start(lambda: None)
        return ended and again.wait(5)

    assert right_in_child(in_child)
    go_on.set()
    assert task.wait(10)
    assert task.refusals == ()
    background.close()


def test_without_a_thread_a_search_ends_at_once_and_the_next_one_goes_on() -> None:
    background = Background()
    with no_threads():
        task = background.start(lambda: None)
    assert not task.pending
    assert task.refusals[0].reason == "the search failed: RuntimeError: can't start new thread"
    assert background.start(lambda: None).wait(10)
    background.close()


def test_a_search_that_ends_its_thread_keeps_nobody_waiting() -> None:
    background = Background()
    task = background.start(lambda: sys.exit(3))
    assert task.wait(10)
    assert task.refusals[0].reason == "the search failed: SystemExit: 3"
    assert background.start(lambda: None).wait(10)
    background.close()
