"""Windows by an inner loop, as written, derived and beside NumPy: `uv run python benchmarks/windows.py [N]`.

Prints the best of a few runs in milliseconds. NumPy's side is `sliding_window_view`, and for sums differences of a
cumulated sum as well. The loop as written is compiled too; it is left out where it takes more than `PATIENCE` steps.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any  # Any: loops take arrays and numbers

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import hyperion as hp

Loop = Callable[..., Any]
WIDTHS = (2, 4, 64, 1024)
PATIENCE = 10**9


def sums(xs: Any, w: Any) -> Any:
    out = np.zeros(len(xs) - w + 1, dtype=np.int64)
    for i in range(len(xs) - w + 1):
        s = 0
        for j in range(w):
            s += xs[i + j]
        out[i] = s
    return out


def largest(xs: Any, w: Any) -> Any:
    out = np.zeros(len(xs) - w + 1, dtype=np.int64)
    for i in range(len(xs) - w + 1):
        m = xs[i]
        for j in range(i + 1, i + w):
            m = max(m, xs[j])
        out[i] = m
    return out


def sliced(xs: Any, w: Any) -> Any:
    out = np.zeros(len(xs) - w + 1, dtype=np.int64)
    for i in range(len(xs) - w + 1):
        out[i] = sum(xs[i : i + w])
    return out


def best_sum(xs: Any, w: Any) -> Any:
    best = 0
    for i in range(len(xs) - w + 1):
        s = 0
        for j in range(w):
            s += xs[i + j]
        best = max(best, s)
    return best


def _views(xs: Any, w: int) -> Any:
    return sliding_window_view(xs, w)


def _cumulated(xs: Any, w: int) -> Any:
    whole = np.concatenate([[0], np.cumsum(xs)])
    return whole[w:] - whole[:-w]


def _sums(xs: Any, w: int) -> Any:
    return _views(xs, w).sum(axis=1)


def _largest(xs: Any, w: int) -> Any:
    return _views(xs, w).max(axis=1)


def _best_sum(xs: Any, w: int) -> Any:
    return _sums(xs, w).max()


def _best_cumulated(xs: Any, w: int) -> Any:
    return _cumulated(xs, w).max()


NUMPY: dict[Loop, tuple[Loop, Loop | None]] = {
    sums: (_sums, _cumulated),
    sliced: (_sums, _cumulated),
    largest: (_largest, None),
    best_sum: (_best_sum, _best_cumulated),
}


def best(function: Loop, *arguments: Any, runs: int = 7) -> float:
    times: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def main(n: int) -> None:
    xs = np.random.default_rng(1).integers(-1000, 1000, n)
    print(f"{n:,} int64, milliseconds\n")
    print("| loop | w | as written | derived | sliding_window_view | cumsum |")
    print("|---|---:|---:|---:|---:|---:|")
    for loop, (views, cumulated) in NUMPY.items():
        written, derived = hp.jit(loop, derive="never"), hp.jit(loop, budget=60)
        for w in WIDTHS:
            assert np.array_equal(derived(xs[:5000], w), views(xs[:5000], w))
            plain = f"{best(written, xs, w, runs=3):.1f}" if n * w <= PATIENCE else ""
            other = f"{best(cumulated, xs, w):.1f}" if cumulated else ""
            row = (loop.__name__, str(w), plain, f"{best(derived, xs, w):.1f}")
            print(f"| {' | '.join(row)} | {best(views, xs, w, runs=2):.1f} | {other} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
