"""Calls on devices with memory of their own: moved in, run, moved out; lost devices; a fault at every call."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from time import sleep
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import (
    CodegenError,
    DeadlineError,
    DeviceError,
    DeviceLostError,
    HyperionError,
    TrapOverflowError,
    WorkCancelledError,
)
from hyperion.hookspecs import hookimpl
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.cluster import Link
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import MemoryInfo
from hyperion.interfaces.event import Event
from hyperion.ir.op_table import OpDef
from hyperion.ir.type_rules import is_machine_integer, uniform
from hyperion.testing.programs import attempt
from hyperion.testing.written_functions import SECONDS, Written, WrittenDevice
from hyperion.tokens import Progress, Token
from hyperion_virtual.faults import Fault, Faults, points

XS = np.arange(6, dtype=np.int64)


@pytest.fixture(scope="module")
def scaled(instance: hp.Instance) -> CompiledFunction:
    text = """
        func @scaled(%xs: i64[n], %a: i64) -> i64[n] {
          %ys = map (%xs) {
            ^(%x: i64):
              %y = mul.trap %x, %a : i64
              yield %y
          }
          return %ys
        }
    """
    return instance.compile(text, frontend="ir")["scaled"]


@pytest.fixture
def own() -> Generator[hp.Instance]:
    """An Instance whose virtual devices nobody opened."""
    with hp.Instance() as made:
        yield made


def numbers(results: tuple[object, ...]) -> list[int]:
    (result,) = results
    return np.asarray(result).tolist()


def test_arguments_are_moved_in_and_results_out(own: hp.Instance, scaled: CompiledFunction) -> None:
    told: list[Progress] = []
    with own.executor(["virtual:0"]) as executor:
        assert numbers(executor.execute(scaled, [XS, 3], token=Token(report=told.append))) == [0, 3, 6, 9, 12, 15]
        assert numbers(executor.execute(scaled, [hp.view(XS)[::-2], 1])) == [5, 3, 1]
        assert numbers(executor.execute(scaled, [XS[:0], 3])) == []
    assert Progress("transfer", 48, 48, "bytes") in told


@pytest.mark.parametrize("asynchronous", [False, True])
def test_results_stay_on_the_device_for_the_next_call(
    own: hp.Instance, scaled: CompiledFunction, asynchronous: bool
) -> None:
    faults = Faults()
    device = own.device("virtual:0", asynchronous=asynchronous, faults=faults)
    with own.executor([device]) as executor:
        (there,) = executor.execute(scaled, [XS, 2], place="device")
        assert isinstance(there, BufferView)
        assert there.device == "virtual:0"
        copies = faults.calls["copy"]
        (again,) = executor.submit(scaled, [there, 2], place="device").result(SECONDS)
        assert faults.calls["copy"] == copies, "nothing is moved between the two"
        assert numbers(executor.execute(scaled, [again, 1])) == [0, 4, 8, 12, 16, 20]


def test_a_call_goes_where_its_arguments_come_sooner(own: hp.Instance, scaled: CompiledFunction) -> None:
    slow, fast = Link(0.5, 1e6), Link(1e-6, 1e10)
    for links, chosen in (((slow, fast), "virtual:1"), ((fast, slow), "virtual:0")):
        ways = {("host", f"virtual:{n}"): link for n, link in enumerate(links)}
        with own.executor(own.cluster(["virtual:0", "virtual:1"], links=ways)) as executor:
            (there,) = executor.execute(scaled, [XS, 2], place="device")
            assert isinstance(there, BufferView)
            assert there.device == chosen
            (again,) = executor.execute(scaled, [there, 2], place="device")
            assert isinstance(again, BufferView)
            assert again.device == chosen, "nothing is moved"


def test_a_result_of_one_device_is_an_argument_of_another(own: hp.Instance, scaled: CompiledFunction) -> None:
    with own.executor(["virtual:0", "virtual:1"]) as both, own.executor(["virtual:1"]) as second:
        (there,) = both.execute(scaled, [XS, 2], place="device")
        assert numbers(both.execute(scaled, [there, 2])) == [0, 4, 8, 12, 16, 20]
        with pytest.raises(DeviceError, match="HY5016: an array lies in the memory of virtual:0"):
            second.execute(scaled, [there, 2])


def test_what_was_left_in_a_lost_device_is_gone_for_the_one_that_replaces_it(
    own: hp.Instance, scaled: CompiledFunction
) -> None:
    with own.executor(["virtual:0"]) as executor:
        (there,) = executor.execute(scaled, [XS, 2], place="device")
        own.device("virtual:0").lose("unplugged")
        with own.executor(executor.cluster.replaced("virtual:0", "virtual:0")) as heir:
            for ask in (heir.execute, lambda *call: heir.submit(*call).result(SECONDS)):
                with pytest.raises(DeviceLostError, match="HY5012: virtual:0 was lost: unplugged"):
                    ask(scaled, [there, 2])
            assert numbers(heir.execute(scaled, [XS, 2])) == [0, 2, 4, 6, 8, 10]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_trap_on_a_device_is_the_one_of_a_call(
    own: hp.Instance, scaled: CompiledFunction, asynchronous: bool
) -> None:
    expected = attempt(lambda: scaled(XS, 1 << 62))
    device = own.device("virtual:0", asynchronous=asynchronous)
    with own.executor([device]) as executor:
        good = [executor.submit(scaled, [XS, n]) for n in range(3)]
        bad = executor.submit(scaled, [XS, 1 << 62])
        more = [executor.submit(scaled, [XS, n]) for n in range(3)]
        error = bad.exception(SECONDS)
        assert isinstance(error, TrapOverflowError)
        assert isinstance(expected, TrapOverflowError)
        assert error.span == expected.span
        for n, future in enumerate(good + more):
            assert numbers(future.result(SECONDS)) == (XS * (n % 3)).tolist()


def test_the_call_of_a_lost_device_runs_on_another(own: hp.Instance, scaled: CompiledFunction) -> None:
    events: list[Event] = []
    own.on_event(events.append)
    lost = own.device("virtual:0", faults="lose at run 2")
    with own.executor([lost, "virtual:1"]) as executor:
        futures = [executor.submit(scaled, [XS, n]) for n in range(12)]
        assert [numbers(f.result(SECONDS)) for f in futures] == [(XS * n).tolist() for n in range(12)]
        assert lost.state == "lost"
        assert numbers(executor.execute(scaled, [XS, 2])) == (XS * 2).tolist()
    (told,) = [event for event in events if event.kind == "device.lost"]
    assert told.message == "virtual:0 is lost; its calls run on virtual:1"


def test_where_no_device_is_left_nothing_else_is_lost(own: hp.Instance, scaled: CompiledFunction) -> None:
    with own.executor([own.device("virtual:0", faults="lose at run 1"), "virtual:1"]) as both:
        with own.executor([own.device("virtual:0")]) as one, pytest.raises(DeviceLostError) as caught:
            one.execute(scaled, [XS, 2])
        assert "HY5012: no device is left to run this: virtual:0 is lost" in str(caught.value)
        assert "arguments on the host are as they were" in str(caught.value)
        assert numbers(both.execute(scaled, [XS, 2])) == (XS * 2).tolist()
    with own.executor([own.device("virtual:0", latency=0.0)]) as opened_again:
        assert numbers(opened_again.execute(scaled, [XS, 2])) == (XS * 2).tolist()


def test_what_happens_is_counted_and_traced(own: hp.Instance, scaled: CompiledFunction) -> None:
    with own.tracing() as trace, own.executor([own.device("virtual:0", faults="raise at run 2")]) as executor:
        executor.submit(scaled, [XS, 2]).result(SECONDS)
        assert isinstance(executor.submit(scaled, [XS, 2]).exception(SECONDS), DeviceError)
    counted = own.metrics.openmetrics()
    for line in (
        "hyperion_submits_total 2",
        'hyperion_failures_total{code="HY5061"} 1',
        'hyperion_transfer_bytes_total{source="host",target="virtual:0"} 96',
        'hyperion_transfer_bytes_total{source="virtual:0",target="host"} 48',
        'hyperion_queue_seconds_count{device="virtual:0"} 2',
        'hyperion_run_seconds_count{device="virtual:0"} 1',
    ):
        assert line in counted
    names = [span.name for span in trace.spans]
    for name in ("submit scaled", "queue scaled", "transfer scaled", "run scaled"):
        assert name in names


def test_results_on_a_lost_device_are_said_to_be_lost(own: hp.Instance, scaled: CompiledFunction) -> None:
    with own.executor([own.device("virtual:0", faults="lose at run 2"), "virtual:1"]) as executor:
        (there,) = executor.execute(scaled, [XS, 2], place="device")
        assert numbers(executor.execute(scaled, [XS, 3])) == (XS * 3).tolist()
        with pytest.raises(DeviceLostError, match="HY5012"):
            executor.execute(scaled, [there, 2])
        assert numbers(executor.execute(scaled, [XS, 3])) == (XS * 3).tolist()


def test_memory_that_is_refused_comes_back(own: hp.Instance, scaled: CompiledFunction) -> None:
    device = own.device("virtual:0", memory=4096)
    with own.executor([device]) as executor:
        big = np.zeros(1000, dtype=np.int64)
        for _ in range(3):
            with pytest.raises(DeviceError, match="HY5001"):
                executor.execute(scaled, [big, 1])
            assert numbers(executor.execute(scaled, [XS, 2])) == (XS * 2).tolist()


def test_every_fault_ends_in_an_answer_or_in_its_error(scaled: CompiledFunction) -> None:
    def workload(faults: Faults) -> list[int]:
        with hp.Instance() as instance:
            device = instance.device("virtual:0", faults=faults)
            with instance.executor([device]) as executor:
                futures = [executor.submit(scaled, [XS, n]) for n in range(2)]
                return [x for future in futures for x in numbers(future.result(SECONDS))]

    expected = workload(Faults())
    for faults in sweep(workload):
        got = attempt(lambda faults=faults: workload(faults))
        if isinstance(got, Exception):
            assert isinstance(got, HyperionError), (str(faults), got)
            assert str(faults) in str(got) or got.code == "HY5012", (str(faults), got)
        else:
            assert got == expected, str(faults)


def test_with_another_device_every_loss_is_survived(scaled: CompiledFunction) -> None:
    def workload(faults: Faults) -> list[int]:
        with hp.Instance() as instance:
            device = instance.device("virtual:0", faults=faults)
            with instance.executor([device, "virtual:1"]) as executor:
                futures = [executor.submit(scaled, [XS, n]) for n in range(3)]
                return [x for future in futures for x in numbers(future.result(SECONDS))]

    expected = workload(Faults())
    for method in ("allocate", "copy", "run", "synchronize", "free"):
        assert workload(Faults(Fault(method, 1, "lose"))) == expected, method


def sweep(workload: object) -> Iterator[Faults]:
    assert callable(workload)
    for faults in points(workload):
        if "at open" not in str(faults) and "at close" not in str(faults):  # before and after the executor
            yield faults


ROOTS = """
func @roots(%xs: i64[n]) -> i64[n] {
  %ys = map (%xs) {
    ^(%x: i64):
      %y = acme.root %x : i64
      yield %y
  }
  return %ys
}
"""


@pytest.fixture(scope="module")
def rooted() -> Generator[tuple[hp.Instance, CompiledFunction]]:
    """An op without an expansion: the target `cpu` does not compile it, `reference` does."""
    rule = uniform(1, is_machine_integer, "machine integers")
    root = OpDef("acme.root", "T -> T", "", rule, evaluate=lambda values, types, result: math.isqrt(values[0]))
    plugin = ModuleType("acme_roots")
    vars(plugin).update(HYPERION_API=(1, 0), hyperion_ops=hookimpl(lambda: {"acme.root": lambda: root}))
    with hp.Instance(plugins=["auto", plugin]) as made:
        yield made, made.compile(ROOTS, frontend="ir", target="reference")["roots"]


@pytest.mark.parametrize("addresses", [("cpu:0", "virtual:0"), ("virtual:0", "cpu:0")])
def test_a_call_goes_to_a_device_that_has_code_for_it(
    rooted: tuple[hp.Instance, CompiledFunction], addresses: tuple[str, ...]
) -> None:
    instance, roots = rooted
    with instance.executor(addresses) as executor:
        for _ in range(2):
            assert numbers(executor.submit(roots, [XS]).result(60)) == [0, 1, 1, 1, 2, 2]
            assert numbers(executor.execute(roots, [XS])) == [0, 1, 1, 1, 2, 2]
            (there,) = executor.execute(roots, [XS], place="device")
            assert isinstance(there, BufferView)
            assert there.device == "virtual:0"
        (refused,) = executor.plan(roots, [XS]).refusals
        assert refused.reason == "the op acme.root cannot be compiled"


def test_what_no_device_has_code_for_is_refused_in_the_words_of_the_target(
    rooted: tuple[hp.Instance, CompiledFunction],
) -> None:
    instance, roots = rooted
    with instance.executor(["cpu:0", "cpu:1"]) as executor:
        runs: list[Callable[[], object]] = [
            lambda: executor.execute(roots, [XS]),
            lambda: executor.submit(roots, [XS]).result(60),
            lambda: executor.plan(roots, [XS]),
        ]
        for run in runs * 2:
            error = attempt(run)
            assert isinstance(error, CodegenError)
            assert error.message == "the op acme.root cannot be compiled"


def test_code_of_a_target_runs_on_the_devices_of_that_target(own: hp.Instance) -> None:
    text = "func @same(%x: i64) -> i64 { return %x }"
    same = own.target("reference").compile(own.program(text, frontend="ir"))
    with own.executor(["cpu:0", "virtual:0"]) as executor:
        assert executor.execute(same, [7]) == executor.submit(same, [7]).result(60) == (7,)
    with own.executor(["cpu:0"]) as executor:
        error = attempt(lambda: executor.execute(same, [7]))
        assert isinstance(error, DeviceError)
        assert error.code == "HY5017"


def _same(given: object) -> object:
    return given


class Unruly(WrittenDevice):
    """Gives what no run gives: a number that is no tuple, or memory that raises when it is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.info = replace(self.info, memories=(MemoryInfo("device"),))

    def run(self, function: CompiledFunction, arguments: Sequence[object], token: Token) -> Any:
        return function(*arguments)


class Unreadable:
    device, memory_kind, nbytes, readonly, address = "written:0", "device", 8, False, None

    def host(self) -> memoryview:
        raise RuntimeError("the bus is gone")

    def free(self) -> None: ...


def test_a_run_that_gives_what_no_run_gives_fails_the_call(own: hp.Instance) -> None:
    unreadable = BufferView(Unreadable(), "i64", (1,), (8,))
    cases: list[tuple[object, str]] = [
        (3, "HY1006: written:0 gave 3 for the results of a run, which are a tuple"),
        ((unreadable,), "the bus is gone"),
    ]
    with own.executor([Unruly()]) as executor:
        for given, said in cases:
            future = executor.submit(Written(partial(_same, given)), [])
            assert said in str(future.exception(SECONDS))


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(("method", "call"), [("allocate", 2), ("copy", 3), ("copy", 4), ("synchronize", 0)])
def test_a_transfer_that_hangs_ends_with_its_call(
    own: hp.Instance, scaled: CompiledFunction, method: Any, call: int, asynchronous: bool
) -> None:
    """By the deadline, and by cancelling the future; later calls go on."""
    with own.executor([own.device("virtual:1", asynchronous=asynchronous)]) as executor:
        assert numbers(executor.execute(scaled, [XS, 2])) == (2 * XS).tolist()
        call = call or executor.cluster[0].faults.calls["synchronize"] + 1
    faults = Faults(Fault(method, call, "hang"), Fault(method, call + 1, "hang"))
    device = own.device("virtual:0", asynchronous=asynchronous, faults=faults)
    try:
        with own.executor([device]) as executor:
            assert numbers(executor.execute(scaled, [XS, 2])) == (2 * XS).tolist()
            late = executor.submit(scaled, [XS, 3], token=Token(seconds=0.05))
            error = late.exception(20)
            assert isinstance(error, DeadlineError)
            assert error.code == "HY5021"
            hangs = executor.submit(scaled, [XS, 3])
            while len(faults.struck) < 2 and not hangs.done():
                sleep(0.001)
            assert hangs.cancel()
            assert isinstance(attempt(lambda: hangs.result(20)), WorkCancelledError)
            assert executor.submit(scaled, [XS, 4]).result(20)[0].shape == XS.shape  # type: ignore[attr-defined]
    finally:
        device.lose("the test is over")  # type: ignore[attr-defined]
