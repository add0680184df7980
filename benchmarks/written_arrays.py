"""Loops that write an array per step beside NumPy: `uv run python benchmarks/written_arrays.py [N ..]`.

Prints the best of a few runs in milliseconds, and how many times as long as NumPy the loop takes. NumPy's side is what
one would write with it: cumsum, maximum.accumulate, differences of prefix sums for windows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import hyperion as hp

Loop = Callable[..., Any]
WIDTH = 64


def running_sum(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        out[i] = s
    return out


def running_max(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    m = -(10**9)
    for i, x in enumerate(xs):
        m = max(m, x)
        out[i] = m
    return out


def prefixes(xs: Any) -> Any:
    out = np.zeros(len(xs) + 1, dtype=np.int64)
    for i in range(len(xs)):
        out[i + 1] = out[i] + xs[i]
    return out


def largest_to_come(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    m = -(10**9)
    for i in range(len(xs) - 1, -1, -1):
        m = max(m, xs[i])
        out[i] = m
    return out


def scaled(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        out[i] = 2 * xs[i] + 1
    return out


def window_sums(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        if i >= 64:
            s -= xs[i - 64]
        out[i] = s
    return out


def _prefixes(xs: Any) -> Any:
    return np.concatenate([[0], np.cumsum(xs)])


def _largest_to_come(xs: Any) -> Any:
    return np.maximum.accumulate(xs[::-1])[::-1].copy()


def _scaled(xs: Any) -> Any:
    return 2 * xs + 1


def _windows(xs: Any) -> Any:
    sums = np.cumsum(xs)
    sums[WIDTH:] -= sums[:-WIDTH].copy()
    return sums


CASES: dict[Loop, Loop] = {
    running_sum: np.cumsum,
    running_max: np.maximum.accumulate,
    prefixes: _prefixes,
    largest_to_come: _largest_to_come,
    scaled: _scaled,
    window_sums: _windows,
}


def best(run: Loop, xs: Any, repeats: int = 7) -> float:
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        run(xs)
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def main(sizes: list[int]) -> None:
    print(f"{'loop':<18}{'n':>10}{'parallel':>12}{'written':>12}{'NumPy':>12}{'ratio':>8}")
    with hp.Instance(config={"prefer": "proven", "budget": 60.0}) as instance:
        for loop, numpy_loop in CASES.items():
            proved = hp.jit(loop, instance=instance)
            written = hp.jit(loop, instance=instance, derive="never")
            for n in sizes:
                xs = np.random.default_rng(n).integers(-1000, 1000, n)
                assert np.array_equal(proved(xs), numpy_loop(xs))
                times = [best(run, xs) for run in (proved, written, numpy_loop)]
                shown = "".join(f"{t:>12.2f}" for t in times)
                print(f"{loop.__name__:<18}{n:>10}{shown}{times[0] / times[2]:>8.2f}", flush=True)


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [10**6, 10**7])
