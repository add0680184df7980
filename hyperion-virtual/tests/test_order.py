"""Work later: in order where it must be, together where it can be, and not at all where what it needs failed."""

from __future__ import annotations

import contextvars
import gc
import signal
import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import numpy as np
import pytest

from hyperion.buffers.host import view
from hyperion.errors import BufferError_, DeadlineError, DeviceError, DeviceLostError, TrapZeroDivisionError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.testing.apart import Apart
from hyperion.testing.device_checks.runs import IN_ORDER, INVERTED, LONG
from hyperion.testing.device_checks.subject import blank, fetched, put
from hyperion.testing.held import Held
from hyperion.tokens import NOTHING, Progress, Token, current
from hyperion_virtual.device import VirtualDevice
from hyperion_virtual.driver import VirtualDriver

Open = Callable[..., VirtualDevice]
Compiled = Callable[[str], CompiledFunction]
Holds = Callable[..., Held]


def _inverted(device, function, there: BufferView) -> BufferView:
    (result,) = device.run(function, [there], NOTHING)
    assert isinstance(result, BufferView)
    return result


def test_calls_return_before_the_work_is_done(opened: Open, held: Holds, compiled: Compiled) -> None:
    device = opened(asynchronous=True)
    function = held(compiled(INVERTED.text))
    result = _inverted(device, function, put(device, np.array([1, 2])))
    back = np.zeros(2, "i8")
    device.copy(result, view(back))
    assert function.begun.wait(20)
    assert device.synchronize(0) is False
    assert device.synchronize(0.001) is False
    assert back.tolist() == [0, 0]
    function.go.set()
    assert device.synchronize(20)
    assert back.tolist() == [1, 0]


def test_memory_is_written_after_it_was_read(opened: Open, held: Holds, compiled: Compiled) -> None:
    device = opened(asynchronous=True)
    function = held(compiled(INVERTED.text))
    there = put(device, np.array([1, -1]))
    first = _inverted(device, function, there)
    device.copy(view(np.array([2, 2])), there)
    second = _inverted(device, compiled(INVERTED.text), there)
    assert function.begun.wait(20)
    function.go.set()
    assert (fetched(device, first).tolist(), fetched(device, second).tolist()) == ([1, -1], [0, 0])


def test_a_wait_that_a_token_ends_leaves_the_order(opened: Open, held: Holds, compiled: Compiled) -> None:
    """The copy is left out, at once for its caller; what comes after it still waits for the run before it."""
    device = opened()
    function = held(compiled(INVERTED.text))
    there, results = put(device, np.array([1, -1])), list[BufferView]()
    run = threading.Thread(target=lambda: results.append(_inverted(device, function, there)))
    run.start()
    assert function.begun.wait(20)
    with Token(seconds=0.005).active(), pytest.raises(DeadlineError, match=r"HY5021: .* the wait for the device"):
        device.copy(view(np.array([7, 7])), there)
    last = threading.Thread(target=lambda: device.copy(view(np.array([2, 3])), there))
    last.start()
    last.join(0.005)
    assert last.is_alive()
    function.go.set()
    run.join(20)
    last.join(20)
    assert fetched(device, results[0]).tolist() == [1, -1]
    assert fetched(device, there).tolist() == [2, 3]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_copy_goes_on_beside_a_run(opened: Open, held: Holds, compiled: Compiled, asynchronous: bool) -> None:
    device = opened(asynchronous=asynchronous)
    function = held(compiled(INVERTED.text))
    there, back = put(device, np.array([1])), np.zeros(3)
    result = Apart(lambda: _inverted(device, function, there))
    assert function.begun.wait(20)
    copied = threading.Event()
    target = view(back)
    device.copy(put(device, np.arange(3.0)), target)
    if asynchronous:  # the next copy is done after it
        device.copy(view(np.zeros(0)), blank(device, "f64", (0,)))
        device._schedule.ask("copies", copied.set)
        assert copied.wait(20)
    assert back.tolist() == [0, 1, 2]
    function.go.set()
    assert fetched(device, result.outcome(20)).tolist() == [1]


def test_what_needs_failed_work_is_not_done(opened: Open, compiled: Compiled) -> None:
    device = opened(asynchronous=True)
    function = compiled(INVERTED.text)
    bad = _inverted(device, function, put(device, np.array([0])))
    worse = _inverted(device, function, bad)
    good = _inverted(device, function, put(device, np.array([1])))
    back = np.full(1, 7)
    device.copy(worse, view(back))
    with pytest.raises(TrapZeroDivisionError) as caught:
        device.synchronize(20)
    assert caught.value.span is not None
    assert back.tolist() == [7], "memory that was never written was read"
    assert device.synchronize(20), "an error is raised once"
    assert fetched(device, good).tolist() == [1]
    device.copy(bad, view(back))
    with pytest.raises(TrapZeroDivisionError) as again:
        device.synchronize(20)
    assert again.value is caught.value


def test_memory_is_whole_again_once_all_of_it_is_written(opened: Open, compiled: Compiled) -> None:
    device = opened(asynchronous=True)
    bad = _inverted(device, compiled(INVERTED.text), put(device, np.array([0, 0])))
    device.copy(view(np.array([5])), bad[:1])
    with pytest.raises(TrapZeroDivisionError):
        device.synchronize(20)
    device.copy(bad[:1], view(np.zeros(1, "i8")))
    with pytest.raises(TrapZeroDivisionError):
        device.synchronize(20)
    device.copy(view(np.array([5, 6])), bad)
    assert fetched(device, bad).tolist() == [5, 6]


def test_numbers_are_waited_for(opened: Open, held: Holds, compiled: Compiled) -> None:
    device = opened(asynchronous=True)
    total, divided = (
        compiled(IN_ORDER.text),
        compiled("func @f(%x: i64) -> i64 { %y = mod.trap %x, %x : i64 return %y }"),
    )
    assert device.run(total, [put(device, np.array([1.0, 2.0]))], NOTHING) == (3.0,)
    with pytest.raises(TrapZeroDivisionError):
        device.run(divided, [0], NOTHING)
    assert device.synchronize(20), "it was raised already"


def test_results_without_types_and_tuples_of_arrays(opened: Open, held: Holds, compiled: Compiled) -> None:
    for asynchronous in (False, True):
        device = opened(asynchronous=asynchronous)
        found = device.run(held_open(held, lambda x: (np.arange(2) + x, (np.ones(1), 2.5))), [1], NOTHING)
        assert fetched(device, found[0]).tolist() == [1, 2]
        assert fetched(device, found[1][0]).tolist() == [1.0]
        assert found[1][1] == 2.5
        assert device.run(held_open(held, lambda: None), [], NOTHING) == ()


def held_open(held: Holds, function: Callable[..., object]) -> Held:
    made = held(function)
    made.go.set()
    return made


def test_arrays_of_the_host_are_no_arguments(opened: Open, compiled: Compiled) -> None:
    for given in (np.zeros(2), view(np.zeros(2)), (1, np.zeros(2))):
        with pytest.raises(DeviceError, match="virtual:0 does not read memory of ") as caught:
            opened().run(compiled(IN_ORDER.text), [given], NOTHING)
        assert caught.value.code == "HY5016"


def test_what_lay_in_a_device_that_is_gone_is_no_argument_of_the_next_one(opened: Open, compiled: Compiled) -> None:
    first, again = opened(), opened()
    there = put(first, np.zeros(2))
    with pytest.raises(DeviceError, match="HY5016: virtual:0 does not read memory of another virtual:0 in a run"):
        again.run(compiled(IN_ORDER.text), [there], NOTHING)
    first.lose("unplugged")
    with pytest.raises(DeviceLostError, match="HY5012: virtual:0 was lost: unplugged") as caught:
        again.run(compiled(IN_ORDER.text), [there], NOTHING)
    assert caught.value.hints == ("what was in its memory is gone; run the work again on another device",)


def test_the_token_and_the_context_go_with_the_work(opened: Open, held: Holds) -> None:
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("the caller's")
    told: list[Progress] = []

    def work() -> tuple[str, bool]:
        current().report("run", 1, 2)
        return variable.get(), current() is NOTHING

    assert opened().run(held_open(held, work), [], Token(report=told.append)) == ("the caller's", False)
    assert told == [Progress("run", 1, 2)]


def test_a_token_keeps_nothing_of_the_runs_that_it_went_through(opened: Open, held: Holds) -> None:
    device, token = opened(), Token()
    for _ in range(3):
        device.run(held_open(held, lambda: None), [], token)
    gc.collect()
    assert not token._callbacks
    assert not token._children


def test_ctrl_c_ends_the_run(opened: Open, held: Holds, compiled: Compiled) -> None:
    device = opened()
    function = held(compiled(LONG.text))
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        assert function.begun.wait(20)
        signal.pthread_kill(main, signal.SIGINT)
        function.go.set()

    interrupting = Apart(interrupt)
    with pytest.raises(KeyboardInterrupt):
        device.run(function, [1 << 40], Token(seconds=20))
    interrupting.outcome(20)
    assert device.synchronize(20), "the run goes on although nobody waits for it"


def test_copies_and_runs_take_the_time_that_was_asked_for(opened: Open, held: Holds) -> None:
    device = opened(latency=0.002, bandwidth=1e6, seconds=0.003)
    for act, seconds in (
        (lambda: put(device, np.zeros(125)), 0.003),
        (lambda: device.run(held_open(held, lambda: None), [], NOTHING), 0.003),
    ):
        start = monotonic()
        act()
        assert monotonic() - start >= seconds
    device.copy(blank(device, "u8", (8,)), blank(device, "u8", (8,)))


def test_threads_end_with_the_device(opened: Open) -> None:
    def mine() -> list[threading.Thread]:
        return [t for t in threading.enumerate() if t.name.startswith("virtual:3")]

    device = opened("virtual:3")
    assert not mine(), "threads start with the first work"
    put(device, np.zeros(1))
    (thread,) = mine()
    device.close()
    assert not mine()
    forgotten = VirtualDriver().open("virtual:3", {})
    put(forgotten, np.zeros(1))
    (thread,) = mine()
    gone = weakref.ref(forgotten)
    del forgotten
    thread.join(20)
    assert gone() is None
    assert not thread.is_alive()


def test_a_stride_of_zero_is_no_target(opened: Open) -> None:
    device = opened()
    there = blank(device, "i64", (1,))
    with pytest.raises(BufferError_) as caught:
        device.copy(view(np.zeros(3, "i8")), replace(there, shape=(3,), strides=(0,)))
    assert caught.value.code == "HY2008"
