"""Executors that split calls: what they plan, give, tell and count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any  # Any: a function of a module

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import DeviceError, TrapZeroDivisionError, WorkCancelledError
from hyperion.interfaces.executor import Executor
from hyperion.tokens import Token

cpu = pytest.importorskip("hyperion_cpu.device")
virtual = pytest.importorskip("hyperion_virtual.driver")


@hp.jit
def quotients(xs, k):  # type: ignore[no-untyped-def]
    total = 0
    for x in xs:
        total += k // x
    return total


def largest_rise(moves):  # type: ignore[no-untyped-def]
    here = 0
    best = 0
    for x in moves:
        here = max(here + x, 0)
        best = max(best, here)
    return best


def doubled(xs):  # type: ignore[no-untyped-def]
    out = np.empty(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        out[i] = 2 * xs[i]
    return out


WAYS: dict[str, Callable[[Executor, Any, Sequence[object]], tuple[object, ...]]] = {
    "execute": lambda executor, function, given: executor.execute(function, given),
    "submit": lambda executor, function, given: executor.submit(function, given).result(60),
}


@pytest.fixture
def executor() -> Iterator[Executor]:
    instance = hp.default_instance()
    devices = ["cpu:0", "cpu:1"] if cpu.CpuDriver().describe("cpu:1/2").absent == "" else ["cpu:0", "virtual:0"]
    with instance.executor(devices, launch=0.0) as made:
        yield made


def test_an_executor_splits_and_says_how(executor: Executor) -> None:
    moves = (np.arange(3 * 32896 + 100) * 7919 % 1009 - 504).astype(np.int32)
    function = hp.default_instance().compile(largest_rise, arguments=(moves,))["largest_rise"]
    plan = executor.plan(function, [moves])
    first, second = executor.cluster.devices
    assert plan.refusals == ()
    assert [share[0] for share in plan.shares] == [first.info.address, second.info.address]
    assert plan.shares[0][1] == 0
    assert plan.shares[0][2] == plan.shares[1][1]
    assert plan.shares[0][2] % 32896 == 0
    assert plan.shares[1][2] == len(moves)
    assert executor.plan(function, [moves], submit=True) == plan
    for way in WAYS.values():
        before = hp.default_instance().metrics
        assert way(executor, function, [moves]) == (function(moves),)
        counted = hp.default_instance().metrics - before
        assert all(counted.number("run_seconds", device=device.info.address) for device in (first, second))
    assert executor.plan(function, [moves[:1000]]).refusals[0].reason == (
        "1000 elements are not worth more than one device"
    )
    assert executor.plan(function, [moves[:0]]).refusals[0].reason.startswith("no argument is an array with elements")
    with hp.default_instance().executor(["cpu:0"]) as alone:
        assert alone.plan(function, [moves]).refusals[0].reason == "the cluster has one device"
        code = function.compiled
        assert executor.plan(code, [moves]).refusals[0].reason == "code of a target, not a function of a module"
        assert alone.execute(function, [moves]) == executor.execute(function, [moves])


@pytest.mark.parametrize("way", WAYS)
def test_a_trap_is_the_one_of_the_loop(executor: Executor, way: str) -> None:
    xs = np.ones(70000, dtype=np.int64)
    xs[60000] = 0
    function = hp.default_instance().compile(quotients, arguments=(xs, 3))["quotients"]
    with pytest.raises(TrapZeroDivisionError) as caught:
        WAYS[way](executor, function, [xs, 3])
    assert caught.value.span is not None
    assert "total += k // x" in caught.value.span.text


def test_the_loss_of_a_device_is_told_and_calls_that_end_are_counted() -> None:
    moves = np.arange(70000, dtype=np.int32)
    told: list[str] = []
    with hp.Instance() as instance:
        instance.on_event(lambda event: told.append(event.kind))
        instance.device("virtual:0", faults="lose at run 1")
        function = instance.compile(largest_rise, arguments=(moves,))["largest_rise"]
        with instance.executor(["cpu:0", "virtual:0"], launch=0.0) as made:
            assert made.execute(function, [moves]) == (function(moves),)
            assert told.count("device.lost") == 1
            assert made.execute(function, [moves]) == (function(moves),)
        assert told.count("device.lost") == 1
        with instance.executor(["virtual:1", "virtual:2"], launch=0.0) as made:
            before, ended = instance.metrics.total("cancels"), Token()
            ended.cancel()
            with pytest.raises(WorkCancelledError):
                made.execute(function, [moves], token=ended)
            assert instance.metrics.total("cancels") == before + 1


def test_results_that_stay_on_their_device_are_of_one() -> None:
    xs = np.arange(70000, dtype=np.int64)
    with hp.Instance() as instance, instance.executor(["virtual:0", "virtual:1"], launch=0.0) as made:
        function = instance.compile(doubled, arguments=(xs,))["doubled"]
        assert len(made.plan(function, [xs]).shares) == 2
        (there,) = made.execute(function, [xs[:8]], place="device")
        assert isinstance(there, hp.BufferView)
        assert there.device in ("virtual:0", "virtual:1")


@pytest.mark.parametrize("launch", [-1, "soon", True, float("nan")])
def test_launch_is_a_number_of_seconds(launch: object) -> None:
    with pytest.raises(DeviceError) as caught:
        hp.default_instance().executor(["cpu:0"], launch=launch)
    assert caught.value.code == "HY5024"
    assert "it is a number of seconds from 0" in str(caught.value)
