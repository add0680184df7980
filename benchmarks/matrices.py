"""Products and chains of integer matrices, and sums over all elements, beside NumPy.

    uv run python benchmarks/matrices.py               # prints the table
    uv run python benchmarks/matrices.py --most 500 --rounds 3

Both contestants run once in every round, in turn; times are the least of all rounds, ratios the median of the ratios
within rounds. Before timing, results are compared.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import hyperion as hp

Matrix = np.ndarray[Any, Any]


def product(a: Any, b: Any) -> Any:
    return a @ b


def filtered(a: Any, b: Any, x: Any) -> Any:
    return a @ b @ x


def gram(a: Any, x: Any) -> Any:
    return a.T @ a @ x


def four(a: Any, b: Any, c: Any, d: Any) -> Any:
    return a @ b @ c @ d


def largest(a: Any) -> int:
    most = 0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            most = max(most, a[i, j])
    return most


def greatest(a: Any) -> int:
    return int(a.max(initial=0))


@dataclass(frozen=True)
class Row:
    name: str
    function: Callable[..., Any]
    numpy: Callable[..., Any]
    arguments: tuple[Matrix, ...]


def rows(most: int) -> Iterator[Row]:
    random = np.random.default_rng(1)

    def numbers(*shape: int, dtype: str = "int64") -> Matrix:
        return random.integers(-100, 100, shape).astype(dtype)

    for n in (n for n in (100, 500, 1000) if n <= most):
        for dtype in ("int64", "int32"):
            yield Row(f"a @ b, {n} x {n} {dtype}", product, product, (numbers(n, n, dtype=dtype),) * 2)
    n = most
    yield Row(f"a @ x, {n} x {n}", product, product, (numbers(n, n), numbers(n)))
    yield Row(f"a @ b @ x, {n} x {n}", filtered, filtered, (numbers(n, n), numbers(n, n), numbers(n)))
    yield Row(f"a.T @ a @ x, {n} x {n}", gram, gram, (numbers(n, n), numbers(n)))
    sizes = (n, 10, n, 10, n)
    chain = tuple(numbers(*pair) for pair in pairwise(sizes))
    yield Row(f"a @ b @ c @ d, {n} x 10 and 10 x {n}", four, four, chain)
    yield Row(f"largest element, {4 * n} x {n}", largest, greatest, (numbers(4 * n, n),))


def seconds(call: Callable[..., object], arguments: tuple[Matrix, ...]) -> float:
    start = perf_counter()
    call(*arguments)
    return perf_counter() - start


def measured(row: Row, rounds: int) -> str:
    compiled = hp.jit(row.function)
    assert np.array_equal(compiled(*row.arguments), row.numpy(*row.arguments))
    times = [(seconds(compiled, row.arguments), seconds(row.numpy, row.arguments)) for _ in range(rounds)]
    ours, theirs = (min(each) for each in zip(*times, strict=True))
    ratio = median(theirs / ours for ours, theirs in times)
    cost = compiled.explain(*row.arguments).chosen_cost
    return f"| {row.name} | {cost} | {1e3 * ours:.3g} | {1e3 * theirs:.3g} | {ratio:.3g} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1000, help="rows of the largest square matrix")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print("| loop | cost | Hyperion, ms | NumPy, ms | NumPy / Hyperion |")
    print("| --- | --- | --- | --- | --- |")
    for row in rows(given.most):
        print(measured(row, given.rounds), flush=True)


if __name__ == "__main__":
    main()
