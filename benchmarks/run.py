"""Compares Hyperion's loops with Numba, NumPy and the machine's read bandwidth.

    uv run --with numba python benchmarks/run.py                   # prints the table
    uv run --with numba python benchmarks/run.py --write           # and replaces benchmarks/RESULTS.md

All contestants of a loop run in every round, in an order that changes, so that a slow spell of the machine meets all of
them; a ratio is the median of the ratios within rounds.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import peers
from bandwidth import Reader
from loops import Loop, loops
from report import Row, report

RESULTS = Path(__file__).with_name("RESULTS.md")


def _milliseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def measure(
    loop: Loop, element: str, arguments: tuple[Any, ...], rounds: int, reader: Reader
) -> Row:  # Any: NumPy arrays
    calls: dict[str, Callable[[], object]] = dict(peers.of(loop, arguments))
    first: dict[str, float] = {}
    results: dict[str, object] = {}
    for who, call in calls.items():
        start = time.perf_counter()
        results[who] = call()
        first[who] = (time.perf_counter() - start) * 1e3
    if len(set(results.values())) != 1:
        raise SystemExit(f"{loop.name} on {element}: the results differ: {results}")
    if loop.scalars is None:
        calls["read"] = lambda: reader.read(arguments[0])
    times: dict[str, list[float]] = {who: [] for who in calls}
    shuffled = random.Random(7)
    for _ in range(rounds + 1):
        order = shuffled.sample(list(calls), len(calls))
        for who in order:
            times[who].append(_milliseconds(calls[who]))
    return Row(loop.name, element, {who: t[1:] for who, t in times.items()}, first)


def run(count: int, rounds: int, only: str) -> list[Row]:
    reader = Reader(os.cpu_count() or 1)
    rows: list[Row] = []
    try:
        for element in ("int32", "int64"):
            xs = np.random.default_rng(1).integers(-1000, 1000, count, dtype=element)
            for loop in loops(count):
                if only in loop.name and (element == "int64" or loop.scalars is None):
                    rows.append(measure(loop, element, loop.scalars or (xs,), rounds, reader))
                    print(f"  {loop.name}, {element}: done", file=sys.stderr)
    finally:
        reader.close()
    return rows


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--count", type=int, default=16_000_000)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--only", default="", help="loops whose name contains this")
    options.add_argument("--write", action="store_true", help="replace benchmarks/RESULTS.md")
    chosen = options.parse_args()
    text = report(run(chosen.count, chosen.rounds, chosen.only), chosen.count, chosen.rounds)
    print(text)
    if chosen.write:
        RESULTS.write_text(f"# Results\n\nWritten by `benchmarks/run.py --write`.\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
