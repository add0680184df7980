"""The main job: loops that carry state, derived, checked, compiled, and equal to plain Python in value and in error."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

import hyperion as hp

MIN, MAX = -(2**63), 2**63 - 1
SIZES = (0, 1, 2, 3, 7, 64, 1000, 4099)
DTYPES = ("int8", "int16", "int32", "int64")


def step(value: int) -> int:
    """A step of the plain loop on 64-bit integers."""
    if not MIN <= value <= MAX:
        raise OverflowError
    return value


# Each loop as a user writes it, and the same loop with every step's range checked, over Python integers.


def total(xs, start):
    s = start
    for x in xs:
        s = s + x
    return s


def total_checked(xs: Sequence[int], start: int) -> int:
    s = start
    for x in xs:
        s = step(s + x)
    return s


def max_prefix(xs, start):
    s = start
    best = 0
    for x in xs:
        s += x
        best = max(best, s)
    return best


def max_prefix_checked(xs: Sequence[int], start: int) -> int:
    s, best = start, 0
    for x in xs:
        s = step(s + x)
        best = max(best, s)
    return best


def segment_reset(xs, start):
    h = start
    best = 0
    for x in xs:
        h = max(h + x, 0)
        best = max(best, h)
    return best


def segment_reset_checked(xs: Sequence[int], start: int) -> int:
    h, best = start, 0
    for x in xs:
        h = max(step(h + x), 0)
        best = max(best, h)
    return best


def segment_restart(xs, start):
    h = start
    best = start
    for x in xs:
        h = max(x, h + x)
        best = max(best, h)
    return best


def segment_restart_checked(xs: Sequence[int], start: int) -> int:
    h = best = start
    for x in xs:
        h = max(x, step(h + x))
        best = max(best, h)
    return best


def segment_if(xs, start):
    h = start
    best = 0
    for x in xs:
        h = h + x
        if h < 0:
            h = 0
        if h > best:
            best = h
    return best


segment_if_checked = segment_reset_checked


def drawdown(xs, start):
    peak = start
    worst = 0
    for x in xs:
        peak = max(peak, x)
        worst = max(worst, peak - x)
    return worst


def drawdown_checked(xs: Sequence[int], start: int) -> int:
    peak, worst = start, 0
    for x in xs:
        peak = max(peak, x)
        worst = max(worst, step(peak - x))
    return worst


LOOPS: dict[str, tuple[Callable[..., int], Callable[..., int]]] = {
    f.__name__: (f, g)
    for f, g in (
        (total, total_checked),
        (max_prefix, max_prefix_checked),
        (segment_reset, segment_reset_checked),
        (segment_restart, segment_restart_checked),
        (segment_if, segment_if_checked),
        (drawdown, drawdown_checked),
    )
}
JITTED = {name: hp.jit(f) for name, (f, _) in LOOPS.items()}


def outcome(f: Callable[..., int], *arguments: object) -> object:
    try:
        return f(*arguments)
    except OverflowError:
        return "overflow"


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_loops_agree_with_plain_python(name: str, dtype: str) -> None:
    rng = np.random.default_rng(7)
    info = np.iinfo(dtype)
    for size in SIZES:
        for low, high in ((-9, 9), (info.min, info.max)):
            xs = rng.integers(low, high, size, dtype=dtype, endpoint=True)
            plain = xs.tolist()
            for start in (0, 5, -5, MAX, MIN, MAX - 100, MIN + 100, 2**62, -(2**62)):
                expected = outcome(LOOPS[name][1], plain, start)
                assert outcome(JITTED[name], xs, start) == expected, (size, low, start)


@pytest.mark.parametrize("name", LOOPS)
def test_loops_are_parallel_and_checked(name: str) -> None:
    xs = np.arange(-50, 50, dtype=np.int32)
    e = JITTED[name].explain(xs, 0)
    assert e.checked
    assert e.parallel
    assert (e.source_cost, e.chosen_cost, e.taken) == ("O(n)", "O(n/p)", "parallel")
    assert e.theorem is not None
    assert e.oracles == ()


@pytest.mark.parametrize("name", LOOPS)
def test_the_guard_falls_back_to_the_loop_as_written(name: str) -> None:
    xs = np.array([MIN, MIN], dtype=np.int64)
    assert outcome(JITTED[name], xs, 0) == outcome(LOOPS[name][1], xs.tolist(), 0)
    fitting = np.array([MAX, -1, -MAX], dtype=np.int64)  # the final value of the sum would fit
    for start in (1, 0):
        assert outcome(JITTED[name], fitting, start) == outcome(LOOPS[name][1], fitting.tolist(), start)
    calm = np.array([2**61, -(2**61), 2**61], dtype=np.int64)
    assert outcome(JITTED[name], calm, 0) == outcome(LOOPS[name][1], calm.tolist(), 0)
    assert JITTED[name].explain(calm, 0).taken in ("parallel", "fallback")


def test_what_always_runs_in_parallel_is_explained_without_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapping = hp.jit(total, overflow="wrap")
    xs = np.arange(9)
    monkeypatch.setattr(wrapping.compiled(xs, 0), "_compiled", None)
    assert wrapping.explain(xs, 0).taken == "parallel"


def test_an_overflow_names_the_step() -> None:
    with pytest.raises(OverflowError, match=r"s = s \+ x"):
        JITTED["total"](np.array([MAX, 1], dtype=np.int64), 0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ten_million_elements(dtype: str) -> None:
    xs = np.random.default_rng(3).integers(-100, 100, 10_000_000, dtype=dtype)
    sums = np.concatenate(([0], np.cumsum(xs, dtype=np.int64)))
    best = int((sums - np.minimum.accumulate(sums)).max())
    assert JITTED["total"](xs, 0) == int(sums[-1])
    assert JITTED["max_prefix"](xs, 0) == int(sums.max())
    assert JITTED["segment_reset"](xs, 0) == best
    assert JITTED["segment_if"](xs, 0) == best
    assert JITTED["segment_restart"](xs, 0) == best
    assert JITTED["drawdown"](xs, 0) == int((np.maximum.accumulate(np.maximum(xs, 0)).astype(np.int64) - xs).max())


@hp.jit(overflow="wrap")
def horner(xs, base):
    h = 0
    for x in xs:
        h = h * base + x
    return h


@hp.jit(overflow="wrap")
def power(x, n):
    r = 1
    for _ in range(n):
        r *= x
    return r


@hp.jit(overflow="wrap")
def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def wrapped(value: int) -> int:
    return (value + 2**63) % 2**64 - 2**63


@pytest.mark.parametrize("dtype", [*DTYPES, "uint8", "uint16", "uint32"])
def test_polynomial_hash_wraps(dtype: str) -> None:
    rng = np.random.default_rng(1)
    info = np.iinfo(dtype)
    for size in SIZES:
        xs = rng.integers(info.min, info.max, size, dtype=dtype, endpoint=True)
        for base in (0, 1, -1, 31, 2**40 + 1, MIN):
            h = 0
            for x in xs.tolist():
                h = wrapped(h * base + x)
            assert horner(xs, base) == h
    e = horner.explain(rng.integers(0, 9, 5000, dtype=dtype), 31)
    assert (e.checked, e.parallel, e.chosen_cost) == (True, True, "O(n/p)")


def test_polynomial_hash_of_ten_million_elements() -> None:
    xs = np.random.default_rng(4).integers(-100, 100, 10_000_000, dtype=np.int8)
    powers = np.full(len(xs), 31, dtype=np.uint64)
    powers[0] = 1
    digits = xs.astype(np.int64).astype(np.uint64)
    expected = int((digits * np.cumprod(powers)[::-1]).sum(dtype=np.uint64))
    assert horner(xs, 31) == wrapped(expected)


def test_powers_and_fibonacci_are_logarithmic() -> None:
    for n in (-3, 0, 1, 2, 3, 64, 1000, 10**15, 2**63 - 1):
        for x in (0, 1, -1, 2, 3, MIN, MAX):
            assert power(x, n) == wrapped(pow(x, max(n, 0), 2**64))
    a, b = 0, 1
    for n in range(200):
        assert fibonacci(n) == a
        a, b = b, wrapped(a + b)
    m = 2**64

    def doubled(n: int) -> tuple[int, int]:
        """F(n), F(n + 1) modulo 2**64 by the doubling formulas."""
        if n == 0:
            return 0, 1
        c, d = doubled(n // 2)
        e, f = c * (2 * d - c) % m, (c * c + d * d) % m
        return (f, (e + f) % m) if n % 2 else (e, f)

    assert fibonacci(10**15) == wrapped(doubled(10**15)[0])
    e = fibonacci.explain(10**15)
    assert (e.checked, e.parallel, e.chosen_cost) == (True, False, "O(log n)")


def test_segment_sum_on_wrapping_integers_is_refused_with_a_counterexample() -> None:
    f = hp.jit(segment_reset, overflow="wrap")
    xs = np.array([3, -5, 4], dtype=np.int32)
    e = f.explain(xs, 0)
    assert (e.theorem, e.checked, e.parallel, e.chosen_cost) == (None, False, False, "O(n)")
    refusal = next(r for r in e.refusals if r.counterexample)
    assert "max(c + a, c + b)" in refusal.law
    values = dict(part.split(" = ") for part in refusal.counterexample.partition(":")[0].split(", "))
    a, b, c = (int(values[n]) for n in "abc")
    assert wrapped(c + max(a, b)) != max(wrapped(c + a), wrapped(c + b))
    assert f(xs, 0) == 4
    assert f(np.array([MAX, MAX], dtype=np.int64), 0) == MAX  # h wraps to -2, then restarts at 0


def test_strict_float_sums_stay_sequential() -> None:
    f = hp.jit(total)
    xs = np.random.default_rng(5).random(10_000)
    e = f.explain(xs, 0.0)
    assert (e.theorem, e.parallel) == (None, False)
    assert any("rounds" in r.reason for r in e.refusals)
    s = 0.0
    for x in xs.tolist():
        s += x
    assert f(xs, 0.0) == s


def test_regrouped_float_sums_are_parallel_and_close() -> None:
    import math

    f = hp.jit(total, fp="reassoc")
    xs = np.random.default_rng(5).random(100_000)
    e = f.explain(xs, 0.0)
    assert (e.checked, e.parallel) == (True, True)
    assert abs(f(xs, 0.0) - math.fsum(xs)) < 1e-8
    special = np.array([1.0, np.inf, 1.0])
    assert f(special, 0.0) == np.inf
    assert np.isnan(f(np.array([np.inf, -np.inf]), 0.0))
    assert f(np.array([1e308, 1e308, -1e308, -1e308]), 0.0) == np.inf  # as the plain loop: inf, then inf - 1e308
