"""Runs on devices: without the interpreter's lock, ended by tokens, in pools of their own."""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import (
    DeadlineError,
    DeviceError,
    OutOfMemoryError,
    TrapOverflowError,
    TrapRecursionError,
    WorkCancelledError,
)
from hyperion.ir.parser import parse_program
from hyperion.testing.apart import Apart, right_in_child
from hyperion.testing.programs import attempt
from hyperion.tokens import NOTHING, Token
from hyperion_cpu import pool, processors
from hyperion_cpu.device import CpuDevice, CpuDriver
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.pool import FIELDS
from hyperion_cpu.runtime import runtime
from hyperion_cpu.target import CpuTarget
from hyperion_llvm import host

FOREVER = 1 << 60
LOOP = """
func @loop(%n: i64, %step: i64) -> WHOLE {
  %zero = const 0 : WHOLE
  %start = const 0 : i64
  %one = const 1 : i64
  %wide = cast %step : WHOLE
  %x = for %start, %n, %one, (%zero) {
    ^(%i: i64, %s: WHOLE):
      %t = add.trap %s, %wide : WHOLE
      %a = abs.trap %t : WHOLE
      yield %a
  }
  return %x
}
"""
SHARED = """
func @shared(%xs: i32[n], %times: i64) -> i64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %all = for %zero, %times, %one, (%zero) {
    ^(%i: i64, %s: i64):
      %r = par.reduce (%xs), (%s) {lanes = 8, piece = 4112} {
        ^(%x: i32):
          %v = cast %x : i64
          yield %v
      } {
        ^(%a: i64, %b: i64):
          %c = add.wrap %a, %b : i64
          yield %c
      } {
        ^(%m: i64, %t: i64):
          %u = add.wrap %t, %m : i64
          yield %u
      }
      yield %r
  }
  return %all
}
"""
FILLED = """
func @filled(%n: i64) -> i64[m] {
  %one = const 1 : i64
  %ys = fill %n, %one : i64[m]
  return %ys
}
"""
DEEP = """
func @deep(%times: i64, %n: i64) -> i64 {
  %one = const 1 : i64
  %zero = const 0 : i64
  %all = for %zero, %times, %one, (%zero) {
    ^(%t: i64, %s: i64):
      %r = recurse %n {
        ^(%m: i64):
          %base = lt %m, %one
          %v = if %base {
            yield %m
          } {
            %i = sub.wrap %m, %one : i64
            %x = self %i : i64
            %y = add.wrap %x, %one : i64
            yield %y
          }
          yield %v
      }
      %u = add.wrap %s, %r : i64
      yield %u
  }
  return %all
}
"""
ELEMENTS = np.arange(200_000, dtype="i4")
SUM = int(ELEMENTS.sum(dtype="i8"))
threads_here = pytest.mark.skipif(not pool.has_threads(host().architecture), reason="no threads here")


@functools.cache
def compiled(text: str) -> CpuFunction:
    return CpuTarget().compile(parse_program(text))


def loop(whole: str = "i64") -> CpuFunction:
    return compiled(LOOP.replace("WHOLE", whole))


@pytest.fixture
def device() -> Iterator[CpuDevice]:
    device = CpuDriver().open("cpu:0", {})
    yield device
    device.close()


class Running(Apart[object]):
    """A call in a thread of its own, whose errors are results."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__(lambda: attempt(call))

    def used(self) -> float:
        """The seconds of processor time that it has had."""
        return time.clock_gettime(time.pthread_getcpuclockid(self.thread.ident or 0))

    def computes(self) -> None:
        """Returns once it has computed for some time."""
        wait_for(lambda: self.used() > 0.01)


def wait_for(condition: Callable[[], bool], pause: bool = True) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it does not come"
        if pause:
            time.sleep(0.001)


# The interpreter's lock


@threads_here
def test_two_groups_compute_while_another_thread_has_the_lock() -> None:
    """The main thread keeps the lock, for it has no reason to give it up, and sees how the others get on."""
    names = ["cpu:0/2", "cpu:1/2"] if len(processors.usable()) > 1 else ["cpu:0", "cpu:0/1"]
    devices = [CpuDriver().open(name, {}) for name in names]
    function, token, usual = loop(), Token(seconds=60), sys.getswitchinterval()
    work = [Running(lambda d=d: d.run(function, [FOREVER, 0], token)) for d in devices]
    for one in work:
        one.computes()
    try:
        sys.setswitchinterval(1000)
        before = [one.used() for one in work]
        wait_for(lambda: all(one.used() > b + 0.005 for one, b in zip(work, before, strict=True)), pause=False)
    finally:
        sys.setswitchinterval(usual)
        token.cancel()
    for one, device in zip(work, devices, strict=True):
        assert isinstance(one.outcome(), WorkCancelledError)
        device.close()


def five_runs(device: CpuDevice) -> float:
    began = time.monotonic()
    for _ in range(5):
        device.run(loop(), [10, 1], NOTHING)
    return time.monotonic() - began


def test_a_short_run_keeps_the_lock(device: CpuDevice) -> None:
    """Else each would fight for it with whoever computes in Python."""
    token, usual = Token(seconds=60), sys.getswitchinterval()
    other = Running(lambda: wait_for(lambda: token.cancelled, pause=False))
    other.computes()
    try:
        sys.setswitchinterval(0.1)
        assert any(five_runs(device) < 0.1 for _ in range(20)), "the other thread had the lock in between"
    finally:
        sys.setswitchinterval(usual)
        token.cancel()
        other.outcome()


def test_signals_are_heard_in_the_main_thread(device: CpuDevice) -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for function, arguments in ((loop(), [FOREVER, 0]), (compiled(SHARED), [hp.view(ELEMENTS), FOREVER])):
            signal.setitimer(signal.ITIMER_REAL, 0.03)
            with pytest.raises(KeyboardInterrupt):
                device.run(function, arguments, Token(seconds=10))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert device.run(loop(), [10, 3], NOTHING) == (30,)


def test_no_signal_is_lost_where_recursions_ask_for_the_end_of_the_stack(device: CpuDevice) -> None:
    heard: list[int] = []
    function = compiled(DEEP)

    def handler(*_: object) -> None:
        heard.append(1)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for n in range(1, 6):
            signal.setitimer(signal.ITIMER_REAL, 0.005, 0.2)
            with pytest.raises(KeyboardInterrupt):
                device.run(function, [FOREVER, 1], Token(seconds=10))
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert len(heard) == n
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_device_closes_whenever_its_runs_were_interrupted() -> None:
    device, function, heard = CpuDriver().open("cpu:0/1", {}), loop(), 0
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for n in range(300):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-5 + n % 20 * 1e-6)
                for _ in range(10):
                    assert device.run(function, [10, 1], NOTHING) == (10,)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                heard += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert heard > 30
    assert Running(device.close).outcome() is None


def test_a_handler_may_close_the_device_that_it_interrupts() -> None:
    device, function = CpuDriver().open("cpu:0/1", {}), compiled(SHARED)
    group, token = runtime().pools.take(processors.group(0, 1)), Token(seconds=10)

    def handler(*_: object) -> None:
        device.close()
        token.cancel()

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(WorkCancelledError):
            device.run(function, [hp.view(ELEMENTS), FOREVER], token)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert group.users == 1, "the device gave its pool back after the run"
    runtime().pools.give_back(processors.group(0, 1))


def test_a_handler_that_runs_a_function_itself(device: CpuDevice) -> None:
    found: list[object] = []
    function, token = loop(), Token(seconds=60)

    def handler(*_: object) -> None:
        token.cancel()  # which is not about what the handler does
        found.append(device.run(function, [100_000, 1], NOTHING))
        found.append(function(100_000, 2))

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(WorkCancelledError):
            device.run(function, [FOREVER, 0], token)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert found == [(100_000,), 200_000]


# How runs end


@pytest.mark.parametrize("what", ["alone", "shared", "wide"])
def test_tokens_end_the_work(device: CpuDevice, what: str) -> None:
    """`wide` has an entry of its own, in Python."""
    function = compiled(SHARED) if what == "shared" else loop("i128" if what == "wide" else "i64")
    arguments = [hp.view(ELEMENTS), FOREVER] if what == "shared" else [FOREVER, 0]
    token = Token(seconds=60)
    work = Running(lambda: device.run(function, arguments, token))
    work.computes()
    token.cancel("it is late")
    error = work.outcome()
    assert isinstance(error, WorkCancelledError)
    assert (error.code, error.message) == ("HY5020", "the work was cancelled during run: it is late")
    with pytest.raises(DeadlineError, match="HY5021: the deadline passed during run"):
        device.run(function, arguments, Token(seconds=0.01))
    with pytest.raises(WorkCancelledError, match="it is late"):
        device.run(function, arguments, Token(parent=token))
    assert device.run(loop(), [50_000, 2], Token(seconds=60)) == (100_000,)


def test_what_waits_for_the_work_can_end_it_by_expire(device: CpuDevice) -> None:
    token = Token(seconds=0.01)
    work = Running(lambda: device.run(loop(), [FOREVER, 0], token))
    wait_for(lambda: token.remaining < 0)
    token.expire()
    assert isinstance(work.outcome(), DeadlineError)


@pytest.mark.parametrize("whole", ["i64", "i128"])
@pytest.mark.parametrize("steps", [10, 100_000])
def test_traps_of_short_and_long_runs(device: CpuDevice, whole: str, steps: int) -> None:
    function = loop(whole)
    large = 1 << 62
    if whole == "i64":
        with pytest.raises(TrapOverflowError, match="HY5101"):
            device.run(function, [steps, large], NOTHING)
    assert device.run(function, [steps, 3], NOTHING) == (3 * steps,)


def test_each_call_says_what_it_asked_for(device: CpuDevice) -> None:
    """Several threads are refused memory at the same time."""
    ready = threading.Barrier(4)

    def refused(count: int) -> int:
        ready.wait(30)
        for _ in range(20):
            with pytest.raises(OutOfMemoryError, match=f"an array of {count:,} elements, {8 * count:,} bytes"):
                device.run(compiled(FILLED), [count], NOTHING)
        return count

    counts = [(1 << 50) + n for n in range(4)]
    work = [Running(lambda n=n: refused(n)) for n in counts]
    assert [one.outcome() for one in work] == counts


def test_recursions_end_on_small_stacks(device: CpuDevice) -> None:
    """The last one asks for the end of the stack again and again, with and without the interpreter's lock."""
    before = threading.stack_size(1 << 18)
    try:
        tries = [
            Running(lambda a=a: device.run(compiled(DEEP), a, NOTHING)) for a in ([1, 10**8], [1, 200], [300, 100])
        ]
    finally:
        threading.stack_size(before)
    results = [one.outcome() for one in tries]
    assert isinstance(results[0], TrapRecursionError)
    assert results[1:] == [(200,), (30_000,)]


def test_which_version_ran_is_each_call_s_own() -> None:
    shared = compiled(SHARED)
    work = [Running(lambda n=n: shared.taken(ELEMENTS, n)) for n in (0, 3, 0, 3)]
    assert [one.outcome() for one in work] == ["sequential", "parallel"] * 2


def test_closing_waits_for_a_run(device: CpuDevice) -> None:
    function, token = loop(), Token(seconds=60)
    work = Running(lambda: device.run(function, [FOREVER, 0], token))
    work.computes()
    closing = Running(device.close)
    wait_for(lambda: device.state == "closed")
    with pytest.raises(DeviceError, match="HY5014"):
        device.run(loop(), [1, 1], NOTHING)
    assert not closing.ended
    token.cancel()
    assert isinstance(work.outcome(), WorkCancelledError)
    assert closing.outcome() is None


# Pools


def tasks() -> set[str]:
    return set(os.listdir("/proc/self/task"))


def processors_of(task: str) -> str:
    lines = Path(f"/proc/self/task/{task}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("Cpus_allowed_list"))


def run_in(address: int) -> object:
    return compiled(SHARED).run(compiled(SHARED).entry, (ELEMENTS, 5), NOTHING, address)


@threads_here
def test_threads_of_a_group_stay_on_its_processors_and_end_with_it() -> None:
    pools, last = runtime().pools, processors.usable()[-1]
    own = (last, last)  # the same processor twice: a group that no device of another test has
    loop()(10, 1)
    group = pools.take(own)
    ctypes.c_int32.from_address(group.address + FIELDS["threads"]).value = 4
    before, alive = tasks(), pools.usual.alive
    assert run_in(group.address) == 5 * SUM
    new = tasks() - before
    assert (len(new), group.alive, pools.usual.alive) == (3, 3, alive)
    wait_for(lambda: [processors_of(task) for task in new] == [str(last)] * 3)
    assert pools.take(own) is group
    pools.give_back(own)
    assert group.alive == 3
    assert run_in(group.address) == 5 * SUM
    pools.give_back(own)
    assert group.alive == 0
    wait_for(lambda: not new & tasks())


@threads_here
def test_the_calling_thread_is_there_too_and_comes_back() -> None:
    pools, last, before = runtime().pools, processors.usable()[-1], os.sched_getaffinity(0)
    group = pools.take((last,))
    ask = functools.partial(runtime().call_as_run, NOTHING.address, inf, group.address, 1, 0, 0)
    try:
        assert ask(os.sched_getaffinity, 0) == {last}
        assert os.sched_getaffinity(0) == before
        with pytest.raises(ZeroDivisionError):
            ask(divmod, 1, 0)
        assert os.sched_getaffinity(0) == before
        assert ask(ask, os.sched_getaffinity, 0) == {last}
    finally:
        pools.give_back((last,))


@threads_here
def test_a_group_that_is_busy_does_not_keep_others() -> None:
    pools, own = runtime().pools, (processors.usable()[-1],) * 2  # a group that no device of another test has
    group = pools.take(own)
    busy, free = (ctypes.c_int32.from_address(p.address + FIELDS["busy"]) for p in (pools.usual, group))
    ctypes.c_int32.from_address(group.address + FIELDS["threads"]).value = 2
    wait_for(lambda: not busy.value)
    busy.value = 1
    try:
        assert run_in(group.address) == 5 * SUM
        assert group.alive == 1
        assert run_in(0) == 5 * SUM, "work that finds its pool busy is done by its own thread"
    finally:
        busy.value = 0
    assert free.value == 0
    pools.give_back(own)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_devices_work_in_the_child_of_a_fork(device: CpuDevice) -> None:
    group = CpuDriver().open("cpu:0/1", {})
    arguments = [hp.view(ELEMENTS), 2]
    for one in (device, group):
        assert one.run(compiled(SHARED), arguments, NOTHING) == (2 * SUM,)

    def runs() -> bool:
        right = all(one.run(compiled(SHARED), arguments, NOTHING) == (2 * SUM,) for one in (device, group))
        group.close()
        return right

    assert right_in_child(runs)
    assert group.run(compiled(SHARED), arguments, NOTHING) == (2 * SUM,)
    group.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_does_not_wait_for_runs_of_its_parent(device: CpuDevice) -> None:
    function, token = loop(), Token(seconds=60)
    work = Running(lambda: device.run(function, [FOREVER, 0], token))
    work.computes()

    def runs_and_closes() -> bool:
        right = device.run(function, [7, 1], NOTHING) == (7,)
        device.close()
        return right

    assert right_in_child(runs_and_closes)
    token.cancel()
    assert isinstance(work.outcome(), WorkCancelledError)
