"""Calls split over the halves of the processors, against one half, all processors as one device, and NumPy.

    uv run python benchmarks/splitting.py [--elements 10_000_000] [--rounds 15]

The least of so many rounds in milliseconds, and in parentheses of processor time of all threads. `split` always splits
(`launch=0`); `copied` does so with devices that do not write results to given memory, and `submitted` by `submit`, one
call after the other; `executor` does what its calls so far say is faster, and so do the eight calls that are submitted
at once. Wherever `split` ran, its bits are compared with those of the function itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter, process_time
from typing import Any, Literal  # Any: loops as users write them, without types

import numpy as np

import hyperion as hp
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import Device, DeviceState
from hyperion.interfaces.executor import Executor
from loops import segment_clamped, total

MANY = 8


def hashed(xs: Any) -> Any:
    h = 0
    for x in xs:
        h = (h * 31 + x) % 1000000007
    return h


def dot(xs: Any, ys: Any) -> Any:
    s = 0.0
    for x, y in zip(xs, ys, strict=True):
        s += x * y
    return s


def running(xs: Any) -> Any:
    out = np.empty(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        out[i] = s
    return out


def _sum(xs: Any) -> Any:
    return xs.sum(dtype=np.int64)


def _cumsum(xs: Any) -> Any:
    return np.cumsum(xs, dtype=np.int64)


TRIPLED = """
func @tripled(%xs: i32[n]) -> i64[n] {
  %three = const 3 : i64
  %ys = map (%xs) {
    ^(%x: i32):
      %wide = cast %x : i64
      %y = mul.trap %wide, %three : i64
      yield %y
  }
  return %ys
}
"""


def _tripled(xs: Any) -> Any:
    return np.multiply(xs, 3, dtype=np.int64)


@dataclass(frozen=True)
class Row:
    """A loop, or the text of a function in the IR."""

    name: str
    function: Callable[..., Any] | str
    arguments: tuple[Any, ...]
    numpy: Callable[..., Any] | None
    fp: Literal["ieee", "reassoc"] = "ieee"


def rows(n: int) -> list[Row]:
    xs = np.random.default_rng(1).integers(-500, 500, n, dtype=np.int32)
    fs = np.random.default_rng(2).standard_normal(n)
    return [
        Row("total", total, (xs,), _sum),
        Row("segment_clamped", segment_clamped, (xs,), None),
        Row("hashed", hashed, (xs,), None),
        Row("dot", dot, (fs, fs[::-1].copy()), np.dot, "reassoc"),
        Row("running", running, (xs,), _cumsum),
        Row("tripled", TRIPLED, (xs,), _tripled),
    ]


def best(calls: Sequence[Callable[[], object]], rounds: int) -> list[tuple[float, float]]:
    """Milliseconds on the clock, and of processor time of all threads. The calls take turns, so that what else the
    machine does hits all of them alike."""
    times: list[list[tuple[float, float]]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, taken in zip(calls, times, strict=True):
            before, used = perf_counter(), process_time()
            call()
            taken.append((perf_counter() - before, process_time() - used))
    return [(min(t for t, _ in taken) * 1e3, min(u for _, u in taken) * 1e3) for taken in times]


class Plain:
    """A device of the processors that says nothing of writing results to given memory: they are copied."""

    takes_arrays = True

    def __init__(self, device: Device) -> None:
        self._device = device
        self.info = device.info
        self.allocate = device.allocate
        self.copy = device.copy
        self.run = device.run
        self.synchronize = device.synchronize
        self.close = device.close

    @property
    def state(self) -> DeviceState:
        return self._device.state


def submitted(executor: Executor, function: CompiledFunction, given: Sequence[Any]) -> None:
    executor.submit(function, given).result()


def at_once(executor: Executor, function: CompiledFunction, given: Sequence[Any]) -> None:
    for future in [executor.submit(function, given) for _ in range(MANY)]:
        future.result()


def compiled(instance: hp.Instance, row: Row) -> CompiledFunction:
    if isinstance(row.function, str):
        return instance.compile(row.function, frontend="ir")[row.name]
    return instance.compile(row.function, arguments=row.arguments, fp=row.fp)[row.name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    columns = (
        "one half",
        "split",
        "copied",
        "submitted",
        "all as one",
        "executor",
        f"{MANY} at once, each",
        "NumPy",
    )
    print(f"| loop | {' | '.join(columns)} |")
    print(f"| --- |{' ---: |' * len(columns)}")
    with (
        hp.Instance() as instance,
        instance.executor(["cpu:0/2"]) as half,
        instance.executor(["cpu:0", "cpu:1"], launch=0.0) as split,
        instance.executor([Plain(instance.device(f"cpu:{k}/2")) for k in (0, 1)], launch=0.0) as plain,
        instance.executor(["cpu:0", "cpu:1"]) as free,
        instance.executor(["cpu:0"]) as whole,
    ):
        for row in rows(asked.elements):
            function, given = compiled(instance, row), row.arguments
            for (found,) in (split.execute(function, given), split.submit(function, given).result()):
                assert np.asarray(found).tobytes() == np.asarray(function(*given)).tobytes(), row.name
            ways: list[Callable[[], object]] = [partial(e.execute, function, given) for e in (half, split, plain)]
            ways += [partial(submitted, split, function, given)]
            ways += [partial(e.execute, function, given) for e in (whole, free)]
            ways += [partial(at_once, free, function, given)]
            ways += [] if row.numpy is None else [partial(row.numpy, *given)]
            figures = best(ways, asked.rounds)
            figures[6] = figures[6][0] / MANY, figures[6][1] / MANY
            cells = [f"{took:.2f} ({used:.2f})" for took, used in figures]
            print(f"| {row.name} | {' | '.join(cells)} |{'' if row.numpy else ' - |'}", flush=True)


if __name__ == "__main__":
    main()
