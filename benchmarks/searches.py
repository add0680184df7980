"""Searches: `uv run python benchmarks/searches.py`. The time of the first hit at several places, in microseconds: the
proved parallel form, the loop as written compiled, and NumPy, which tests every element first."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any  # arrays of several types

import numpy as np

import hyperion as hp


def position(xs: Any, key: Any) -> Any:
    for i in range(len(xs)):
        if xs[i] == key:
            return i
    return -1


def _five(search: Callable[..., int], xs: Any) -> int:
    return search(xs, 5)


def numpy_at(xs: Any) -> int:
    return int(np.argmax(xs == 5))


def best(run: Callable[[], object], rounds: int = 9) -> float:
    times: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e6 * min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as home, hp.Instance(config={"home": home}) as instance:
        proved = hp.jit(position, instance=instance, budget=60)
        written = hp.jit(position, instance=instance, derive="never")
        proved_at, written_at = (partial(_five, f) for f in (proved, written))
        print(f"{'n':>10} {'dtype':>6} {'hit':>9} {'proved':>10} {'as written':>11} {'numpy':>10}")
        for n in (10**6, 10**7):
            for dtype in ("int64", "int32"):
                for hit in (0, 100, 1000, n // 2, -1):
                    xs = np.zeros(n, dtype)
                    if hit >= 0:
                        xs[hit] = 5
                    assert proved(xs, 5) == written(xs, 5) == hit
                    times = [best(partial(run, xs)) for run in (proved_at, written_at, numpy_at)]
                    print(f"{n:>10,} {dtype:>6} {hit:>9,} {times[0]:>10.2f} {times[1]:>11.2f} {times[2]:>10.2f}")


if __name__ == "__main__":
    main()
