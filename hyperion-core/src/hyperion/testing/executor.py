"""What every executor must do."""

from __future__ import annotations

import threading

from hyperion.buffers.host import view
from hyperion.errors import DeadlineError, DeviceError, HyperionError, WorkCancelledError
from hyperion.fences import Fence
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor
from hyperion.ir.function import Program
from hyperion.testing.apart import at_once
from hyperion.testing.programs import EXAMPLES, Example, attempt, same
from hyperion.tokens import Token


class ExecutorConformance:
    """Subclass with `make` and with `compile`, which compiles a program for the executor's device. Needs NumPy."""

    def make(self) -> Executor:
        raise NotImplementedError

    def compile(self, program: Program) -> CompiledFunction:
        raise NotImplementedError

    def test_it_follows_the_interface(self) -> None:
        with self.make() as executor:
            assert isinstance(executor, Executor)
            assert executor.cluster.devices

    def test_it_runs_and_returns_a_tuple(self) -> None:
        with self.make() as executor:
            for example in _of_every_type():
                got = executor.execute(self.compile(example.program), example.arrays())
                assert isinstance(got, tuple)
                assert same(_arrays(got), example.results), f"{example}: {got}"

    def test_a_trap_is_raised_as_by_a_call(self) -> None:
        example = _trapping()
        with self.make() as executor:
            function = self.compile(example.program)
            assert type(attempt(lambda: executor.execute(function, example.arrays()))) is example.trap

    def test_a_future_has_the_result_or_the_trap(self) -> None:
        good, bad = EXAMPLES[0], _trapping()
        with self.make() as executor:
            first = executor.submit(self.compile(good.program), good.arrays())
            second = executor.submit(self.compile(bad.program), bad.arrays())
            third = executor.submit(self.compile(good.program), good.arrays())
            assert same(_arrays(first.result(60)), good.results)
            assert type(second.exception(60)) is bad.trap
            assert same(_arrays(third.result(60)), good.results)

    def test_a_call_waits_for_its_fences(self) -> None:
        example = EXAMPLES[0]
        function = self.compile(example.program)
        with self.make() as executor:
            first, second = Fence("one"), Fence("two")
            future = executor.submit(function, example.arrays(), after=[first, second])
            second.signal()
            assert not future.done()
            first.signal()
            assert same(_arrays(future.result(60)), example.results)
            assert future.fence.wait(60)

    def test_a_failure_goes_through_what_depends_on_it(self) -> None:
        bad, good = _trapping(), EXAMPLES[0]
        with self.make() as executor:
            failed = executor.submit(self.compile(bad.program), bad.arrays())
            future = executor.submit(self.compile(good.program), good.arrays(), after=[failed.fence])
            own, error = failed.exception(60), future.exception(60)
            assert isinstance(own, HyperionError)
            assert isinstance(error, HyperionError)
            assert (type(error), error.code, error.span) == (type(own), own.code, own.span)
            assert len(error.notes) == len(own.notes) + 1, "a note says what the error came through"

    def test_a_cancelled_call_gives_no_result(self) -> None:
        example = EXAMPLES[0]
        function = self.compile(example.program)
        with self.make() as executor:
            future = executor.submit(function, example.arrays(), after=[Fence()])
            assert future.cancel()
            assert future.cancelled()
            assert isinstance(future.exception(60), WorkCancelledError)
            ended = executor.submit(function, example.arrays())
            ended.result(60)
            assert not ended.cancel()
            assert not ended.cancelled()

    def test_tokens_end_what_is_queued(self) -> None:
        example = EXAMPLES[0]
        function, never = self.compile(example.program), Fence()
        with self.make() as executor:
            token = Token()
            future = executor.submit(function, example.arrays(), token=token, after=[never])
            late = executor.submit(function, example.arrays(), token=Token(seconds=0.005), after=[never])
            token.cancel("enough")
            assert isinstance(future.exception(60), WorkCancelledError)
            assert isinstance(late.exception(60), DeadlineError)
            for run in (executor.execute, executor.submit):
                assert isinstance(
                    attempt(lambda run=run: run(function, example.arrays(), token=token)), WorkCancelledError
                )

    def test_callbacks_are_called_once_in_another_thread(self) -> None:
        example = EXAMPLES[0]
        called: list[int] = []
        over = threading.Event()
        with self.make() as executor:
            future = executor.submit(self.compile(example.program), example.arrays())
            future.add_done_callback(lambda done: called.append(threading.get_ident()))
            future.result(60)
            future.add_done_callback(lambda done: over.set())
            assert over.wait(60)
        assert len(called) == 1
        assert called[0] != threading.get_ident()

    def test_an_executor_may_be_used_by_many_threads(self) -> None:
        example = EXAMPLES[0]
        function = self.compile(example.program)
        with self.make() as executor:

            def work(_: int) -> list[bool]:
                futures = [executor.submit(function, example.arrays()) for _ in range(10)]
                here = executor.execute(function, example.arrays())
                return [same(_arrays(found), example.results) for found in (here, *(f.result(60) for f in futures))]

            assert at_once(work, 4, 120) == [[True] * 11] * 4

    def test_views_of_freed_memory_are_refused(self) -> None:
        example = next(e for e in EXAMPLES if e.trap is None and any(isinstance(x, list) for x in e.arguments))
        given = [x if isinstance(x, int | float | bool) else view(x, mode="copy") for x in example.arrays()]
        next(x for x in given if isinstance(x, BufferView)).buffer.free()
        with self.make() as executor:
            for run in (executor.execute, executor.submit):
                error = attempt(lambda run=run: run(self.compile(example.program), given))
                assert isinstance(error, HyperionError)
                assert error.code == "HY2007"

    def test_closing_waits_for_what_was_submitted(self) -> None:
        example = EXAMPLES[0]
        executor = self.make()
        futures = [executor.submit(self.compile(example.program), example.arrays()) for _ in range(5)]
        executor.close()
        assert all(same(_arrays(future.result(0)), example.results) for future in futures)

    def test_nothing_runs_after_closing(self) -> None:
        example = EXAMPLES[0]
        function = self.compile(example.program)
        executor = self.make()
        executor.close()
        executor.close()
        for run in (executor.execute, executor.submit):
            error = attempt(lambda run=run: run(function, example.arrays()))
            assert isinstance(error, DeviceError)
            assert error.code == "HY5002"


def _of_every_type() -> list[Example]:
    """As few as have arguments and results of every type, and every number of results: what programs mean is the
    matter of targets."""
    found: list[Example] = []
    seen: set[object] = set()
    for example in EXAMPLES:
        main = example.program.main
        types = {("given", str(v.type)) for v in main.parameters} | {("made", str(v.type)) for v in main.results}
        kinds = {*types, len(main.results)}
        if example.trap is None and not kinds <= seen:
            seen |= kinds
            found.append(example)
    return found


def _trapping() -> Example:
    return next(example for example in EXAMPLES if example.trap is not None)


def _arrays(results: tuple[object, ...]) -> tuple[object, ...]:
    import numpy as np

    return tuple(np.asarray(x) if isinstance(x, BufferView) else x for x in results)
