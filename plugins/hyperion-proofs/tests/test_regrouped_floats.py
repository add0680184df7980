"""Loops under fp="reassoc": near the exact value, the same bits every time, the plain loop where that is not finite."""

from __future__ import annotations

import functools
import math
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import hyperion as hp

Loop = Callable[..., Any]
INF, NAN = math.inf, math.nan


def total(xs, a):
    s = 0.0
    for x in xs:
        s += x
    return s


def squares(xs, a):
    s = 0.0
    for x in xs:
        s += x * x
    return s


def magnitudes(xs, a):
    s = 0.0
    for x in xs:
        s += abs(x)
    return s


def positive(xs, a):
    s = 0.0
    for x in xs:
        if x > a:
            s += x
    return s


def deviations(xs, a):
    s = 0.0
    for x in xs:
        s += (x - a) * (x - a)
    return s


def negated(xs, a):
    s = 0.0
    for x in xs:
        s += -x
    return s


def mean(xs, a):
    s = 0.0
    n = 0
    for x in xs:
        s += x
        n += 1
    return s / (n + 1)


def counted_sum(xs, a):
    s = 0.0
    n = 0
    for x in xs:
        if x > a:
            s += x
            n += 1
    return s, n


def smoothed(xs, a):
    s = 0.0
    for x in xs:
        s += a * (x - s)
    return s


def filtered(xs, a):
    before = 0.0
    last = 0.0
    for x in xs:
        y = x + a * last - 0.25 * before
        before = last
        last = y
    return last


def gated(xs, a):
    s = 0.0
    for x in xs:
        s = 0.5 * s if x < 0.0 else s + x
    return s


def polynomial(xs, a):
    s = 0.0
    for x in xs:
        s = s * a + x
    return s


def scaled(xs, a):
    s = 0.0
    for x in xs:
        s += x / a
    return s


def reciprocals(xs, a):
    s = 0.0
    for x in xs:
        s += a / x
    return s


def roots(xs, a):
    s = 0.0
    for x in xs:
        s += math.sqrt(x)
    return s


LOOPS = (
    total,
    squares,
    magnitudes,
    positive,
    deviations,
    negated,
    mean,
    counted_sum,
    smoothed,
    filtered,
    gated,
    polynomial,
    scaled,
    reciprocals,
)


@functools.cache
def fast(loop: Loop) -> Any:
    return hp.jit(loop, fp="reassoc")


def values(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


def close(got: Any, exact: Any, size: float) -> bool:
    pairs = zip(values(got), values(exact), strict=True)
    return all(abs(Fraction(g) - Fraction(e)) <= 1e-10 * max(size, 1) for g, e in pairs)


@pytest.mark.parametrize("loop", LOOPS, ids=lambda f: f.__name__)
def test_regrouped_loops_are_near_the_exact_value(loop: Loop) -> None:
    compiled = fast(loop)
    random = Random(loop.__name__)
    explained = compiled.explain(np.ones(3), 0.5)
    assert explained.parallel, [r.reason for r in explained.refusals]
    assert explained.checked
    for size in (0, 1, 2, 9, 130, 4113, 40_000):
        xs = [random.uniform(-1, 1) or 1.0 for _ in range(size)]
        got = compiled(np.array(xs), 0.5)
        exact = size <= 130  # in rationals
        plain = loop([Fraction(x) for x in xs], Fraction(1, 2)) if exact else loop(xs, 0.5)
        assert close(got, plain, sum(1 / abs(x) for x in xs)), (size, got, plain)
        assert values(got) == values(compiled(np.array(xs), 0.5))


@pytest.mark.parametrize("loop", LOOPS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("at", ["first", "last", "middle", "everywhere"])
def test_what_is_not_finite_is_what_the_plain_loop_gives(loop: Loop, at: str) -> None:
    compiled = fast(loop)
    for special in (NAN, INF, -INF, 1e308):
        for size in (1, 5000):
            xs = np.random.default_rng(size).uniform(0.5, 1, size)
            if at == "everywhere":
                xs[:] = special
            else:
                xs[{"first": 0, "last": size - 1, "middle": size // 2}[at]] = special
            expected, got = values(loop(xs.tolist(), 0.5)), values(compiled(xs, 0.5))
            for e, g in zip(expected, got, strict=True):
                both_nan = e != e and g != g
                assert both_nan or g == e or g == pytest.approx(e, rel=1e-9), (special, size, expected, got)
                assert math.isfinite(e) == math.isfinite(g)


def extremes(xs):
    s = 0.0
    low = math.inf
    high = -math.inf
    at = -1
    i = 3
    for x in xs:
        s += x
        low = min(low, x)
        if x > high:
            high = x
            at = i
        i += 1
    return low, high, at, s


def extremes_swapped(xs):
    high = -math.inf
    for x in xs:
        high = max(x, high)
    return high


@pytest.mark.parametrize("loop", [extremes, extremes_swapped], ids=lambda f: f.__name__)
def test_extrema_are_those_of_the_plain_loop_with_nan_too(loop: Loop) -> None:
    """What is chosen is chosen by the same comparisons; only the sum is regrouped."""
    compiled = fast(loop)
    random = Random(4)
    assert compiled.explain(np.ones(3)).checked
    for size in (0, 1, 130, 5000, 40_000):
        for special in (0.5, NAN, INF, -INF, -0.0):
            xs = np.array([random.gauss(0, 1) for _ in range(size)])
            for places in ([], [0], [size - 1], range(size), range(size // 2), range(size // 2, size)):
                ys = xs.copy()
                if size:
                    ys[list(places)] = special
                expected, got = values(loop(ys.tolist())), values(compiled(ys))
                assert repr(got[:3]) == repr(expected[:3])


def product_sum(xs, ys, a):
    s = 0.0
    for x, y in zip(xs, ys, strict=True):
        s += x * (y / a)
    return s


def test_dot_products_over_two_arrays() -> None:
    compiled = hp.jit(product_sum, fp="reassoc")
    random = Random(8)
    explained = compiled.explain(np.ones(3), np.ones(3), 1.0)
    assert (explained.parallel, explained.checked) == (True, True)
    for size in (0, 1, 9, 5000):
        xs, ys = ([random.uniform(-1, 1) for _ in range(size)] for _ in range(2))
        exact = math.fsum(x * y for x, y in zip(xs, ys, strict=True))
        assert compiled(np.array(xs), np.array(ys), 1.0) == pytest.approx(exact, abs=1e-11)
    assert math.isnan(compiled(np.full(5000, INF), np.array([1.0, -1.0] * 2500), 1.0))
    with pytest.raises(ZeroDivisionError):
        compiled(np.ones(5000), np.ones(5000), 0.0)


def test_a_sum_that_leaves_the_range_and_comes_back_is_the_plain_one() -> None:
    compiled = fast(total)
    for xs in ([1e308, 1e308, -1e308, -1e308], [-1e308, 1e308] * 3000 + [1.0], [INF, -INF]):
        expected, got = total(xs, 0.0), compiled(np.array(xs), 0.0)
        assert got == expected or (got != got and expected != expected)


@pytest.mark.parametrize(
    ("loop", "xs", "a", "error"),
    [
        (scaled, [1.0, 2.0], 0.0, ZeroDivisionError),
        (reciprocals, [1.0] * 5000 + [0.0], 1.0, ZeroDivisionError),
        (reciprocals, [-0.0] + [1.0] * 5000, 1.0, ZeroDivisionError),
        (roots, [1.0] * 5000 + [-1.0], 0.0, ValueError),
        (roots, [-1e-300], 0.0, ValueError),
    ],
)
def test_steps_that_trap_trap_as_in_the_plain_loop(
    loop: Loop, xs: list[float], a: float, error: type[Exception]
) -> None:
    compiled = fast(loop)
    assert compiled.explain(np.array(xs), a).parallel
    with pytest.raises(error):
        loop(xs, a)
    with pytest.raises(error):
        compiled(np.array(xs), a)
    assert close(compiled(np.ones(5000), 2.0), loop([1.0] * 5000, 2.0), 1.0)
    assert compiled.explain(np.ones(5000), 2.0).taken != "fallback"


def test_an_overflow_of_a_counter_beside_reals_is_raised() -> None:
    def weighed(xs, n):
        s = 0.0
        for x in xs:
            s += x
            n += 2**62
        return s, n

    compiled = hp.jit(weighed, fp="reassoc")
    assert compiled(np.ones(1), 0) == (1.0, 2**62)
    with pytest.raises(OverflowError):
        compiled(np.ones(2), 0)


def test_kahan_stays_as_it_is() -> None:
    def compensated(xs):
        s = 0.0
        c = 0.0
        for x in xs:
            y = x - c
            t = s + y
            c = (t - s) - y
            s = t
        return s

    xs = np.array([Random(5).gauss(0, 1) for _ in range(10_000)])
    compiled = hp.jit(compensated, fp="reassoc")
    assert not compiled.explain(xs).parallel
    assert compiled(xs) == compensated(xs.tolist())


THREADED = (total, squares, smoothed, filtered)
PROGRAM = """
import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import sys; sys.path.insert(0, FOLDER)
from MODULE import *
print(answers())
"""


def answers() -> list[str]:
    xs = np.random.default_rng(7).standard_normal(100_003)
    return [str(fast(loop)(xs, 0.5)) for loop in THREADED]


def test_one_thread_gives_the_same_bits(shared_home: Path) -> None:
    """The pool takes one thread where the process may run on one processor."""
    here = answers()
    text = PROGRAM.replace("FOLDER", repr(str(Path(__file__).parent))).replace("MODULE", Path(__file__).stem)
    environment = {**os.environ, "HYPERION_HOME": str(shared_home)}
    command = [sys.executable, "-c", text]
    single = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=environment).stdout
    assert single.strip() == str(here)
