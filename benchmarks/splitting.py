"""Calls split over the halves of the processors, against one half, all processors as one device, and NumPy.

    uv run python benchmarks/splitting.py [--elements 10_000_000] [--rounds 15]

The best of so many rounds, in milliseconds. `split` always splits (`launch=0`); `executor` does what its calls so far
say is faster. Wherever `split` ran, its bits are compared with those of the function itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Literal  # Any: loops as users write them, without types

import numpy as np

import hyperion as hp
from loops import segment_clamped, total


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


@dataclass(frozen=True)
class Row:
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    numpy: Callable[..., Any] | None
    fp: Literal["ieee", "reassoc"] = "ieee"


def rows(n: int) -> list[Row]:
    xs = np.random.default_rng(1).integers(-500, 500, n, dtype=np.int32)
    fs = np.random.default_rng(2).standard_normal(n)
    return [
        Row(total, (xs,), _sum),
        Row(segment_clamped, (xs,), None),
        Row(hashed, (xs,), None),
        Row(dot, (fs, fs[::-1].copy()), np.dot, "reassoc"),
        Row(running, (xs,), _cumsum),
    ]


def best(call: Callable[[], object], rounds: int) -> float:
    times: list[float] = []
    for _ in range(rounds):
        before = perf_counter()
        call()
        times.append(perf_counter() - before)
    return min(times) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    print("| loop | one half | split | split : half | executor | all as one | split : all | NumPy |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with (
        hp.Instance() as instance,
        instance.executor(["cpu:0/2"]) as half,
        instance.executor(["cpu:0", "cpu:1"], launch=0.0) as split,
        instance.executor(["cpu:0", "cpu:1"]) as free,
        instance.executor(["cpu:0"]) as whole,
    ):
        for row in rows(asked.elements):
            name = row.function.__name__
            function, given = instance.compile(row.function, arguments=row.arguments, fp=row.fp)[name], row.arguments
            (found,) = split.execute(function, given)
            assert np.asarray(found).tobytes() == np.asarray(function(*given)).tobytes(), name
            del found
            calls = [partial(e.execute, function, given) for e in (half, split, free, whole)]
            times = [best(call, asked.rounds) for call in calls]
            peer = f"{best(partial(row.numpy, *given), asked.rounds):.2f}" if row.numpy is not None else "-"
            one, two, chosen, every = times
            ratios = f"{two / one:.2f}", f"{two / every:.2f}"
            print(
                f"| {name} | {one:.2f} | {two:.2f} | {ratios[0]} | {chosen:.2f} | {every:.2f} | {ratios[1]} | {peer} |"
            )


if __name__ == "__main__":
    main()
