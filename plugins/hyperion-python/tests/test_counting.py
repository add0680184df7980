"""While loops that count are for loops: every step, the last value of the counter, and every error are the same."""

# ruff: noqa: E501  a program is one line

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyperion.ir.function import walk

MIN, MAX = -(2**63), 2**63 - 1
SHORT = [np.array(a, dtype=np.int64) for a in ([], [3], [5, 3], [3, -5, 4, 2, -1, 6, -7, 2], [MAX, 1, -1], [MIN, MIN])]

COUNTING = {
    "sum": "i = 0\n    while i < len(xs):\n        s += xs[i]\n        i += 1\n    return s",
    "last value": "i = 0\n    while i < len(xs):\n        s += xs[i] % 7\n        i += 1\n    return s, i",
    "last value of no turn": "i = t\n    while i < len(xs):\n        s += i\n        i = i + 1\n    return s, i",
    "negative start": "i = -2\n    while i < len(xs) - 1:\n        s += xs[i] % 7\n        i += 1\n    return s * 10 + i",
    "down": "i = len(xs)\n    while i > 0:\n        i_ = i - 1\n        s = (s * 31 + xs[i_]) % 1000003\n        i -= 1\n    return s, i",
    "down to zero": "i = len(xs) - 1\n    while i >= 0:\n        s = (s * 31 + xs[i]) % 1000003\n        i -= 1\n    return s, i",
    "up to a constant": "i = t % 9\n    while i <= 9:\n        s += i\n        i += 1\n    return s, i",
    "up to the last": "n = len(xs)\n    i = 0\n    while i <= n - 1:\n        s = (s * 31 + xs[i]) % 1000003\n        i += 1\n    return s, i",
    "bound first": "i, n = 0, t % 6\n    while n > i:\n        s += i\n        i += 1\n    return s, i",
    "strided": "i = 1\n    while i < len(xs):\n        s = (s * 31 + xs[i]) % 1000003\n        i += 2\n    return s",
    "search": "i = 0\n    while i < len(xs) and xs[i] != t:\n        i += 1\n    return i",
    "search and more": "i = 0\n    while i < len(xs) and xs[i] != t and s < 9:\n        s += xs[i] % 3\n        i += 1\n    return s, i",
    "break": "i = 0\n    while i < len(xs):\n        if xs[i] == t:\n            break\n        s += 1\n        i += 1\n    return s, i",
    "break and else": "i = 0\n    while i < len(xs):\n        if xs[i] == t:\n            break\n        s += 1\n        i += 1\n    else:\n        i = -7\n    return s, i",
    "return": "i = 0\n    while i < len(xs):\n        if xs[i] == t:\n            return i, s\n        s += xs[i] % 5\n        i += 1\n    return s, i",
    "continue": "i = 0\n    while i < len(xs):\n        if xs[i] < t:\n            i += 1\n            continue\n        s += xs[i] % 5\n        i += 1\n    return s, i",
    "two": "i = 0\n    while i < len(xs):\n        j = 0\n        while j < i:\n            s += xs[j] < xs[i]\n            j += 1\n        i += 1\n    return s",
    "two from the outer": "i = 0\n    while i < len(xs):\n        j = i + 1\n        while j < len(xs):\n            if xs[j] < xs[i]:\n                s += j - i\n                break\n            j += 1\n        i += 1\n    return s, i",
    "returns deep": "i = 0\n    while i < len(xs):\n        j = i + 1\n        while j < len(xs):\n            if xs[j] + xs[i] == t:\n                return i, j\n            j += 1\n        i += 1\n    return -1, s",
}  # fmt: skip

NOT_COUNTING = {
    "step in the middle": "i = 0\n    while i < len(xs):\n        x = xs[i]\n        i += 1\n        s = (s * 31 + x - i) % 1000003\n    return s, i",
    "changed bound": "i, n = 0, len(xs)\n    while i < n:\n        if xs[i] < 0:\n            n -= 1\n        s += 1\n        i += 1\n    return s, i",
    "both ends": "i, j = 0, len(xs) - 1\n    while i < j:\n        s += xs[i] % 10 - xs[j] % 10\n        i += 1\n        j -= 1\n    return s, i, j",
    "another step": "i = 0\n    while i < len(xs):\n        if xs[i] > 3:\n            i += 2\n        s += 1\n        i += 1\n    return s, i",
    "steps that differ": "i = 0\n    while i < len(xs):\n        s += 1\n        if xs[i] > 3:\n            i += 2\n        else:\n            i += 1\n    return s, i",
    "overflow of the counter": "i = t\n    while i <= t:\n        s += 1\n        i += 1\n    return s, i",
    "overflow of a step": "i = MAX - 4\n    while i < MAX - len(xs) % 2:\n        s += 1\n        i += 3\n    return s, i",
    "float": "i, n = 0.0, 3.5\n    while i < n:\n        s += 1\n        i += 1\n    return s, i",
    "away from the bound": "i = 0\n    while i < 3:\n        s += 1\n        i -= 1\n        if i < -5:\n            break\n    return s, i",
    "condition first": "i = 0\n    while s < 9 and i < len(xs):\n        s += xs[i] % 5\n        i += 1\n    return s, i",
}  # fmt: skip


def program(text: str) -> str:
    return f"MAX = 2**63 - 1\ndef f(xs, t):\n    s = 0\n    {text}\n"


CASES = [(xs, t) for xs in SHORT for t in (-5, 0, 2, 4, 8, MAX - 1, MAX)]


@pytest.mark.parametrize("text", COUNTING.values(), ids=COUNTING.keys())
def test_loops_that_count(harness: Any, text: str) -> None:
    lowered = harness.lower(program(text), SHORT[0], 1)
    assert "while" not in {e.op for e in walk(lowered.main.equations)}
    harness.agree(program(text), *CASES)


@pytest.mark.parametrize("text", NOT_COUNTING.values(), ids=NOT_COUNTING.keys())
def test_loops_that_do_not(harness: Any, text: str) -> None:
    lowered = harness.lower(program(text), SHORT[0], 1)
    assert "while" in {e.op for e in walk(lowered.main.equations)}
    harness.agree(program(text), *CASES)


@pytest.mark.parametrize("mode", ["wrap", "sat"])
def test_other_overflow_modes(harness: Any, mode: str) -> None:
    text = "def f(a, b):\n    s = 0\n    while a < b:\n        s += a\n        a += 1\n    return s, a\n"
    assert harness.run(text, MAX - 3, MAX, overflow=mode)[1] == MAX
    assert harness.run(text, MAX, MIN, overflow=mode) == (0, MAX)


def test_a_sum_by_while_is_a_fold(harness: Any) -> None:
    lowered = harness.lower(program(COUNTING["sum"]), SHORT[0], 1)
    assert [e.op for e in lowered.main.equations if e.regions] == ["fold"]
