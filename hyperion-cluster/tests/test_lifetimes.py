"""How executors end: closed, collected, forked, interrupted, and with the program."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import BufferError_, DeviceError, WorkCancelledError
from hyperion.fences import Fence
from hyperion.interfaces.executor import Executor, Future
from hyperion.testing.apart import Apart, right_in_child
from hyperion.testing.programs import attempt
from hyperion.testing.written_functions import SECONDS, Gate, Loop, Written, WrittenDevice, add_one

ADD = Written(add_one, "add_one")


def held(executor: Executor) -> tuple[Gate, Future]:
    gate = Gate()
    future = executor.submit(gate, [7])
    assert gate.entered.wait(SECONDS)
    return gate, future


def test_closing_waits_for_calls_in_queues_and_in_other_threads(instance: hp.Instance) -> None:
    executor = instance.executor([WrittenDevice()])
    gate, running = held(executor)
    queued = executor.submit(ADD, [1])
    here = Gate()
    executing = Apart(lambda: executor.execute(here, [1]))
    assert here.entered.wait(SECONDS)
    closing = Apart(executor.close)
    gate.opened.set()
    assert queued.result(SECONDS) == (2,)
    closing.thread.join(0.005)
    assert not closing.ended, "a call still runs"
    here.opened.set()
    closing.outcome()
    assert executing.outcome() == (1,)
    assert running.result(0) == (7,)
    executor.close()


def test_a_timeout_cancels_what_is_left(instance: hp.Instance) -> None:
    executor = instance.executor([WrittenDevice()])
    loop = Loop()
    futures = [executor.submit(loop, []), executor.submit(ADD, [1]), executor.submit(ADD, [1], after=[Fence()])]
    assert loop.entered.wait(SECONDS)
    executor.close(timeout=0.002)
    for future in futures:
        assert future.cancelled()
        assert isinstance(future.exception(0), WorkCancelledError)


def test_calls_that_do_not_stop_are_named(instance: hp.Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperion_cluster.scheduler.PATIENCE", 0.005)
    executor = instance.executor([WrittenDevice()])
    gate, future = held(executor)
    with pytest.raises(DeviceError, match=r"HY5025: 1 calls did not stop within .*: gate, submitted at"):
        executor.close(timeout=0)
    gate.opened.set()
    with pytest.raises(WorkCancelledError):
        future.result(SECONDS)


def test_who_waits_for_room_learns_that_the_executor_was_closed(instance: hp.Instance) -> None:
    executor = instance.executor([WrittenDevice()], queue=1)
    gate, _ = held(executor)
    waiting = Apart(lambda: executor.submit(ADD, [1]))
    closing = Apart(executor.close)
    with pytest.raises(DeviceError, match="HY5002"):
        waiting.outcome()
    gate.opened.set()
    closing.outcome()


def test_a_callback_may_close_the_executor(instance: hp.Instance) -> None:
    executor = instance.executor([WrittenDevice()])
    closed = threading.Event()
    gate, future = held(executor)
    future.add_done_callback(lambda _: (executor.close(), closed.set()))
    gate.opened.set()
    assert closed.wait(SECONDS)
    with pytest.raises(DeviceError, match="HY5002"):
        executor.submit(ADD, [1])


def test_two_executors_and_two_instances_do_not_disturb_each_other(instance: hp.Instance) -> None:
    with (
        hp.Instance() as other,
        other.executor([WrittenDevice()]) as theirs,
        instance.executor([WrittenDevice()]) as ours,
    ):
        gate, future = held(ours)
        assert theirs.submit(ADD, [1]).result(SECONDS) == (2,)
        gate.opened.set()
        assert future.result(SECONDS) == (7,)


def test_an_instance_does_not_keep_executors_that_were_closed(instance: hp.Instance) -> None:
    executor = instance.executor([WrittenDevice()])
    executor.close()
    gone = weakref.ref(executor)
    del executor
    instance.executor([WrittenDevice()]).close()
    gc.collect()
    assert gone() is None


def test_an_instance_that_nobody_closed_is_collected_with_its_executors() -> None:
    instance = hp.Instance()
    executor = instance.executor([WrittenDevice()])
    assert executor.submit(ADD, [1]).result(SECONDS) == (2,)
    runner = next(t for t in threading.enumerate() if t.name == "hyperion run written:0")
    collected = weakref.ref(instance)
    del instance, executor
    gc.collect()
    assert collected() is None
    runner.join(SECONDS)
    assert not runner.is_alive()


def test_closing_the_instance_closes_its_executors() -> None:
    instance = hp.Instance()
    executor = instance.executor([WrittenDevice()])
    future = executor.submit(ADD, [1])
    instance.close()
    assert future.result(0) == (2,)
    with pytest.raises(DeviceError, match="HY5002"):
        executor.execute(ADD, [1])


def test_an_executor_that_is_collected_ends_its_threads_after_its_calls(instance: hp.Instance) -> None:
    from hyperion.services import ExecutorServices
    from hyperion_cluster.executor import ClusterExecutor

    services = ExecutorServices(instance.target, instance.observer)
    executor = ClusterExecutor(instance.cluster([WrittenDevice()]), services)
    gate, future = held(executor)
    queued = executor.submit(ADD, [1])
    runner = next(t for t in threading.enumerate() if t.name == "hyperion run written:0")
    collected = weakref.ref(executor)
    del executor
    gc.collect()
    assert collected() is None
    gate.opened.set()
    assert queued.result(SECONDS) == (2,)
    runner.join(SECONDS)
    assert not runner.is_alive()
    assert future.result(0) == (7,)


def test_calls_keep_their_arguments_alive_and_nothing_after_the_end(executor: Executor) -> None:
    kept: list[object] = []
    gate = Gate()
    array = np.arange(5)
    dies = weakref.ref(array)
    future = executor.submit(gate, [array])
    assert gate.entered.wait(SECONDS)
    del array
    assert dies() is not None
    gate.calls.clear()
    gate.opened.set()
    kept.append(future.result(SECONDS))
    kept.clear()
    del future
    executor.close()
    gc.collect()
    assert dies() is None


def test_views_of_freed_and_donated_memory_are_refused(executor: Executor) -> None:
    freed, given = hp.view(np.arange(5), mode="copy"), hp.view(np.arange(5), mode="copy")
    freed.buffer.free()
    taken = hp.view(given, mode="donate")
    for call in (executor.submit, executor.execute):
        with pytest.raises(BufferError_, match="HY2007"):
            call(ADD, [freed])
        with pytest.raises(BufferError_, match="HY2007"):
            call(ADD, [given])
    assert executor.submit(Written(len), [taken]).result(SECONDS) == (5,)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_the_child_of_a_fork_is_told(executor: Executor) -> None:
    gate, future = held(executor)

    def is_told() -> bool:
        said: list[str] = []
        for call in (lambda: executor.execute(ADD, [1]), lambda: executor.submit(ADD, [1]), lambda: future.result(0)):
            try:
                call()
            except DeviceError as error:
                said.append(error.code)
        executor.close()
        return said == ["HY5022"] * 3

    assert right_in_child(is_told)
    gate.opened.set()
    assert future.result(SECONDS) == (7,)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_one_interrupt_ends_the_wait_and_the_call(executor: Executor) -> None:
    from hyperion.tokens import Token

    loop = Loop()

    def interrupt() -> None:
        assert loop.entered.wait(SECONDS)
        os.kill(os.getpid(), signal.SIGINT)

    interrupting = Apart(interrupt)
    with pytest.raises(KeyboardInterrupt):
        executor.execute(loop, [], token=Token())
    interrupting.outcome()
    assert executor.execute(ADD, [1]) == (2,)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_executor_whose_close_was_interrupted_ends_its_threads(instance: hp.Instance) -> None:
    executor = instance.executor([WrittenDevice("written:7")])
    loop = Loop()
    before = set(threading.enumerate())
    future = executor.submit(loop, [])
    assert loop.entered.wait(SECONDS)
    started = set(threading.enumerate()) - before
    assert started

    def interrupt() -> None:
        while (
            attempt(lambda: executor.submit(ADD, [1])).__class__ is not DeviceError
        ):  # it takes no more: it is closing
            time.sleep(0.001)
        time.sleep(0.005)  # it waits by then
        os.kill(os.getpid(), signal.SIGINT)

    interrupting = Apart(interrupt)
    with pytest.raises(KeyboardInterrupt):
        executor.close()
    interrupting.outcome()
    with pytest.raises(WorkCancelledError):
        future.result(SECONDS)
    for thread in started:
        thread.join(1)
        assert not thread.is_alive(), thread.name


PROGRAM = """
    import threading
    import hyperion as hp
    from hyperion.fences import Fence
    from hyperion.testing.written_functions import Written, WrittenDevice

    started = threading.Event()
    late = threading.Event()

    def slow(n):
        started.set()
        late.wait(0.05)
        return n

    executor = hp.Instance().executor([WrittenDevice()])
    future = executor.submit(Written(slow), [1])
    queued = executor.submit(Written(slow), [2])
    queued.add_done_callback(lambda done: print("queued", done.result(0), flush=True))
    never = executor.submit(Written(slow), [3], after=[Fence()])
    never.add_done_callback(lambda done: print("never", done.cancelled(), flush=True))
    started.wait(10)
    print("end", flush=True)
"""


def test_the_program_ends_after_what_can_run() -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(PROGRAM)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.split("\n") == ["end", "queued (2,)", "never True", ""]
