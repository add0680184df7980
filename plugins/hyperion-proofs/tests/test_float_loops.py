"""Loops over floats that only compare and choose: parallel forms give plain Python's bits, whatever NaN and zero do."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np
import pytest

import hyperion as hp

NAN, INF = math.nan, math.inf
SPECIAL = (NAN, -INF, INF, 0.0, -0.0, 1.0, -1.0, 2.5, 5e-324, -5e-324)
Loop = Callable[..., Any]


def larger(xs, m):
    for x in xs:
        if x > m:
            m = x
    return m


def larger_last(xs, m):
    for x in xs:
        if x >= m:
            m = x
    return m


def smaller(xs, m):
    for x in xs:
        if x < m:
            m = x
    return m


def builtin_max(xs, m):
    for x in xs:
        m = max(m, x)
    return m


def builtin_max_swapped(xs, m):
    for x in xs:
        m = max(x, m)
    return m


def builtin_min(xs, m):
    for x in xs:
        m = min(m, x)
    return m


def builtin_min_swapped(xs, m):
    for x in xs:
        m = min(x, m)
    return m


def unless_smaller(xs, m):
    for x in xs:
        if not x <= m:
            m = x
    return m


def where_largest(xs, m):
    at = -1
    for i, x in enumerate(xs):
        if x > m:
            m = x
            at = i
    return m, at


def where_last_smallest(xs, m):
    at = -1
    for i, x in enumerate(xs):
        if x <= m:
            m = x
            at = i
    return m, at


def where_swapped_largest(xs, m):
    at = -1
    for i, x in enumerate(xs):
        if not x < m:
            m = x
            at = i
    return at


def since_largest(xs, m):
    since = 0
    for x in xs:
        if x > m:
            m = x
            since = 0
        else:
            since += 1
    return m, since


def both_extrema(xs, m):
    low = m
    high = m
    for x in xs:
        low = min(low, x)
        high = max(high, x)
    return low, high


def last_above(xs, m):
    v = m
    for x in xs:
        if x > 0.5:
            v = x
    return v


def first_above(xs, m):
    found = False
    v = m
    for x in xs:
        if not found and x > 0.5:
            found = True
            v = x
    return v, found


def last_two(xs, m):
    a = m
    b = m
    for x in xs:
        a = b
        b = x
    return a, b


def last_two_numbers(xs, m):
    a = m
    b = m
    for x in xs:
        if x == x:
            a = b
            b = x
    return a, b


def count_above(xs, m):
    n = 0
    for x in xs:
        if x > 0.5:
            n += 1
    return n


def count_not_above(xs, m):
    n = 0
    for x in xs:
        if not x > 0.5:
            n += 1
    return n


def count_rises(xs, m):
    n = 0
    for x in xs:
        if x > m:
            n += 1
        m = x
    return n


def increasing(xs, m):
    ok = True
    for x in xs:
        if x < m:
            ok = False
        m = x
    return ok


def classified(xs, m):
    """What is finite, infinite and no number."""
    finite = 0
    infinite = 0
    last_nan = -1
    i = 0
    for x in xs:
        if math.isfinite(x):
            finite += 1
        elif math.isinf(x):
            infinite += 1
        if math.isnan(x):
            last_nan = i
        i += 1  # noqa: SIM113  as people write it
    return finite, infinite, last_nan


def longest_above(xs, m):
    run = 0
    longest = 0
    for x in xs:
        run = run + 1 if x > 0.5 else 0
        longest = max(longest, run)
    return longest


LOOPS = (
    larger,
    larger_last,
    smaller,
    builtin_max,
    builtin_max_swapped,
    builtin_min,
    builtin_min_swapped,
    unless_smaller,
    where_largest,
    where_last_smallest,
    where_swapped_largest,
    since_largest,
    both_extrema,
    last_above,
    first_above,
    last_two,
    last_two_numbers,
    count_above,
    count_not_above,
    count_rises,
    increasing,
    classified,
    longest_above,
)


def bits(value: Any) -> Any:
    """Floats by their bits, every NaN the same."""
    if isinstance(value, tuple):
        return tuple(map(bits, value))
    if isinstance(value, float | np.floating):
        return "nan" if math.isnan(value) else struct.pack(">d", float(value))
    return value


def arrays(random: Random, kind: type[np.floating[Any]]) -> Iterator[np.ndarray[Any, Any]]:
    """Lengths around the lanes and pieces of a parallel loop, with special values first, last, everywhere."""
    for size in (0, 1, 2, 7, 8, 9, 63, 4112, 5001):
        yield np.full(size, NAN, kind)
        yield np.array([random.choice((0.0, -0.0)) for _ in range(size)], kind)
        yield np.array([random.choice(SPECIAL) for _ in range(size)], kind)
        xs = np.array([random.gauss(0, 1) for _ in range(size)], kind)
        yield xs
        for at in {0, size - 1, size // 2} if size else ():
            for value in (NAN, INF, -0.0):
                ys = xs.copy()
                ys[at] = value
                yield ys


@pytest.mark.parametrize("kind", [np.float64, np.float32], ids=["f64", "f32"])
@pytest.mark.parametrize("loop", LOOPS, ids=lambda f: f.__name__)
def test_choices_are_bit_for_bit_those_of_plain_python(loop: Loop, kind: type[np.floating[Any]]) -> None:
    compiled = hp.jit(loop)
    random = Random(loop.__name__)
    starts = (NAN, -INF, INF, -0.0, 0.0, 1.0)
    explained = compiled.explain(np.zeros(3, kind), kind(0.0))
    assert explained.parallel, [r.reason for r in explained.refusals]
    assert explained.checked
    for number, xs in enumerate(arrays(random, kind)):
        start = kind(starts[number % len(starts)])
        expected = loop(list(xs), start)
        assert bits(compiled(xs, start)) == bits(expected), (xs[:10], start)


def running_mean(xs, m):
    n = 0
    for x in xs:
        n += 1  # noqa: SIM113  as people write it
        m += (x - m) / n
    return m


def powers(xs, m):
    for x in xs:
        m += math.exp(x)
    return m


@pytest.mark.parametrize("loop", [running_mean, powers], ids=lambda f: f.__name__)
def test_what_rounds_is_refused_with_what_would_grant_it(loop: Loop) -> None:
    compiled = hp.jit(loop)
    explained = compiled.explain(np.zeros(3), 0.0)
    assert not explained.parallel
    assert any('fp="reassoc"' in refusal.reason for refusal in explained.refusals)
    xs = np.array([0.1, 0.2, -0.3] * 20)
    assert bits(compiled(xs, 0.5)) == bits(loop(xs.tolist(), 0.5))
