"""Runs: what calling the function gives, in the order of asking, from any thread."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from hyperion.buffers.host import allocate_view, view
from hyperion.errors import DeadlineError, DeviceError, TrapZeroDivisionError, WorkCancelledError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.device import Device
from hyperion.testing.apart import Apart, at_once
from hyperion.testing.device_checks.subject import DeviceSubject, Elsewhere, fetch, fetched, put, ran, sent, skip
from hyperion.testing.programs import EXAMPLES, Example, attempt, same
from hyperion.tokens import NOTHING, Token

_SCALED = """
func @scaled(%xs: f64[n], %a: f64) -> f64[n] {
  %ys = map (%xs) {
    ^(%x: f64):
      %y = mul %x, %a : f64
      yield %y
  }
  return %ys
}
"""

_INVERTED = """
func @inverted(%xs: i64[n]) -> i64[n] {
  %one = const 1 : i64
  %ys = map (%xs) {
    ^(%x: i64):
      %y = floordiv.trap %one, %x : i64
      yield %y
  }
  return %ys
}
"""

_LONG = """
func @long(%n: i64) -> i64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %k = const 6364136223846793005 : i64
  %x = for %zero, %n, %one, (%one) {
    ^(%i: i64, %x0: i64):
      %y = mul.wrap %x0, %k : i64
      %z = add.wrap %y, %i : i64
      yield %z
  }
  return %x
}
"""

SCALED = Example("every element scaled", _SCALED, ([1.0, -2.5, 4.0], 2.0), ([2.0, -5.0, 8.0],))
INVERTED = Example("an element without an inverse", _INVERTED, ([1, 0, 2],), trap=TrapZeroDivisionError)
LONG = Example("a long loop", _LONG, (1 << 40,))
IN_ORDER = next(e for e in EXAMPLES if e.name == "floats are added in order")
TRAPS = next(e for e in EXAMPLES if e.trap is not None)


class RunChecks(DeviceSubject):
    def test_results_and_traps(self) -> None:
        with self.opened() as device:
            for example in (*EXAMPLES, SCALED, INVERTED):
                function = self.compiled(example)
                example.compare(attempt(lambda e=example, f=function: _bare(ran(device, f, e.arrays()))))

    def test_results_lie_on_the_device_and_feed_the_next_run(self) -> None:
        import numpy as np

        function = self.compiled(SCALED)
        with self.opened() as device:
            first = device.info.memories[0].kind
            last: Any = put(device, np.array([1.0, 2.0]))  # Any: an object of the results
            for _ in range(3):
                (last,) = device.run(function, [last, 2.0], NOTHING)
                assert isinstance(last, BufferView)
                assert (last.buffer.device, last.buffer.memory_kind) == (device.info.address, first)
            assert fetched(device, last).tolist() == [8.0, 16.0]

    def test_arguments_of_any_layout(self) -> None:
        import numpy as np

        function, values = self.compiled(SCALED), np.arange(12.0)
        with self.opened() as device:
            for memory in device.info.memories:
                there = put(device, values, memory.kind)
                for given, expected in (
                    (there[::-1], values[::-1]),
                    (there[1::3], values[1::3]),
                    (there[4:2], values[4:2]),
                    (there.read_only(), values),
                    (replace(there[:1], shape=(5,), strides=(0,)), np.zeros(5)),
                ):
                    (got,) = device.run(function, [given, -1.0], NOTHING)
                    assert isinstance(got, BufferView)
                    assert fetched(device, got).tolist() == (expected * -1.0).tolist()
                assert fetched(device, there).tolist() == values.tolist(), "a run changed its argument"

    def test_arguments_of_strangers_are_refused(self) -> None:
        function = self.compiled(IN_ORDER)
        stranger = BufferView(Elsewhere(), "f64", (4,), (8,))
        with self.opened() as device:
            error = attempt(lambda: device.run(function, [stranger], NOTHING))
            assert isinstance(error, DeviceError)
            assert error.code == "HY5016"

    def test_wrong_arguments_are_refused(self) -> None:
        function = self.compiled(IN_ORDER)
        with self.opened() as device:
            for wrong in ((), (1.5,), ("text",), (None,)):
                error = attempt(lambda w=wrong: ran(device, function, w))
                assert isinstance(error, TypeError | ValueError), f"{wrong} was taken"
            assert same(ran(device, function, IN_ORDER.arrays()), IN_ORDER.results)

    def test_work_is_done_in_the_order_of_asking(self) -> None:
        """Nothing waits in between; memory is written anew while work that reads it may still be queued."""
        import numpy as np

        function = self.compiled(SCALED)
        with self.opened() as device:
            there, results = put(device, np.zeros(100)), list[BufferView]()
            kept = [np.full(100, float(k)) for k in range(10)]
            for given in kept:
                device.copy(view(given), there)
                (result,) = device.run(function, [there, 3.0], NOTHING)
                assert isinstance(result, BufferView)
                results.append(result)
            host = allocate_view("f64", (100,))
            for k, result in enumerate(results):
                device.copy(result, host)
                assert device.synchronize(60)
                assert np.asarray(host).tolist() == [3.0 * k] * 100

    def test_an_error_is_told_once_and_ends_nothing_else(self) -> None:
        good = self.compiled(IN_ORDER)
        with self.opened() as device:
            for example in (TRAPS, INVERTED, TRAPS, INVERTED):
                bad = self.compiled(example)
                error = attempt(lambda e=example, f=bad: ran(device, f, e.arrays()))
                assert type(error) is example.trap
                assert device.synchronize(60), "an error is raised once"
                assert same(ran(device, good, IN_ORDER.arrays()), IN_ORDER.results)

    def test_what_failed_work_should_have_written_is_not_read(self) -> None:
        """For a device that returns early; another raises where the work is asked for, and gives nothing to read."""
        function = self.compiled(INVERTED)
        with self.opened() as device:
            found = attempt(lambda: device.run(function, sent(device, INVERTED.arrays()), NOTHING))
            if isinstance(found, Exception):
                assert type(found) is INVERTED.trap
                return
            (result,) = found
            assert isinstance(result, BufferView)
            for read in (device.synchronize, lambda: fetch(device, result), lambda: ran(device, function, [result])):
                assert type(attempt(read)) is INVERTED.trap

    def test_no_thread_takes_the_errors_of_another(self) -> None:
        function = self.compiled(INVERTED)
        with self.opened() as device:
            found = attempt(lambda: device.run(function, sent(device, INVERTED.arrays()), NOTHING))
            told = Apart(lambda: attempt(device.synchronize)).outcome(60)
            if isinstance(found, Exception):
                assert told is True, "it was raised where the work was asked for"
                return
            assert type(told) is INVERTED.trap
            assert type(attempt(device.synchronize)) is INVERTED.trap
            assert Apart(device.synchronize).outcome(60)
            assert device.synchronize(60)

    def test_a_token_that_ended_ends_the_run(self) -> None:
        function = self.compiled(IN_ORDER)
        with self.opened() as device:
            token = Token()
            token.cancel("the test says so")
            error = attempt(lambda: _with(device, function, token))
            assert isinstance(error, WorkCancelledError)
            assert error.code == "HY5020"
            assert "the test says so" in error.message
            late = attempt(lambda: _with(device, function, Token(seconds=0)))
            assert isinstance(late, DeadlineError)
            assert late.code == "HY5021"
            assert same(ran(device, function, IN_ORDER.arrays()), IN_ORDER.results)

    def test_a_running_function_is_cancelled(self) -> None:
        if not self.interrupts:
            skip("`interrupts` says that the device does not look at tokens in the middle of a run")
        function, device = self.compiled(LONG), self.make()
        for token, kind in ((Token(), WorkCancelledError), (Token(seconds=0.02), DeadlineError)):
            started = threading.Event()

            def work(token: Token = token, started: threading.Event = started) -> object:
                started.set()
                return _finished(device, device.run(function, [1 << 40], token))

            run = Apart(work, "the run whose token ended")
            assert started.wait(10)
            if kind is WorkCancelledError:
                token.cancel()  # this thread runs meanwhile
            error = run.error(20)
            assert isinstance(error, kind), f"{error!r}"
        device.close()

    def test_threads_use_one_device(self) -> None:
        import numpy as np

        function = self.compiled(SCALED)

        def work(number: int) -> bool:
            for turn in range(5):
                given = np.arange(50.0) + 1000 * number + turn
                (result,) = device.run(function, [put(device, given), 2.0], NOTHING)
                assert isinstance(result, BufferView)
                if fetched(device, result).tolist() != (given * 2).tolist():
                    return False
            return True

        with self.opened() as device:
            assert all(at_once(work, 4, 60)), "threads see each other's elements"


def _bare(results: tuple[Any, ...]) -> Any:  # Any: as the function returns it
    return results[0] if len(results) == 1 else results


def _finished(device: Device, results: tuple[object, ...]) -> tuple[object, ...]:
    device.synchronize(60)
    return results


def _with(device: Device, function: Any, token: Token) -> object:
    (given,) = IN_ORDER.arrays()
    return _finished(device, device.run(function, [put(device, given)], token))
