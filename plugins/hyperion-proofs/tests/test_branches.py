"""Loops in branches, most of all behind an early return: parallel in their place, and equal to plain Python."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any  # Any: plain functions over lists of numbers

import numpy as np
import pytest

import hyperion as hp


def spread(xs: Any, mode: int) -> int:
    if len(xs) == 0:
        return 0
    if xs[0] < 0:
        return -1
    low = high = xs[0]
    for x in xs:
        low = min(low, x)
        high = max(high, x)
    return high - low


def by_mode(xs: Any, mode: int) -> int:
    s = 0
    if mode == 0:
        for x in xs:
            s += x
    elif mode == 1:
        for x in xs:
            s = max(s, x)
    for x in xs:
        s += x < 0
    return s


def place_if_wanted(xs: Any, mode: int) -> int:
    if mode > 0:
        for i in range(len(xs)):
            if xs[i] == mode:
                return i
    return -1


@pytest.mark.parametrize("loop", [spread, by_mode, place_if_wanted], ids=lambda f: f.__name__)
def test_a_loop_in_a_branch_is_parallel(loop: Callable[..., Any], instance: hp.Instance) -> None:
    compiled = hp.jit(loop, instance=instance)
    random = Random(loop.__name__)
    for size in (0, 1, 2, 3, 7, 13, 48):
        for mode in (0, 1, 2):
            values = [random.randint(-1 if mode else 1, 4) for _ in range(size)]
            assert compiled(np.array(values, dtype=np.int64), mode) == loop(values, mode), values
    found = compiled.explain(np.zeros(7, dtype=np.int64), 1)
    assert found.checked, found.refusals
    assert found.parallel


def test_a_guard_in_a_branch_is_that_of_the_branch(instance: hp.Instance) -> None:
    compiled = hp.jit(by_mode, instance=instance)
    large = np.array([2**63 - 1, 1, -1], dtype=np.int64)
    with pytest.raises(OverflowError):
        compiled(large, 0)
    assert compiled(large[::2].copy(), 0) == 2**63 - 1
    assert compiled(large[:2].copy(), 1) == 2**63 - 1


def test_a_scan_in_a_branch(instance: hp.Instance) -> None:
    def totals(xs: Any, wanted: bool) -> Any:
        out = np.zeros(len(xs), dtype=np.int64)
        if wanted:
            s = 0
            for i in range(len(xs)):
                s += xs[i]
                out[i] = s
        return out

    compiled = hp.jit(totals, instance=instance)
    xs = np.arange(-20, 30)
    assert compiled(xs, True).tolist() == np.cumsum(xs).tolist()
    assert compiled(xs, False).tolist() == [0] * 50
    assert compiled.explain(xs, True).parallel


def test_reals_in_a_branch(instance: hp.Instance) -> None:
    def mean(xs: Any) -> float:
        if len(xs) == 0:
            return 0.0
        s = 0.0
        for x in xs:
            s += x
        return s / len(xs)

    compiled = hp.jit(mean, fp="reassoc", instance=instance)
    assert compiled.explain(np.ones(9)).parallel
    assert compiled(np.zeros(0)) == 0.0
    assert compiled(np.array([1e308, 1e308, -1e308])) == mean([1e308, 1e308, -1e308])
    assert compiled(np.arange(50.0)) == 24.5


def test_a_loop_in_a_loop_is_still_refused(instance: hp.Instance) -> None:
    def again(xs: Any, times: int) -> int:
        s = 0
        if times > 0:
            for _ in range(times):
                for x in xs:
                    s = (s * 3 + x) % 7 if s > x else s + 1
        return s

    found = hp.jit(again, instance=instance).explain(np.arange(9), 3)
    assert not found.parallel
    assert "the loop is inside another loop" in str(found)
