"""Loss and closing: whatever goes on ends, and nothing hangs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import numpy as np
import pytest

from hyperion.errors import DeviceLostError
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.testing.apart import Apart, right_in_child
from hyperion.testing.device_checks.runs import LONG
from hyperion.testing.device_checks.subject import blank, code_of, put
from hyperion.testing.held import Held
from hyperion.testing.programs import attempt
from hyperion.tokens import NOTHING
from hyperion_virtual.device import VirtualDevice

Open = Callable[..., VirtualDevice]
Compiled = Callable[[str], CompiledFunction]
Holds = Callable[..., Held]


def test_a_running_function_ends_with_its_device(opened: Open, held: Holds, compiled: Compiled) -> None:
    device = opened()
    function = held(compiled(LONG.text))
    function.go.set()
    run = Apart(lambda: device.run(function, [1 << 40], NOTHING))
    assert function.begun.wait(20)
    device.lose("somebody pulled the plug")
    with pytest.raises(DeviceLostError, match="virtual:0 was lost: somebody pulled the plug") as caught:
        run.outcome(20)
    assert caught.value.code == "HY5012"
    assert "another device" in caught.value.hints[0]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_function_that_looks_at_nothing_is_left_behind(opened: Open, held: Holds, asynchronous: bool) -> None:
    device = opened(asynchronous=asynchronous)
    function = held(lambda: 1)
    run = Apart(lambda: device.run(function, [], NOTHING))
    assert function.begun.wait(20)
    waiting = Apart(device.synchronize)
    behind = Apart(lambda: device.run(held(lambda: 2), [], NOTHING))
    device.lose()
    for apart in (run, waiting, behind):
        assert isinstance(apart.error(20), DeviceLostError)
    Apart(device.close).outcome(10)  # does not wait for it
    assert device.state == "closed"
    function.go.set()


def test_queued_work_is_lost_too(opened: Open, held: Holds) -> None:
    device = opened(asynchronous=True)
    function = held(lambda: 1)
    there = blank(device, "i64", (2,))
    run = Apart(lambda: device.run(function, [there], NOTHING))
    assert function.begun.wait(20)
    device.copy(put(device, np.array([1, 2])), there)
    device.lose()
    assert isinstance(run.error(20), DeviceLostError)
    function.go.set()
    for use in (device.synchronize, there.buffer.host, lambda: device.allocate(1), lambda: device.copy(there, there)):
        assert code_of(use) == "HY5012"
    there.buffer.free()


def test_a_loss_is_the_first_that_was_told(opened: Open) -> None:
    device = opened()
    device.lose("first")
    device.lose("second")
    assert "was lost: first" in str(attempt(device.synchronize))
    device.close()
    assert code_of(device.synchronize) == "HY5014"
    device.lose("third")
    assert device.state == "closed"


def test_closing_waits_for_work(opened: Open, held: Holds) -> None:
    device = opened(asynchronous=True)
    function = held(lambda: np.zeros(1))
    run = Apart(lambda: device.run(function, [], NOTHING))
    assert function.begun.wait(20)
    begun = threading.Event()
    device._life.closing.on_cancel(begun.set)
    closing = Apart(device.close)
    assert begun.wait(20)
    assert not closing.ended
    function.go.set()
    closing.outcome(20)
    assert len(run.outcome(20)) == 1
    assert device.state == "closed"


def test_closing_ends_what_hangs(opened: Open) -> None:
    device = opened(asynchronous=True, faults="hang at copy 1")
    put(device, np.zeros(1))
    assert device.synchronize(0.001) is False
    Apart(device.close).outcome(20)


def test_what_was_closed_keeps_what_the_host_has(opened: Open) -> None:
    device = opened()
    there = put(device, np.arange(3), "pinned")
    array = np.asarray(there)
    device.close()
    assert array.tolist() == [0, 1, 2]
    assert code_of(there.buffer.host) == "HY5014"
    there.buffer.free()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_the_child_of_a_fork_has_no_device(opened: Open) -> None:
    device = opened()
    there = put(device, np.arange(3))

    def is_told() -> bool:
        codes = [code_of(use) for use in (device.synchronize, there.buffer.host, lambda: device.allocate(1))]
        device.close()  # at once
        return codes == ["HY5022"] * 3

    assert right_in_child(is_told)
    assert device.synchronize(20), "the parent's device goes on"
