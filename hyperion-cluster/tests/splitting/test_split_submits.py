"""Calls that nobody waits for are split over the devices that have nothing else to do."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any  # Any: devices of another distribution

import numpy as np
import pytest

import hyperion as hp
from hyperion.buffers.view import BufferView
from hyperion.errors import DeadlineError, DeviceError, DeviceLostError, PluginError, TrapOverflowError
from hyperion.fences import Fence
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor
from hyperion.services import ExecutorServices
from hyperion.testing.programs import attempt
from hyperion.tokens import Progress, Token
from hyperion_cluster.executor import ClusterExecutor
from hyperion_cluster.futures import FutureCancelledError

virtual = pytest.importorskip("hyperion_virtual.driver")
faulty = pytest.importorskip("hyperion_virtual.faults")
DEVICES = ("virtual:0", "virtual:1")
XS = np.arange(20, dtype=np.int64)
SECONDS = 20


@pytest.fixture
def own() -> Iterator[hp.Instance]:
    """An Instance whose virtual devices nobody opened."""
    with hp.Instance() as made:
        yield made


@contextmanager
def opened(instance: hp.Instance, devices: Sequence[Any] = DEVICES, **options: object) -> Iterator[Executor]:
    """An executor that ends what hangs where a test fails."""
    executor = instance.executor(devices, **options)
    try:
        yield executor
        executor.close(SECONDS)
    finally:
        executor.close(0)


def values(results: Sequence[object]) -> list[object]:
    return [np.asarray(x).tolist() if isinstance(x, BufferView) else x for x in results]


def expected(a: int, xs: Any = XS) -> list[object]:
    return [(xs * a).tolist(), (xs * a + a).tolist()]


def runs(instance: hp.Instance, devices: Sequence[str] = DEVICES) -> list[float]:
    return [instance.metrics.number("run_seconds", device=device) for device in devices]


def until_struck(faults: Any) -> None:
    for _ in range(10_000):
        if faults.struck or threading.Event().wait(0.001):
            break


def test_a_call_is_split_where_no_other_one_is_there(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    with opened(own, launch=0.0) as executor:
        plan = executor.plan(maps["both"], [XS, 3], submit=True)
        assert plan.shares == (("virtual:0", 0, 10), ("virtual:1", 10, 20))
        assert values(executor.submit(maps["both"], [XS, 3]).result(SECONDS)) == expected(3)
        assert runs(own) == [2, 2]
        assert values(executor.submit(maps["both"], [XS[:1], 3]).result(SECONDS)) == expected(3, XS[:1])
        assert runs(own) in ([3, 2], [2, 3])
        assert executor.plan(maps["both"], [XS, 3], submit=True).shares  # nothing is left of them


def test_calls_beside_others_use_the_devices_that_are_free(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    devices = ("virtual:0", "virtual:1", "virtual:2")
    own.device("virtual:0", faults="hang at run 1")
    with opened(own, launch=0.0, devices=devices) as executor:
        hangs = executor.submit(maps["one"], [1])
        plan = executor.plan(maps["both"], [XS, 3], submit=True)
        assert plan.shares == (("virtual:1", 0, 10), ("virtual:2", 10, 20))
        assert len(executor.plan(maps["both"], [XS, 3]).shares) == 3  # where somebody waits
        assert values(executor.submit(maps["both"], [XS, 3]).result(SECONDS)) == expected(3)
        assert runs(own, devices[1:]) == [2, 2]
        assert hangs.cancel()


def test_calls_run_whole_where_the_devices_are_busy(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    faults = own.device("virtual:0", faults="hang at run 1").faults  # type: ignore[attr-defined]
    with opened(own, launch=0.0) as executor:
        hangs = executor.submit(maps["one"], [1])
        plan = executor.plan(maps["both"], [XS, 3], submit=True)
        assert [r.reason for r in plan.refusals] == [
            "1 call on virtual:0: whole calls side by side keep the devices busy"
        ]
        futures = [executor.submit(maps["both"], [XS, a]) for a in (1, 2)]
        until_struck(faults)  # or one of these would hang in its place
        assert hangs.cancel()
        assert [values(future.result(SECONDS)) for future in futures] == [expected(a) for a in (1, 2)]


def test_many_calls_at_once(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    with opened(own, launch=0.0, queue=8) as executor:
        futures = [executor.submit(maps["both"], [XS, a]) for a in range(40)]
        assert [values(future.result(SECONDS)) for future in futures] == [expected(a) for a in range(40)]


def test_a_fault_at_every_call_of_a_device(maps: dict[str, CompiledFunction]) -> None:
    """Of either device. What another one may do instead is done."""

    def workload(faults: Any, struck: int) -> tuple[list[object], str]:
        with hp.Instance() as instance:
            devices = [
                instance.device(address, faults=faults if number == struck else "")
                for number, address in enumerate(DEVICES)
            ]
            executor = instance.executor(devices, launch=0.0)
            future = executor.submit(maps["both"], [XS, 3])
            got = values(future.result(SECONDS))
            return got, devices[struck].state

    for struck in (0, 1):
        for faults in faulty.points(lambda faults, struck=struck: workload(faults, struck)):
            error = attempt(lambda faults=faults, struck=struck: workload(faults, struck))
            (fault,) = faults.struck
            if fault.method in ("open", "close"):  # of which the Instance tells
                assert isinstance(error, DeviceError | ExceptionGroup) or fault.kind == "lose", fault
            else:
                assert error == (expected(3), "lost" if fault.kind == "lose" else "open"), fault


def test_where_no_device_is_left(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    lost: list[str] = []
    own.on_event(lambda event: lost.append(str(event.fields["device"])) if event.kind == "device.lost" else None)
    for device in DEVICES:
        own.device(device, faults="lose at run 1")
    executor = own.executor(DEVICES, launch=0.0)
    error = executor.submit(maps["both"], [XS, 3]).exception(SECONDS)
    assert isinstance(error, DeviceLostError)
    assert error.code == "HY5012"
    assert sorted(lost) == list(DEVICES)


@pytest.mark.parametrize("device", DEVICES)
def test_cancelling_ends_all_parts(own: hp.Instance, maps: dict[str, CompiledFunction], device: str) -> None:
    faults = own.device(device, faults="hang at run 1").faults  # type: ignore[attr-defined]
    with opened(own, launch=0.0) as executor:
        future = executor.submit(maps["both"], [XS, 3])
        until_struck(faults)
        assert future.cancel()
        assert isinstance(future.exception(SECONDS), FutureCancelledError)
        assert future.cancelled()
        assert values(executor.submit(maps["both"], [XS, 4]).result(SECONDS)) == expected(4)


@pytest.mark.parametrize("device", DEVICES)
def test_a_deadline_ends_all_parts(own: hp.Instance, maps: dict[str, CompiledFunction], device: str) -> None:
    faults = own.device(device, faults="hang at run 1").faults  # type: ignore[attr-defined]
    with opened(own, launch=0.0) as executor:
        late = executor.submit(maps["both"], [XS, 3], token=Token(seconds=0.1)).exception(SECONDS)
        assert isinstance(late, DeadlineError)
        if faults.struck:  # unless the machine is so busy that the call did not come that far
            assert values(executor.submit(maps["both"], [XS, 4]).result(SECONDS)) == expected(4)


def test_a_token_is_told_once_that_the_call_runs(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    """Also where it was to be split and then runs whole."""
    with opened(own, launch=0.0) as executor:
        for name, given in (("both", [XS, 3]), ("sorted", [XS]), ("both", [XS, 1 << 62])):
            told: list[Progress] = []
            future = executor.submit(maps[name], given, token=Token(report=told.append))
            failed = future.exception(SECONDS) is not None
            said = [progress.done for progress in told if progress.stage == "run"]
            assert said == ([0] if failed else [0, 1]), name


def test_the_error_of_a_trap_is_the_one_on_one_device(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    with opened(own, launch=0.0) as executor:
        error = executor.submit(maps["both"], [XS, 1 << 62]).exception(SECONDS)
        whole = attempt(lambda: executor.execute(maps["both"], [XS, 1 << 62]))
        assert isinstance(error, TrapOverflowError)
        assert str(error) == str(whole)
        assert executor.plan(maps["both"], [XS, 3], submit=True).shares


def test_a_call_waits_for_its_fences_before_it_is_split(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    with opened(own, launch=0.0) as executor:
        before, broken = Fence(), Fence()
        future = executor.submit(maps["both"], [XS, 3], after=[before])
        never = executor.submit(maps["both"], [XS, 3], after=[broken])
        assert executor.plan(maps["both"], [XS, 3], submit=True).shares  # as nothing runs
        before.signal()
        assert values(future.result(SECONDS)) == expected(3)
        assert runs(own) == [2, 2]
        broken.fail(OSError("the disk is gone"))
        assert isinstance(never.exception(SECONDS), OSError)


def test_the_queue_counts_a_call_once(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    own.device("virtual:1", faults="hang at run 1")
    with opened(own, launch=0.0, queue=1) as executor:
        future = executor.submit(maps["both"], [XS, 3])
        full = attempt(lambda: executor.submit(maps["one"], [1], wait=False))
        assert isinstance(full, DeviceError)
        assert full.code == "HY5023"
        assert future.cancel()
        assert executor.submit(maps["one"], [1], token=Token(seconds=SECONDS)).result(SECONDS) == (1,)


def test_closing_waits_for_a_call_that_is_split(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    executor = own.executor(DEVICES, launch=0.0)
    future = executor.submit(maps["both"], [XS, 3])
    executor.close()
    assert values(future.result(0)) == expected(3)


def test_closing_ends_a_call_that_is_split(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    own.device("virtual:1", faults="hang at run 1")
    executor = own.executor(DEVICES, launch=0.0)
    future = executor.submit(maps["both"], [XS, 3])
    executor.close(0)
    assert future.cancelled()


def test_an_executor_that_is_collected_ends_its_calls(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    executor = ClusterExecutor(own.cluster(DEVICES), ExecutorServices(own.target, own.observer), launch=0.0)
    seen = weakref.ref(executor)
    future = executor.submit(maps["both"], [XS, 3])
    del executor
    gc.collect()
    assert seen() is None
    assert values(future.result(SECONDS)) == expected(3)


def test_what_is_not_split_leaves_the_devices(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    """Of a function that comes for the first time it shows while the call has them."""
    with opened(own, launch=0.0) as executor:
        for _ in range(2):
            assert values(executor.submit(maps["sorted"], [XS[::-1]]).result(SECONDS)) == [XS.tolist()]
            assert executor.submit(maps["one"], [1]).result(SECONDS) == (1,)
            wrong = executor.submit(maps["both"], [XS.astype(float), 3]).exception(SECONDS)
            assert isinstance(wrong, TypeError)
            assert executor.plan(maps["both"], [XS, 3], submit=True).shares


def test_the_faster_way_is_found(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    xs = np.arange(300, dtype=np.int64)
    with opened(own, launch=1e-12) as executor:
        ways: list[str] = []
        for _ in range(5):
            before = runs(own)
            assert values(executor.submit(maps["both"], [xs, 3]).result(SECONDS)) == expected(3, xs)
            executor.submit(maps["one"], [1]).result(SECONDS)  # after it the call before has left
            ways.append("split" if all(new > old for new, old in zip(runs(own), before, strict=True)) else "whole")
        assert ways[:2] == ["split", "split"]  # the first one does not count
        assert "whole" in ways[2:]


def test_results_that_stay_on_their_device_are_of_one(own: hp.Instance, maps: dict[str, CompiledFunction]) -> None:
    with opened(own, launch=0.0) as executor:
        first, second = executor.submit(maps["both"], [XS, 3], place="device").result(SECONDS)
        assert isinstance(first, BufferView)
        assert isinstance(second, BufferView)
        assert first.device == second.device in DEVICES


@pytest.mark.parametrize("by", ["execute", "submit"])
@pytest.mark.parametrize("method", ["run", "copy", "allocate", "synchronize"])
def test_a_deadline_ends_a_split_call_wherever_it_hangs(
    own: hp.Instance, maps: dict[str, CompiledFunction], method: str, by: str
) -> None:
    with opened(own, launch=0.0, devices=("virtual:2", "virtual:3")) as executor:
        assert values(executor.execute(maps["both"], [XS, 3])) == expected(3)  # everything is compiled
    faults = own.device("virtual:0", faults=f"hang at {method} 1").faults  # type: ignore[attr-defined]
    with opened(own, launch=0.0) as executor:
        ways: dict[str, Callable[[Token], object]] = {
            "execute": lambda token: executor.execute(maps["both"], [XS, 3], token=token),
            "submit": lambda token: executor.submit(maps["both"], [XS, 3], token=token).result(SECONDS),
        }
        for seconds in (0.05, 0.5, 5):  # on a busy machine a short one ends before the device is asked
            with pytest.raises(DeadlineError) as caught:
                ways[by](Token(seconds=seconds))
            if faults.struck:
                break
        assert caught.value.code == "HY5021"
        assert values(executor.execute(maps["both"], [XS, 3], token=Token(seconds=SECONDS))) == expected(3)
    assert faults.struck


@pytest.mark.parametrize("gives", [tuple, list])
def test_a_device_that_does_not_write_where_it_is_told_is_found_out(
    own: hp.Instance, maps: dict[str, CompiledFunction], gives: Callable[[Any], object]
) -> None:
    """Or what is not written would be the result."""
    cpu = pytest.importorskip("hyperion_cpu.device")

    class Elsewhere(cpu.CpuDevice):  # type: ignore[misc, name-defined]
        def run(self, function: Any, arguments: Any, token: Any, outs: Any = None) -> Any:
            return gives(super().run(function, arguments, token))

    describe = cpu.CpuDriver().describe
    with opened(own, [Elsewhere(describe(f"cpu:{k}/2")) for k in range(2)], launch=0.0) as executor:
        error = executor.submit(maps["both"], [XS, 3]).exception(SECONDS)
        assert isinstance(error, PluginError)
        assert error.code == "HY1006"
