"""Functions that call themselves mean what they mean in Python."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any  # functions of every type

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import TypeCheckError


def compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """The function by itself: no loop takes its place."""
    return hp.jit(function, derive="never", **options)


def power(x, n):
    if n == 0:
        return 1
    half = power(x, n // 2)
    return half * half * x if n % 2 else half * half


def binomial(n, k):
    if k == 0 or k == n:
        return 1
    return binomial(n - 1, k - 1) + binomial(n - 1, k)


def common(xs, ys, i, j):
    if i == 0 or j == 0:
        return 0
    if xs[i - 1] == ys[j - 1]:
        return 1 + common(xs, ys, i - 1, j - 1)
    return max(common(xs, ys, i - 1, j), common(xs, ys, i, j - 1))


def distance(xs, ys, i, j):
    if i < 0:
        return j + 1
    if j < 0:
        return i + 1
    if xs[i] == ys[j]:
        return distance(xs, ys, i - 1, j - 1)
    return 1 + min(distance(xs, ys, i - 1, j), distance(xs, ys, i, j - 1), distance(xs, ys, i - 1, j - 1))


def choices(n, d):
    if d == 0:
        return n
    return sum(choices(n, d - 1) for n in range(3))  # this n is another one


def crossed(xs, ys, n):
    if n == 0:
        return xs[0]
    return crossed(xs, ys, n - 1) + THIS_MODULE.crossed(ys, xs, n - 1)


THIS_MODULE = types.ModuleType("this_module")
THIS_MODULE.crossed = crossed


def change(amount, kinds):
    if amount == 0:
        return 1
    if amount < 0 or kinds == 0:
        return 0
    coin = 1 if kinds == 1 else 5 if kinds == 2 else 12
    return change(amount, kinds - 1) + change(amount - coin, kinds)


def knapsack(weights, gains, i, room):
    if i == len(weights):
        return 0
    without = knapsack(weights, gains, i + 1, room)
    if weights[i] > room:
        return without
    return max(without, gains[i] + knapsack(weights, gains, i + 1, room - weights[i]))


def total(n, so_far=0):
    return so_far if n == 0 else total(n - 1, so_far + n)


def pair(n):
    if n == 0:
        return 0, 1
    a, b = pair(n // 2)
    c, d = a * (2 * b - a), a * a + b * b
    if n % 2:
        return d, c + d
    return c, d


def is_even(n: int) -> bool:
    if n == 0:
        return True
    return not is_even(n - 1)


def halvings(x):
    return 0 if x < 1 else 1 + halvings(x / 2)


def growth(n: int) -> float:
    if n == 0:
        return 1.0
    return growth(n - 1) * 1.5 + n


def ackermann(m, n):
    if m == 0:
        return n + 1
    return ackermann(m - 1, 1 if n == 0 else ackermann(m, n - 1))


SEQUENCES = [np.array(x, dtype=np.int32) for x in ([], [3], [1, 2, 3, 2, 1], [2, 3, 1, 1, 2, 3])]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (power, [(3, n) for n in range(20)]),
        (binomial, [(n, k) for n in range(9) for k in range(n + 1)]),
        (common, [(xs, ys, len(xs), len(ys)) for xs in SEQUENCES for ys in SEQUENCES]),
        (distance, [(xs, ys, len(xs) - 1, len(ys) - 1) for xs in SEQUENCES for ys in SEQUENCES]),
        (change, [(a, k) for a in range(30) for k in range(4)]),
        (knapsack, [(SEQUENCES[3], SEQUENCES[3][::-1].copy(), 0, room) for room in range(9)]),
        (total, [(n,) for n in range(6)] + [(4, 9)]),
        (pair, [(n,) for n in range(30)]),
        (is_even, [(n,) for n in range(5)]),
        (halvings, [(0.5,), (1.0,), (1000.0,)]),
        (growth, [(n,) for n in range(6)]),
        (ackermann, [(m, n) for m in range(3) for n in range(4)]),
    ],
)
def test_a_recursion_gives_what_python_gives(function: Callable[..., Any], arguments: list[tuple[Any, ...]]) -> None:
    ours = compiled(function)
    for given in arguments:
        plain = function(*(x.tolist() if isinstance(x, np.ndarray) else x for x in given))
        assert ours(*given) == plain, given
        assert type(ours(*given)) is type(plain)


def test_what_is_known_is_not_computed_again() -> None:
    assert compiled(binomial)(60, 30) == 118264581564861424
    assert compiled(binomial)(68, 60) == 7392009768  # inner values that the recursion does not reach are larger
    rng = np.random.default_rng(3)
    xs, ys = (rng.integers(0, 3, 300) for _ in range(2))
    rows = np.zeros((301, 301), dtype=np.int64)
    for i in range(300):
        for j in range(300):
            rows[i + 1, j + 1] = rows[i, j] + 1 if xs[i] == ys[j] else max(rows[i, j + 1], rows[i + 1, j])
    assert compiled(common)(xs, ys, 300, 300) == rows[300, 300]


def sparse(n, k):
    """Arguments far apart, and below 0."""
    if n < 10**6:
        return k
    return (sparse(n // 3, k - 7) + sparse(n // 2, k + 5)) % 1000003


def test_arguments_far_apart_are_known_too() -> None:
    known = functools.cache(lambda n, k: k if n < 10**6 else (known(n // 3, k - 7) + known(n // 2, k + 5)) % 1000003)
    for n in (10**6 - 1, 10**9, 10**18):
        assert compiled(sparse)(n, -3) == known(n, -3)


def test_a_recursion_without_end_is_an_error() -> None:
    for function, argument in ((power, (2, -1)), (total, (-1,)), (is_even, (-1,))):
        with pytest.raises((RecursionError, OverflowError)):
            compiled(function)(*argument)


def test_overflow_is_where_python_has_more_digits() -> None:
    assert compiled(power)(2, 62) == 2**62
    with pytest.raises(OverflowError):
        compiled(power)(2, 63)
    assert compiled(power, overflow="wrap")(3, 50) == (3**50 + 2**63) % 2**64 - 2**63


@hp.jit(derive="never")
@functools.cache
def cached(n):
    return n if n < 2 else cached(n - 1) + cached(n - 2)


def test_a_cache_changes_nothing() -> None:
    assert cached(80) == 23416728348467685


def helper(n):
    return 1 if n == 0 else n * helper(n - 1)


def choose(n, k):
    return helper(n) // (helper(k) * helper(n - k))


def test_a_function_may_call_one_that_calls_itself() -> None:
    assert compiled(choose)(10, 4) == 210


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def shrinking(xs, n):
    ys = np.zeros(n)
    return 0.0 if n == 0 else shrinking(ys, n - 1)


def filled(n):
    return np.zeros(n) if n == 0 else filled(n - 1)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (even, (3,), "even -> odd -> even"),
        (shrinking, (np.zeros(2), 2), "another array in a call of shrinking"),
        (filled, (2,), "returns an array|array"),
    ],
)
def test_what_is_not_taken_is_refused(function: Callable[..., Any], arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(TypeCheckError, match=message):
        compiled(function)(*arguments)


def test_a_variable_of_a_comprehension_is_no_argument_that_is_handed_on() -> None:
    assert [compiled(choices)(7, d) for d in range(4)] == [choices(7, d) for d in range(4)] == [7, 3, 9, 27]


def test_calls_by_a_module_are_calls_of_the_function() -> None:
    with pytest.raises(TypeCheckError, match=r"HY6114.* another array"):
        compiled(crossed)(np.array([1]), np.array([10]), 2)
