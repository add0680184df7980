"""Futures: results, cancellation, callbacks, awaiting, and failures that nobody saw."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import inspect
import logging
import threading
import weakref
from collections.abc import Sequence

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import TrapOverflowError, WorkCancelledError
from hyperion.fences import Fence
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor, Future
from hyperion.testing.written_functions import SECONDS, Gate, Loop, Written, add_one
from hyperion.tokens import Token
from hyperion_cluster.futures import CallFuture
from hyperion_cpu.device import CpuDevice, CpuDriver
from hyperion_cpu.outs import Outs

ADD = Written(add_one, "add_one")


def failing() -> Written:
    def fail() -> object:
        raise ValueError("the third party's own")

    return Written(fail, "failing")


def held(executor: Executor) -> tuple[Gate, Future]:
    """A call that runs until its gate is opened."""
    gate = Gate()
    future = executor.submit(gate, [7])
    assert gate.entered.wait(SECONDS)
    return gate, future


def test_a_future_is_one_of_the_standard_library(executor: Executor) -> None:
    futures = [executor.submit(ADD, [n]) for n in range(5)]
    assert all(isinstance(future, concurrent.futures.Future) for future in futures)
    done, open_ = concurrent.futures.wait(futures, SECONDS)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert not open_
    assert done == set(futures)
    assert [future.result(0) for future in futures] == [(n + 1,) for n in range(5)]


def test_a_future_says_where_its_call_is_from_and_how_far_it_is(executor: Executor) -> None:
    gate, running = held(executor)
    queued = executor.submit(
        Gate(),
        [2],
    )
    line = inspect.stack()[0].lineno - 4
    assert isinstance(running, CallFuture)
    assert isinstance(queued, CallFuture)
    assert (running.running(), queued.running()) == (True, False)
    assert repr(queued) == f"<CallFuture of gate, submitted at {__file__}:{line}: waiting>"
    assert repr(running).endswith(": running>")
    queued.cancel()
    assert repr(queued).endswith(": cancelled>")
    gate.opened.set()
    assert running.result(SECONDS) == (7,)
    assert not running.running()
    assert repr(running).endswith(": done>")


def test_a_failed_future_goes_with_its_last_holder_though_its_error_was_raised(executor: Executor) -> None:
    future = executor.submit(failing(), [])
    gone = weakref.ref(future)
    with pytest.raises(ValueError, match="the third party's own"):
        future.result(SECONDS)
    executor.close()
    gc.disable()  # no cycle holds it
    try:
        del future
        assert gone() is None
    finally:
        gc.enable()


def test_the_calls_own_cancellation_is_raised_as_it_is_and_seen(
    executor: Executor, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> object:
        raise concurrent.futures.CancelledError("the third party's own")

    future = executor.submit(Written(fail, "cancelling"), [])
    with pytest.raises(concurrent.futures.CancelledError, match="the third party's own"):
        future.result(SECONDS)
    assert not future.cancelled()
    executor.close()
    del future
    gc.collect()
    assert "nobody asked" not in caplog.text


def test_what_is_cancelled_in_the_queue_never_runs(executor: Executor) -> None:
    gate, first = held(executor)
    never = Gate()
    future = executor.submit(never, [1])
    assert future.cancel()
    assert future.cancel()
    assert future.cancelled()
    assert future.done()
    with pytest.raises(concurrent.futures.CancelledError, match=r"gate, submitted at .*test_futures.py:\d+ was"):
        future.result(0)
    with pytest.raises(WorkCancelledError, match="HY5020"):
        future.result(0)
    assert isinstance(future.exception(0), WorkCancelledError)
    gate.opened.set()
    assert first.result(SECONDS) == (7,)
    assert executor.submit(ADD, [1]).result(SECONDS) == (2,)
    assert not never.calls


def test_what_is_cancelled_while_it_runs_ends_by_its_token(executor: Executor) -> None:
    loop = Loop()
    future = executor.submit(loop, [])
    assert loop.entered.wait(SECONDS)
    assert future.cancel()
    with pytest.raises(concurrent.futures.CancelledError, match="was cancelled while it ran"):
        future.result(SECONDS)
    assert future.cancelled()


def test_what_does_not_look_at_its_token_is_done_when_it_ends_and_gives_nothing(executor: Executor) -> None:
    gate, future = held(executor)
    assert future.cancel()
    assert not future.done(), "its arguments are still in use"
    with pytest.raises(TimeoutError):
        future.result(0.001)
    gate.opened.set()
    with pytest.raises(concurrent.futures.CancelledError):
        future.result(SECONDS)
    assert future.cancelled()


def test_what_has_a_result_is_not_cancelled(executor: Executor) -> None:
    future = executor.submit(ADD, [1])
    assert future.result(SECONDS) == (2,)
    assert not future.cancel()
    assert not future.cancelled()
    failed = executor.submit(failing(), [])
    assert isinstance(failed.exception(SECONDS), ValueError)
    assert not failed.cancel()


def test_a_timeout_ends_the_wait_and_not_the_call(executor: Executor) -> None:
    gate, future = held(executor)
    for ask in (future.result, future.exception):
        with pytest.raises(TimeoutError):
            ask(0.001)
    gate.opened.set()
    assert future.result(SECONDS) == (7,)


def test_callbacks_run_in_a_thread_of_their_own(executor: Executor) -> None:
    seen: list[tuple[str, object]] = []
    told = threading.Event()
    gate, future = held(executor)

    def callback(done: Future) -> None:
        seen.append((threading.current_thread().name, done))
        if len(seen) == 3:
            told.set()

    future.add_done_callback(callback)
    gate.opened.set()
    assert future.result(SECONDS) == (7,)
    future.add_done_callback(callback)
    cancelled = executor.submit(ADD, [1])
    cancelled.cancel()
    cancelled.add_done_callback(callback)
    assert told.wait(SECONDS)
    assert {name for name, _ in seen} == {"hyperion callbacks"}
    assert seen[0][1] is future


def test_a_callback_that_raises_is_logged_and_disturbs_nobody(
    executor: Executor, caplog: pytest.LogCaptureFixture
) -> None:
    told = threading.Event()

    def bad(done: Future) -> None:
        raise RuntimeError("the callback's own")

    future = executor.submit(ADD, [1])
    future.add_done_callback(bad)
    future.add_done_callback(lambda _: told.set())
    assert told.wait(SECONDS)
    assert executor.submit(ADD, [1]).result(SECONDS) == (2,)
    assert "a callback of the future of add_one, submitted at" in caplog.text
    assert "the callback's own" in caplog.text


def test_a_future_is_awaited(executor: Executor) -> None:
    async def work() -> list[object]:
        return [await executor.submit(ADD, [1]), *await asyncio.gather(*(awaited(n) for n in range(3)))]

    async def awaited(n: int) -> object:
        return await executor.submit(ADD, [n])

    assert asyncio.run(work()) == [(2,), (1,), (2,), (3,)]


def test_a_task_that_is_cancelled_cancels_the_call_that_it_awaits(executor: Executor) -> None:
    loop = Loop()
    futures: list[Future] = []

    async def awaits() -> object:
        futures.append(executor.submit(loop, []))
        return await futures[0]

    async def work() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(awaits(), 0.01)

    asyncio.run(work())
    concurrent.futures.wait(futures, SECONDS)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert futures[0].cancelled()


def test_a_failure_that_nobody_saw_is_logged_once_when_it_is_collected(
    executor: Executor, caplog: pytest.LogCaptureFixture
) -> None:
    future = executor.submit(failing(), [])
    concurrent.futures.wait([future], SECONDS)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType, reportCallIssue]
    seen = executor.submit(failing(), [])
    assert isinstance(seen.exception(SECONDS), ValueError)
    cancelled = executor.submit(failing(), [], after=[Fence()])
    cancelled.cancel()
    executor.close()
    gc.disable()  # no cycle holds a future
    try:
        with caplog.at_level(logging.WARNING):
            del future, seen, cancelled
    finally:
        gc.enable()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "failing, submitted at" in caplog.text
    assert "failed and nobody asked for its result: the third party's own" in caplog.text


class Cancelling(CpuDevice):
    """Cancels the token of its first run once that has ended."""

    runs = 0

    def run(
        self, function: CompiledFunction, arguments: Sequence[object], token: Token, outs: Outs | None = None
    ) -> tuple[object, ...]:
        self.runs += 1
        try:
            return super().run(function, arguments, token, outs)
        finally:
            if self.runs == 1:
                token.cancel("seen enough")


def test_the_source_that_runs_again_after_a_trap_looks_at_the_token(instance: hp.Instance) -> None:
    def total(xs: list[int]) -> int:
        s = 0
        for x in xs:
            s = s + x * x
        return s

    xs = np.full(10, 1 << 31)
    function = instance.compile(total, arguments=(xs,))["total"]
    assert function.derivation.parallel
    device = Cancelling(CpuDriver().describe("cpu:0"))
    with instance.executor([device]) as executor:
        for runs, expected in ((2, WorkCancelledError), (4, TrapOverflowError)):
            error = executor.submit(function, [xs], token=Token()).exception(SECONDS)
            assert isinstance(error, expected)
            assert device.runs == runs


def test_the_trap_of_a_submitted_function_is_raised_with_its_place(instance: hp.Instance) -> None:
    def product(n: int) -> int:
        p = 1
        for k in range(1, n):
            p = p * k
        return p

    function = instance.compile(product, arguments=(3,))["product"]
    executor = instance.executor(["cpu:0"])
    assert executor.submit(function, [6]).result(SECONDS) == (120,)
    error = executor.submit(function, [40]).exception(SECONDS)
    assert isinstance(error, TrapOverflowError)
    assert error.span is not None
    assert error.span.text
    assert "p * k" in error.span.text
    with pytest.raises(TrapOverflowError):
        executor.execute(function, [40])
