"""What every executor must do."""

from __future__ import annotations

from hyperion.errors import DeviceError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor
from hyperion.ir.function import Program
from hyperion.testing.programs import EXAMPLES, Example, attempt, same


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
            for example in EXAMPLES:
                if example.trap is None:
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


def _trapping() -> Example:
    return next(example for example in EXAMPLES if example.trap is not None)


def _arrays(results: tuple[object, ...]) -> tuple[object, ...]:
    import numpy as np

    return tuple(np.asarray(x) if isinstance(x, BufferView) else x for x in results)
