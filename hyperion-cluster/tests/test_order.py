"""Fences, deadlines and tokens of queued calls, and how many calls may be queued."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import DeadlineError, DeviceError, HyperionError, Span, TrapOverflowError, WorkCancelledError
from hyperion.fences import Fence, through, when_all
from hyperion.interfaces.executor import Executor, Future
from hyperion.testing.apart import Apart
from hyperion.testing.written_functions import SECONDS, Gate, Loop, Written, WrittenDevice, add_one
from hyperion.tokens import Progress, Token

ADD = Written(add_one, "add_one")
PLACE = Span("theirs.py", 3, 5, 3, 10, "    p * k")


def trapping() -> Written:
    def trap(*given: object) -> object:
        raise TrapOverflowError("HY5101", "the result leaves the range", PLACE)

    return Written(trap, "trapping")


def held(executor: Executor) -> tuple[Gate, Future]:
    gate = Gate()
    future = executor.submit(gate, [7])
    assert gate.entered.wait(SECONDS)
    return gate, future


def within(future: Future, error: type[BaseException]) -> BaseException:
    found = future.exception(SECONDS)
    assert isinstance(found, error), found
    return found


# What cannot be asked for


@pytest.mark.parametrize("ask", ["execute", "submit"])
def test_what_is_not_compiled_or_no_place_is_refused_and_nothing_begins(executor: Executor, ask: str) -> None:
    call: Callable[..., object] = getattr(executor, ask)
    for wrong in (abs, lambda: 1, None, hp.jit(trapping)):
        with pytest.raises(DeviceError, match="HY5017: an executor runs compiled functions, not a"):
            call(wrong, [1])
    with pytest.raises(ValueError, match="place='gpu'; results are left on the host or the device"):
        call(ADD, [1], place="gpu")
    executor.close(SECONDS)


def test_what_is_no_fence_is_refused_and_nothing_begins(executor: Executor) -> None:
    done: Any = executor.submit(ADD, [1])  # Any: what is wrong is asked for
    for after in ([done], [done.fence, done], done):
        with pytest.raises(TypeError, match=r"a list of fences, not a CallFuture; a future has one: future\.fence"):
            executor.submit(ADD, [1], after=after)
    more: list[tuple[Any, str]] = [(done.fence, "Fence"), ("x", "str"), (None, "NoneType")]
    for after, said in more:
        with pytest.raises(TypeError, match=f"a list of fences, not a {said}$"):
            executor.submit(ADD, [1], after=after)
    executor.close(SECONDS)  # it waits for nothing


# Fences


def test_calls_run_after_their_fences_in_the_order_in_which_they_become_ready(executor: Executor) -> None:
    gate, late = Gate(), Fence("the user's")
    order: list[object] = []

    def add(name: object) -> None:
        order.append(name)

    note = Written(add, "note")
    gate.opened.set()
    second = executor.submit(note, [2], after=[late, executor.submit(gate, [1]).fence])
    first = executor.submit(note, [1])
    first.result(SECONDS)
    assert not second.done()
    late.signal()
    second.result(SECONDS)
    assert order == [1, 2]


def test_a_failure_goes_through_what_depends_on_it_with_its_code_and_place(executor: Executor) -> None:
    never = Gate()
    first = executor.submit(trapping(), [1])
    second = executor.submit(never, [1], after=[first.fence])
    third = executor.submit(never, [1], after=[executor.submit(ADD, [1]).fence, second.fence])
    original = within(first, TrapOverflowError)
    error = within(third, TrapOverflowError)
    assert isinstance(original, HyperionError)
    assert isinstance(error, HyperionError)
    assert (error.code, error.span) == ("HY5101", PLACE)
    assert len(error.notes) == 2
    assert all(note.startswith("came through gate, submitted at ") for note in error.notes)
    assert original.notes == ()
    assert not never.calls


def test_what_waits_for_a_cancelled_call_is_told_so(executor: Executor) -> None:
    gate, running = held(executor)
    first = executor.submit(ADD, [1])
    second = executor.submit(ADD, [1], after=[first.fence])
    first.cancel()
    assert "HY5020" in str(within(second, WorkCancelledError))
    gate.opened.set()
    running.result(SECONDS)


def test_a_fence_that_failed_before_is_a_failure_at_once(executor: Executor) -> None:
    gate, running = held(executor)
    broken = Fence()
    broken.fail(DeviceError("HY5011", "it is not here"))
    assert executor.submit(ADD, [1], after=[broken]).done()
    gate.opened.set()
    running.result(SECONDS)


def test_when_all_is_called_once_with_the_first_failure() -> None:
    fences = [Fence(str(n)) for n in range(4)]
    told: list[BaseException | None] = []
    when_all(fences, told.append)
    fences[2].signal()
    errors = [ValueError("first"), ValueError("second")]
    fences[3].fail(errors[0])
    fences[0].fail(errors[1])
    fences[1].signal()
    assert told == [errors[0]]
    when_all([], told.append)
    assert told == [errors[0], None]


def test_an_error_that_passes_through_is_copied() -> None:
    error = DeadlineError("HY5021", "late", PLACE, hints=["hurry"])
    copied = through(through(error, "one"), "two")
    assert type(copied) is DeadlineError
    assert copied.notes == ("came through one", "came through two")
    assert (copied.span, copied.hints, error.notes) == (PLACE, ("hurry",), ())
    plain = ValueError("not ours")
    assert through(plain, "one") is plain


# Tokens


@pytest.mark.parametrize("queue", ["behind a call", "behind a fence"])
def test_a_deadline_ends_what_is_queued(executor: Executor, queue: str) -> None:
    gate, running = held(executor)
    never = Gate()
    after = [Fence()] if queue == "behind a fence" else []
    error = within(executor.submit(never, [1], token=Token(0.005), after=after), DeadlineError)
    assert "HY5021: the deadline passed during the wait in the queue" in str(error)
    gate.opened.set()
    running.result(SECONDS)
    assert not never.calls


def test_deadlines_end_calls_in_their_own_order(executor: Executor) -> None:
    gate, running = held(executor)
    ended: list[int] = []
    told = threading.Event()
    for n, seconds in enumerate((0.02, 0.01, 60)):
        future = executor.submit(ADD, [n], token=Token(seconds))
        future.add_done_callback(lambda _, n=n: (ended.append(n), told.set() if len(ended) == 2 else None))
    assert told.wait(SECONDS)
    assert ended == [1, 0]
    gate.opened.set()
    running.result(SECONDS)


def test_a_deadline_ends_what_runs(executor: Executor) -> None:
    within(executor.submit(Loop(), [], token=Token(0.005)), DeadlineError)


def test_a_result_that_comes_too_late_is_none(executor: Executor) -> None:
    gate = Gate()
    token = Token(0.25)  # time enough to come to the gate
    future = executor.submit(gate, [1], token=token)
    assert gate.entered.wait(SECONDS)
    while token.remaining > 0:
        threading.Event().wait(0.001)
    gate.opened.set()
    within(future, DeadlineError)


@pytest.mark.parametrize("ask", ["execute", "submit"])
def test_a_token_that_ended_before_is_refused_at_once(executor: Executor, ask: str) -> None:
    ended, late = Token(), Token(0)
    ended.cancel("changed my mind")
    call: Callable[..., object] = getattr(executor, ask)
    with pytest.raises(WorkCancelledError, match="HY5020: the work was cancelled during submit: changed my mind"):
        call(ADD, [1], token=ended)
    with pytest.raises(DeadlineError, match="HY5021"):
        call(ADD, [1], token=late)


def test_a_token_ends_queued_and_running_calls_and_they_have_failed(executor: Executor) -> None:
    token, loop = Token(), Loop()
    running = executor.submit(loop, [], token=token)
    queued = executor.submit(ADD, [1], token=token)
    assert loop.entered.wait(SECONDS)
    token.cancel("enough")
    for future in (running, queued):
        assert "enough" in str(within(future, WorkCancelledError))
        assert not future.cancelled()


def test_a_long_lived_token_keeps_nothing_of_calls_that_ended(executor: Executor) -> None:
    token = Token(60)
    for future in [executor.submit(ADD, [n], token=token) for n in range(20)]:
        future.result(SECONDS)
    executor.close()
    assert not [*token._callbacks, *(token._children or ())]  # pyright: ignore[reportPrivateUsage]  what a leak would show


def test_progress_is_reported_and_a_report_that_raises_ends_the_call(executor: Executor) -> None:
    told: list[Progress] = []
    assert executor.execute(ADD, [1], token=Token(report=told.append)) == (2,)
    assert told == [Progress("run", 0, 1, "calls"), Progress("run", 1, 1, "calls")]

    def stop(progress: Progress) -> None:
        raise LookupError("no more")

    with pytest.raises(WorkCancelledError, match=r"HY5020: .*its report failed: LookupError: no more"):
        executor.execute(ADD, [1], token=Token(report=stop))


# Room in the queue


@pytest.fixture
def short(instance: hp.Instance) -> Executor:
    return instance.executor([WrittenDevice()], queue=2)


def test_submit_waits_for_room(short: Executor) -> None:
    with short:
        gate, running = held(short)
        queued = short.submit(ADD, [1])
        with pytest.raises(DeviceError, match=r"HY5023: 2 calls are queued or running.*was not to wait"):
            short.submit(ADD, [2], wait=False)
        waiting = Apart(lambda: short.submit(ADD, [3]))
        waiting.thread.join(0.005)
        assert not waiting.ended
        gate.opened.set()
        assert waiting.outcome().result(SECONDS) == (4,)
        assert (running.result(0), queued.result(0)) == ((7,), (2,))


WAITING = "during (submit|the wait for room in the queue)"  # a busy machine comes late to the wait


def test_a_token_ends_the_wait_for_room(short: Executor) -> None:
    with short:
        gate, _ = held(short)
        short.submit(ADD, [1])
        with pytest.raises(DeadlineError, match=WAITING):
            short.submit(ADD, [2], token=Token(0.05))
        token = Token()
        threading.Timer(0.05, token.cancel).start()
        with pytest.raises(WorkCancelledError, match=WAITING):
            short.submit(ADD, [2], token=token)
        gate.opened.set()


def test_cancelling_makes_room(short: Executor) -> None:
    with short:
        gate, _ = held(short)
        short.submit(ADD, [1]).cancel()
        queued = short.submit(ADD, [2], wait=False)
        gate.opened.set()
        assert queued.result(SECONDS) == (3,)


def test_callbacks_may_submit_to_a_full_queue(short: Executor) -> None:
    with short:
        results: list[object] = []
        told = threading.Event()

        def more(done: Future) -> None:
            results.append(done.result(0))
            if len(results) > 20:
                told.set()
            else:
                short.submit(ADD, [len(results)]).add_done_callback(more)

        for n in range(10):
            short.submit(ADD, [n]).add_done_callback(more)
        assert told.wait(SECONDS)


def test_work_that_submits_is_refused_where_it_would_wait_for_itself(short: Executor) -> None:
    with short:
        errors: list[Exception] = []

        def report(progress: Progress) -> None:
            try:
                short.submit(ADD, [2])
            except DeviceError as error:
                errors.append(error)

        ready, never = Fence(), Fence()
        first = short.submit(ADD, [1], token=Token(report=report), after=[ready])
        second = short.submit(ADD, [1], after=[never])
        ready.signal()
        assert first.result(SECONDS) == (2,)
        second.cancel()
        assert "HY5023" in str(errors[0])
        assert "this thread does the work that would make room" in str(errors[0])


@pytest.mark.parametrize("options", [{"colour": "red"}, {"queue": 0}, {"queue": True}, {"queue": "long"}])
def test_options_that_no_executor_has_are_refused(instance: hp.Instance, options: dict[str, Any]) -> None:  # Any: wrong
    with pytest.raises(DeviceError, match="HY5024") as caught:
        instance.executor([WrittenDevice()], **options)
    assert next(iter(options)) in str(caught.value)


def test_metrics_tell_how_many_calls_wait_and_for_what(instance: hp.Instance) -> None:
    late = Fence("the user's")
    with instance.executor([WrittenDevice()]) as one, instance.executor([WrittenDevice()]) as two:
        gates = [held(one)[0], held(two)[0]]
        for executor, times in ((one, 3), (two, 1)):
            for n in range(times):
                executor.submit(ADD, [n])
        after = one.submit(ADD, [1], after=[late])
        found = instance.metrics
        assert found.total("queued_calls", device="written:0") == 4  # those that run are none of them
        assert found.total("waiting_calls") == 1
        late.signal()
        for gate in gates:
            gate.opened.set()
        assert after.result(SECONDS) == (2,)
    assert not [name for name, _ in instance.metrics.values if name in ("queued_calls", "waiting_calls")]
