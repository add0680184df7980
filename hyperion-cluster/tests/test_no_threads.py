"""Executors where the system has no more threads: a clear error, nothing hangs, and the next calls work."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

import hyperion as hp
from hyperion.errors import DeviceError
from hyperion.fences import Fence
from hyperion.interfaces.executor import Executor
from hyperion.testing.apart import Apart, no_threads
from hyperion.testing.written_functions import SECONDS, Written, WrittenDevice, add_one
from hyperion.tokens import Token

ADD = Written(add_one, "add_one")
DOUBLED = (
    "func @f(%xs: i64[n]) -> i64[n] { %ys = map (%xs) { ^(%x: i64): %y = add.wrap %x, %x : i64 yield %y } return %ys }"
)


def test_a_call_that_needs_a_thread_fails_and_the_next_one_does_not(instance: hp.Instance) -> None:
    executor = instance.executor([WrittenDevice()])
    with no_threads():
        assert executor.execute(ADD, [1]) == (2,), "it needs none"
        with pytest.raises(
            DeviceError, match="HY5026: the thread `hyperion run written:0` cannot be started: can't start"
        ):
            executor.submit(ADD, [1]).result(SECONDS)
    assert executor.submit(ADD, [2]).result(SECONDS) == (3,)
    Apart(executor.close).outcome()


@pytest.mark.parametrize("ask", ["execute", "submit"])
def test_a_call_whose_deadline_nobody_would_see_is_refused(instance: hp.Instance, ask: str) -> None:
    executor = instance.executor([WrittenDevice()], queue=1)
    assert executor.submit(ADD, [1]).result(SECONDS) == (2,)
    call: Callable[..., object] = getattr(executor, ask)
    with no_threads(), pytest.raises(DeviceError, match="HY5026: the thread `hyperion deadlines`"):
        call(ADD, [1], token=Token(60))
    assert executor.submit(ADD, [2], token=Token(60), wait=False).result(SECONDS) == (3,), "its room is free"
    Apart(executor.close).outcome()


def test_arguments_that_nobody_moves_fail_the_call(instance: hp.Instance) -> None:
    import numpy as np

    executor = instance.executor(["virtual:0"])
    doubled = instance.compile(DOUBLED, frontend="ir")["f"]
    with no_threads():
        futures = [executor.submit(doubled, [np.arange(n)]) for n in range(1, 5)]
        for future in futures:
            with pytest.raises(DeviceError, match="HY5026: the thread `hyperion move virtual:0`"):
                future.result(SECONDS)
    (found,) = executor.submit(doubled, [np.arange(3)]).result(SECONDS)
    assert np.asarray(found).tolist() == [0, 2, 4]
    Apart(executor.close).outcome()


def test_a_callback_without_a_thread_of_its_own_is_called_by_who_ends_the_call(executor: Executor) -> None:
    never = executor.submit(ADD, [1], after=[Fence()])
    told: list[str] = []
    never.add_done_callback(lambda _: told.append(threading.current_thread().name))
    with no_threads():
        never.cancel()
    assert told == [threading.current_thread().name]
