"""Loops that give a value for every element, against the plain loops: results, and where they overflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hyperion as hp

pytest.importorskip("hyperion_cpu")

SIZES = [0, 1, 7, 4099, 200_000]


def running_sum(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        out[i] = s
    return out


def sum_before(xs: Any) -> Any:
    out = np.empty(len(xs), dtype=np.int64)
    s = 5
    for i in range(len(xs)):
        out[i] = s
        s = s - xs[i]
    return s, out


def running_max(xs: Any) -> Any:
    out = np.zeros_like(xs)
    m = -(2**62)
    for i in range(len(xs)):
        m = max(m, xs[i])
        out[i] = m
    return out


def drawdowns(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    peak = -1000
    for i in range(len(xs)):
        if xs[i] > peak:
            peak = xs[i]
        out[i] = peak - xs[i]
    return out


def counts(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    seen = 0
    for i in range(len(xs)):
        if xs[i] > 0:
            seen += 1
        out[i] = seen
    return out


def narrow_counts(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int32)
    seen = 0
    for i in range(len(xs)):
        if xs[i] > 3:
            seen += 1
        out[i] = seen
    return out


def prefix_hashes(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    h = 7
    for i in range(len(xs)):
        h = 31 * h + xs[i]
        out[i] = h
    return out


def above_zero(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=bool)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        out[i] = s > 0
    return out


def two_series(xs: Any) -> Any:
    n = len(xs)
    low = np.zeros(n, dtype=np.int64)
    above = np.zeros(n, dtype=np.int64)
    a = 10**6
    b = -(10**6)
    for i in range(n):
        a = min(a, xs[i])
        b = max(b, xs[i])
        low[i] = a
        above[i] = b - xs[i]
    return low, above


def ema(xs: Any) -> Any:
    out = np.zeros(len(xs))
    s = 0.0
    for i in range(len(xs)):
        s = 0.9 * s + 0.1 * xs[i]
        out[i] = s
    return out


def second_order(xs: Any) -> Any:
    out = np.zeros(len(xs))
    p = 0.0
    q = 0.0
    for i in range(len(xs)):
        y = 0.5 * xs[i] + 0.9 * p - 0.25 * q
        q = p
        p = y
        out[i] = y
    return out


def same(found: Any, expected: Any) -> None:
    """In value and dtype; a tuple part by part."""
    assert len(parts(found)) == len(parts(expected))
    for a, b in zip(parts(found), parts(expected), strict=True):
        assert np.asarray(a).dtype == np.asarray(b).dtype
        assert np.array_equal(a, b)


def parts(result: Any) -> list[Any]:
    return [*result] if type(result) is tuple else [result]


INTEGERS = [running_sum, sum_before, running_max, drawdowns, counts, narrow_counts, above_zero, two_series]


@pytest.mark.parametrize("loop", INTEGERS)
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.int8])
def test_integer_loops_are_parallel_and_exact(loop: Callable[..., Any], dtype: type) -> None:
    function = hp.jit(loop)
    source = np.random.default_rng(1)
    for n in SIZES[:4]:
        xs = source.integers(-100, 100, n).astype(dtype)
        if loop is running_max and dtype is not np.int64:
            continue  # what the series starts with fits no narrower array
        found = function.explain(xs)
        assert found.checked, found.refusals
        assert found.parallel, found.refusals
        same(function(xs), loop(xs.astype(np.int64)))


@pytest.mark.parametrize("loop", INTEGERS)
def test_large_inputs(loop: Callable[..., Any]) -> None:
    xs = np.random.default_rng(2).integers(-100, 100, SIZES[4])
    function = hp.jit(loop)
    same(function(xs), loop(xs))
    assert function.explain(xs).taken == "parallel"


@pytest.mark.parametrize("n", SIZES[:4])
def test_hashes_of_every_prefix_wrap(n: int) -> None:
    xs = np.random.default_rng(n).integers(-(2**63), 2**63, n, dtype=np.int64)
    function = hp.jit(prefix_hashes, overflow="wrap")
    found = function.explain(xs)
    assert found.checked
    assert found.parallel
    h, expected = 7, list[int]()
    for x in xs.tolist():
        h = (31 * h + x + 2**63) % 2**64 - 2**63
        expected.append(h)
    assert function(xs).tolist() == expected


LIMIT = 2**63 - 1


@pytest.mark.parametrize("place", [0, 1, 6, 4098])
@pytest.mark.parametrize("sign", [1, -1])
def test_overflow_where_the_plain_loop_overflows(place: int, sign: int) -> None:
    function = hp.jit(running_sum)
    xs = np.zeros(4099, dtype=np.int64)
    xs[place] = LIMIT * sign
    same(function(xs), np.cumsum(xs))
    if place < 4098:
        xs[4098] = -LIMIT * sign  # back to 0
        same(function(xs), np.cumsum(xs))
        xs[4098] = 2 * sign
        with pytest.raises(OverflowError):
            function(xs)
        xs[place + 1] = -sign if place + 1 < 4098 else xs[place + 1]
        xs[4098] = sign
        if place + 1 < 4098:
            same(function(xs), np.cumsum(xs))
    assert function.explain(xs).taken in ("fallback", "parallel")


def test_a_value_that_does_not_fit_what_is_written() -> None:
    def small(xs: Any) -> Any:
        out = np.zeros(len(xs), dtype=np.int8)
        s = 0
        for i in range(len(xs)):
            s += xs[i]
            out[i] = s
        return out

    function = hp.jit(small)
    xs = np.ones(127, dtype=np.int32)
    assert function(xs).tolist() == list(range(1, 128))
    with pytest.raises(OverflowError):
        function(np.ones(128, dtype=np.int32))
    back = np.array([127, -200, 73], dtype=np.int32)
    assert function(back).tolist() == [127, -73, 0]
    assert function(np.ones(0, dtype=np.int32)).tolist() == []


@pytest.mark.parametrize("loop", [ema, second_order])
@pytest.mark.parametrize("n", SIZES[:4])
def test_filters_over_the_reals(loop: Callable[..., Any], n: int) -> None:
    function = hp.jit(loop, fp="reassoc")
    xs = np.random.default_rng(n).normal(size=n)
    found = function.explain(xs)
    assert found.checked, found.refusals
    assert found.parallel
    assert np.allclose(function(xs), loop(xs), rtol=1e-12, atol=1e-12)
    assert function(xs).tobytes() == function(xs.copy()).tobytes()


def test_a_filter_of_what_is_not_finite_is_the_plain_loop() -> None:
    function = hp.jit(ema, fp="reassoc")
    xs = np.random.default_rng(0).normal(size=4099)
    for bad in (np.inf, -np.inf, np.nan):
        xs[2000] = bad
        assert np.array_equal(function(xs), ema(xs), equal_nan=True)


def test_strict_floats_are_refused() -> None:
    xs = np.zeros(3)
    found = hp.jit(ema).explain(xs)
    assert not found.parallel
    assert any("rounds" in r.reason for r in found.refusals)
    assert np.array_equal(hp.jit(ema)(xs + 0.1), ema(xs + 0.1))


def test_the_guard_and_the_scan_summarise_the_pieces_once() -> None:
    text = hp.jit(running_sum).lower(np.zeros(3, dtype=np.int64))
    assert isinstance(text, str)
    blocks = [line for line in text.splitlines() if line.startswith("define") and ".block(" in line]
    assert len(blocks) == 2  # of the guard, which summarises, and of the steps


# ---- over several arrays, with the counter, under branches, without a state, beside the counter


def products_so_far(xs: Any, ys: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i, (x, y) in enumerate(zip(xs, ys, strict=False)):
        s += x * y
        out[i] = s
    return out


def where_positive(xs: Any, ys: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i] - ys[i]
        if s > 0:
            out[i] = s
    return out


def quotients(xs: Any, ys: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        out[i] = (2 * xs[i] + 1) // ys[i]
    return out


def prefixes(xs: Any, ys: Any) -> Any:
    out = np.zeros(len(xs) + 1, dtype=np.int64)
    for i in range(len(xs)):
        out[i + 1] = out[i] + xs[i]
    return out


def last_eight(xs: Any, ys: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        if i >= 8:
            s -= xs[i - 8]
        out[i] = s
    return out


def rises(xs: Any, ys: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(1, len(xs)):
        out[i] = xs[i] - xs[i - 1]
    return out


WRITTEN = [products_so_far, where_positive, prefixes, last_eight, rises]


@pytest.mark.parametrize("loop", WRITTEN)
def test_loops_that_read_and_write_at_or_beside_their_counter(loop: Callable[..., Any]) -> None:
    with hp.Instance(config={"library": False, "budget": 60.0, "prefer": "proven"}) as instance:
        function = hp.jit(loop, instance=instance)
        source = np.random.default_rng(5)
        for n in SIZES[:4]:
            xs, ys = source.integers(-100, 100, n), source.integers(1, 9, n)
            same(function(xs, ys), loop(xs, ys))
        found = function.explain(xs, ys)
        assert found.checked, found.refusals
        assert found.parallel, found.refusals
        assert found.taken == "parallel"
        xs[:], ys[:] = 0, 1
        xs[3] = LIMIT  # too large for the guard, and still the right sums
        same(function(xs, ys), loop(xs, ys))
        xs[4] = -2 if loop is rises else LIMIT
        with pytest.raises(OverflowError):
            function(xs, ys)


def test_what_makes_one_turn_fail() -> None:
    with hp.Instance(config={"library": False, "budget": 60.0, "prefer": "proven"}) as instance:
        function = hp.jit(quotients, instance=instance)
        xs, ys = np.arange(5000), np.ones(5000, dtype=np.int64)
        ys[4321] = 0
        with pytest.raises(ZeroDivisionError):
            function(xs, ys)
        with pytest.raises(IndexError):
            function(xs, ys[:4000])
        same(function(xs[:4000], ys), quotients(xs[:4000], ys))
        xs[7] = 2**62
        with pytest.raises(OverflowError):
            function(xs[:4000], ys)
