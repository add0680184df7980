"""Under fp="reassoc": running moments, sums of powers of e, maxima of sums. Near exact values, the same bits every
time, the plain loop where that is not finite."""

from __future__ import annotations

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
BUDGET = 30.0  # seconds: the search must not be cut on a busy machine


def moments(xs):
    """Welford's variance."""
    n = 0
    mean = 0.0
    m2 = 0.0
    for x in xs:
        n += 1
        delta = x - mean
        mean += delta / n
        m2 += delta * (x - mean)
    return n, mean, m2


def tails(xs):
    """The third and the fourth moment."""
    n = 0.0
    mean = m2 = m3 = m4 = 0.0
    for x in xs:
        before = n
        n += 1.0
        delta = x - mean
        part = delta / n
        square = part * part
        term = delta * part * before
        mean += part
        m4 += term * square * (n * n - 3 * n + 3) + 6 * square * m2 - 4 * part * m3
        m3 += term * part * (n - 2) - 3 * part * m2
        m2 += term
    return n, mean, m2, m3, m4


def covariance(xs, ys):
    n = 0.0
    a = 0.0
    b = 0.0
    c = 0.0
    for x, y in zip(xs, ys, strict=True):
        n += 1.0
        d = x - a
        a += d / n
        b += (y - b) / n
        c += d * (y - b)
    return a, b, c


def weighted(xs, ys):
    total = 0.0
    mean = 0.0
    m2 = 0.0
    for x, y in zip(xs, ys, strict=True):
        w = y * y + 0.25
        total += w
        old = mean
        mean += (w / total) * (x - old)
        m2 += w * (x - old) * (x - mean)
    return total, mean, m2


def path(xs, ys):
    """A root of a sum of squares of the state, a quotient and a logarithm: each could trap, and none does."""
    s = 0.0
    px = py = 0.0
    for x, y in zip(xs, ys, strict=True):
        dx = x - px
        dy = y - py
        s += math.sqrt(dx * dx + dy * dy) / (1.0 + y * y) + math.log(1.0 + x * x)
        px, py = x, y
    return s


def fading(xs, ys):
    """An envelope, whose factor varies."""
    top = 0.0
    for x, y in zip(xs, ys, strict=True):
        top = max(abs(x), top * min(abs(y), 1.0))
    return top


def mean_by_index(xs):
    mean = 0.0
    for i, x in enumerate(xs):
        mean += (x - mean) / (i + 1)
    return mean


def sum_of_powers(xs):
    s = 0.0
    for x in xs:
        s += math.exp(x)
    return s


def sum_of_logarithms(xs):
    s = 0.0
    for x in xs:
        s += math.log(abs(x) + 1.0)
    return s


def softmax(xs):
    m = -math.inf
    s = 0.0
    for x in xs:
        if x > m:
            s = s * math.exp(m - x) + 1.0
            m = x
        else:
            s += math.exp(x - m)
    return m, s


def attention(xs, ys):
    m = -math.inf
    s = 0.0
    o = 0.0
    for x, v in zip(xs, ys, strict=True):
        most = max(m, x)
        scale = math.exp(m - most)
        e = math.exp(x - most)
        s = s * scale + e
        o = o * scale + e * v
        m = most
    return m, s, o


def segment(xs):
    here = 0.0
    best = 0.0
    for x in xs:
        here = max(here + x, 0.0)
        best = max(best, here)
    return here, best


def trade(xs):
    low = math.inf
    best = 0.0
    for x in xs:
        low = min(low, x)
        best = max(best, x - low)
    return low, best


def two_states(xs, ys):
    a = 0.0
    b = -3.0
    for x, y in zip(xs, ys, strict=True):
        a, b = max(a - 0.1, b - 2.0) + x, max(a - 1.5, b - 0.2) + y
    return a, b


RATIONAL = (moments, covariance, weighted, mean_by_index, segment, two_states)
LOOPS = (*RATIONAL, tails, path, fading, sum_of_powers, sum_of_logarithms, softmax, attention, trade)


@pytest.fixture(scope="module")
def compiled() -> dict[Loop, Any]:
    return {loop: hp.jit(loop, fp="reassoc", budget=BUDGET) for loop in LOOPS}


def arguments(loop: Loop, size: int) -> list[list[float]]:
    random = Random(f"{loop.__name__} {size}")
    return [[random.uniform(-3, 3) for _ in range(size)] for _ in range(loop.__code__.co_argcount)]


def values(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


def arrays(lists: list[list[float]]) -> list[np.ndarray]:
    return [np.array(xs) for xs in lists]


@pytest.mark.parametrize("loop", LOOPS, ids=lambda f: f.__name__)
def test_they_run_in_parallel_and_are_near_the_exact_value(loop: Loop, compiled: dict[Loop, Any]) -> None:
    fast = compiled[loop]
    explained = fast.explain(*arrays(arguments(loop, 3)))
    assert (explained.parallel, explained.checked) == (True, True), [r.reason for r in explained.refusals]
    for size in (0, 1, 2, 9, 130, 4113, 20_000):
        given = arguments(loop, size)
        exact = loop in RATIONAL and size <= 130
        expected = values(loop(*([list(map(Fraction, xs)) for xs in given] if exact else given)))
        got = values(fast(*arrays(given)))
        for e, g in zip(expected, got, strict=True):
            assert g == pytest.approx(float(e), rel=1e-9, abs=1e-9 * max(size, 1)), (size, got, expected)
    if size:
        assert fast.explain(*arrays(given)).taken == "parallel"


@pytest.mark.parametrize("loop", LOOPS, ids=lambda f: f.__name__)
def test_what_is_not_finite_is_what_the_plain_loop_gives(loop: Loop, compiled: dict[Loop, Any]) -> None:
    for special in (NAN, INF, -INF, 1e308):
        for size, at in ((1, [0]), (5000, [0]), (5000, [2500]), (5000, [4999]), (5000, [7, 8, 9]), (40, range(40))):
            given = arguments(loop, size)
            for i in at:
                given[0][i] = special
            try:
                expected: list[Any] | None = values(loop(*given))
            except (OverflowError, ValueError):
                expected = None
            if expected is None:
                with pytest.raises((OverflowError, ValueError)):
                    compiled[loop](*arrays(given))
                continue
            got = values(compiled[loop](*arrays(given)))
            for e, g in zip(expected, got, strict=True):
                assert (e != e and g != g) or g == pytest.approx(e, rel=1e-9, abs=1e-6), (special, size, expected, got)


def test_steps_that_raise_raise_as_in_the_plain_loop() -> None:
    def logarithms(xs):
        s = 0.0
        for x in xs:
            s += math.log(x)
        return s

    def ratio(xs, n):
        mean = 0.0
        for x in xs:
            n += 1
            mean += (x - mean) / n
        return mean

    powers = hp.jit(sum_of_powers, fp="reassoc")
    with pytest.raises(OverflowError):
        powers(np.array([0.5] * 5000 + [710.0]))
    assert powers(np.array([INF, 1.0])) == INF
    for bad in (0.0, -0.0, -1.0):
        with pytest.raises(ValueError, match="HY"):
            hp.jit(logarithms, fp="reassoc")(np.array([0.5] * 5000 + [bad]))
    fast = hp.jit(ratio, fp="reassoc", budget=BUDGET)
    xs = arguments(mean_by_index, 5000)[0]
    assert fast(np.array(xs), 3) == pytest.approx(ratio(xs, 3), abs=1e-12)
    with pytest.raises(ZeroDivisionError):  # a count that starts below 0 reaches it
        fast(np.array(xs), -3)
    with pytest.raises(OverflowError):
        fast(np.array(xs), 2**63 - 10)


def test_powers_and_logarithms_have_the_bits_of_python() -> None:
    def both(x):
        return math.exp(x), math.log(x * x + 1.0), math.exp(-x)

    fast = hp.jit(both)
    for x in (0.0, 1.0, -1.5, 1e-300, 709.78, -745.2, 3.3, 1e200, INF, NAN):
        try:
            expected = both(x)
        except OverflowError:
            with pytest.raises(OverflowError):
                fast(x)
            continue
        assert repr(fast(x)) == repr(expected)


THREADED = (covariance, attention, segment)
PROGRAM = """
import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import sys; sys.path.insert(0, FOLDER)
import hyperion as hp
from MODULE import *
for loop in THREADED:
    print(hp.jit(loop, fp="reassoc", budget=BUDGET)(*large(loop)))
"""


def large(loop: Loop) -> list[np.ndarray]:
    random = np.random.default_rng(7)
    return [random.standard_normal(100_003) for _ in range(loop.__code__.co_argcount)]


def test_one_thread_gives_the_same_bits(compiled: dict[Loop, Any], shared_home: Path) -> None:
    """The pool takes one thread where the process may run on one processor."""
    folder, _, file = __file__.rpartition("/")
    text = PROGRAM.replace("FOLDER", repr(folder)).replace("MODULE", file.removesuffix(".py"))
    environment = {**os.environ, "HYPERION_HOME": str(shared_home)}
    command = [sys.executable, "-c", text]
    single = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240, env=environment).stdout
    assert single.splitlines() == [str(compiled[loop](*large(loop))) for loop in THREADED]
