"""Loops that hold an index, and loops that read ahead by a lag: what the plain function gives, and its exceptions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any  # Any: results of every type

import numpy as np
import pytest

import hyperion as hp


def largest(xs: Any, n: int) -> Any:
    best = 0
    for i in range(1, n):
        if xs[i] > xs[best]:
            best = i
    return best


def extremes(xs: Any, n: int) -> Any:
    low = 0
    high = 0
    for i in range(n):
        if xs[i] <= xs[low]:
            low = i
        if xs[high] < xs[i]:
            high = i
    return low, high, xs[low]


def set_elsewhere(xs: Any, n: int) -> Any:
    at = 0
    for i in range(n):
        if xs[i] > xs[at]:
            at = i
        elif xs[i] == 0:
            at = n - 1
    return at


def products(xs: Any, n: int) -> Any:
    s = 0
    for i in range(len(xs) - n):
        s += xs[i] * xs[i + n] + i
    return s


def differences(xs: Any, n: int) -> Any:
    ys = xs[n:]
    s = 0
    for i in range(len(xs) - 1):
        s += abs(xs[i + 1] - ys[i])
    return s


def with_other_lags(xs: Any, n: int) -> Any:
    s = 0
    for i in range(len(xs) - n):
        s += xs[i] * xs[i + n] + sum(xs[k + n] * n for n in range(2) for k in range(2))
    return s


def with_other_indices(xs: Any, n: int) -> Any:
    s = 0
    for i in range(len(xs)):
        s += sum(1 for i in range(5) if i >= n) + sum(1 for n in range(5) if i >= n)
        if i >= n:
            s += 100 * xs[i - n]
    return s


def with_values_of_tests(xs: Any, n: int) -> Any:
    s = 0
    for i in range(len(xs)):
        s += (5 and i >= n) + 10 * (0 or i < n) + (2 if xs[i] and i >= n else 0)
        if i >= n:
            s += 100 * xs[i - n]
    return s


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (IndexError, OverflowError) as error:
        return next(kind.__name__ for kind in (IndexError, OverflowError) if isinstance(error, kind))


LOOPS = [
    largest,
    extremes,
    set_elsewhere,
    products,
    differences,
    with_other_lags,
    with_other_indices,
    with_values_of_tests,
]


@pytest.mark.parametrize("loop", LOOPS, ids=lambda f: f.__name__)
def test_a_loop_gives_what_it_says(loop: Callable[..., Any]) -> None:
    compiled = hp.jit(loop, derive="never")
    random = Random(loop.__name__)
    for size in (0, 1, 2, 3, 9, 20):
        for n in (-1, 0, 1, 2, size - 1, size, size + 1):
            values = [random.randint(-2, 2) for _ in range(size)]
            assert outcome(compiled, np.array(values, dtype=np.int64), n) == outcome(loop, values, n), (values, n)


def test_a_number_of_turns_that_overflows_raises() -> None:
    with pytest.raises(OverflowError):
        hp.jit(products, derive="never")(np.zeros(2, dtype=np.int64), -(2**63))


@pytest.mark.parametrize("loop", [largest, products])
def test_they_are_parallel(loop: Callable[..., Any]) -> None:
    found = hp.jit(loop).explain(np.arange(9), 2)
    assert found.parallel, found.refusals
