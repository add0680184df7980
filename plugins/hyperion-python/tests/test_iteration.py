"""What loops go over: slices, reversals, zip, enumerate and ranges, with Python's bounds and order of errors."""

# ruff: noqa: E501  a program is one line

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MIN, MAX = -(2**63), 2**63 - 1
SHORT = [np.array(a, dtype=np.int64) for a in ([], [3], [5, 3], [3, -5, 4, 2, -1, 6, -7, 2], [MAX, 1, -1], [MIN, MIN])]
HASH = "s = (s * 31 + x) % 1000003"

BOUNDS = ["", "0", "1", "2", "-1", "-2", "a", "b", "a - b", "-a", "a % 3", "len(xs)", "len(xs) - 1", "-len(xs)"]
STEPS = ["", ":1", ":2", ":3", ":-1", ":-2", ":7", ":-9"]
ENDS = [-(2**63), -9, -3, -1, 0, 1, 2, 5, 8, 9, 2**62, 2**63 - 1]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(BOUNDS),
    st.sampled_from(BOUNDS),
    st.sampled_from(STEPS),
    st.sampled_from(ENDS),
    st.sampled_from(ENDS),
)
def test_slices(harness: Any, low: str, high: str, step: str, a: int, b: int) -> None:
    text = f"def f(xs, a, b):\n    s = 7\n    for x in xs[{low}:{high}{step}]:\n        {HASH}\n    return s\n"
    harness.agree(text, *[(xs, a, b) for xs in SHORT[:4]])


ONE = {
    "reversed": "for x in reversed(xs):\n        BODY",
    "reversed slice": "for x in reversed(xs[1:]):\n        BODY",
    "slice of a slice": "for x in xs[1:][::2][:2]:\n        BODY",
    "named slice": "ys = xs[1:-1]\n    s = len(ys)\n    for x in ys:\n        BODY\n    x = ys[-1]\n    BODY",
    "reversed name": "ys = xs[::-1]\n    for i in range(len(ys)):\n        x = ys[i] - xs[i]\n        BODY",
    "differences": "for y, z in zip(xs, xs[1:]):\n        x = z - y\n        BODY",
    "neighbours": "for y, z in zip(xs[:-1], xs[1:]):\n        x = y < z\n        BODY",
    "three": "for y, z, w in zip(xs, xs[1:], xs[2:]):\n        x = y - z * 2 + w * 3\n        BODY",
    "one beside none": "for (x,) in zip(xs):\n        BODY",
    "both ends": "for y, z in zip(xs, reversed(xs)):\n        x = y - z\n        BODY",
    "numbered": "for i, x in enumerate(xs):\n        BODY\n        s += i",
    "numbered from": "for i, x in enumerate(xs, 3):\n        BODY\n        s += i * x",
    "numbered from below": "for i, x in enumerate(xs, start=-2):\n        BODY\n        s += i",
    "numbered at the end": "for i, x in enumerate(xs, 2**63 - 3):\n        s = i % 1000 + x",
    "numbered from a value": "t = len(xs) * 5\n    for i, x in enumerate(xs, t):\n        s = s + i * 3",
    "numbered from a large value": "t = MAX - 2\n    t = t + len(xs) % 2\n    for i, x in enumerate(xs, t):\n        s = i",
    "numbered backwards": "for i, x in enumerate(reversed(xs)):\n        BODY\n        s -= i",
    "numbered pairs": "for i, (y, z) in enumerate(zip(xs, xs[1:])):\n        x = y * 2 - z + i\n        BODY",
    "pairs of numbered": "for (i, x), y in zip(enumerate(xs), xs[1:]):\n        BODY\n        s += i - y % 7",
    "beside a range": "for i, x in zip(range(1, 4), xs):\n        BODY\n        s += i",
    "beside a short range": "for x, i in zip(xs, range(len(xs) - 2)):\n        BODY\n        s += i",
    "two ranges": "for i, x in zip(range(3, 9), range(len(xs))):\n        BODY\n        s += i",
    "numbered range": "for i, x in enumerate(range(5), 2):\n        BODY\n        s += i",
    "reversed range": "for x in reversed(range(len(xs))):\n        BODY",
    "reversed range from": "for x in reversed(range(2, len(xs))):\n        BODY",
    "reversed range from below": "for x in reversed(range(-3, 2 - len(xs))):\n        BODY",
    "reversed indices": "for i in reversed(range(len(xs))):\n        x = xs[i]\n        BODY",
    "reversed indices used": "for i in reversed(range(len(xs))):\n        x = xs[i] * 3 - i\n        BODY",
    "down": "for i in range(len(xs) - 1, -1, -1):\n        x = xs[i]\n        BODY",
    "down used": "n = len(xs)\n    for i in range(n - 1, -1, -1):\n        x = xs[i] + i\n        BODY",
    "down with a neighbour": "n = len(xs)\n    for i in range(n - 1, -1, -1):\n        x = xs[i] - xs[i - 1]\n        BODY",
    "down from a number": "for x in range(s - 1, -1, -1):\n        BODY",
    "up used": "for i in range(len(xs)):\n        x = xs[i] * 2 + i\n        BODY",
    "index after": "i = -1\n    for i in range(len(xs)):\n        x = xs[i]\n        BODY\n    s += i * 100",
    "index after an exit": "i = -1\n    for i in range(len(xs)):\n        if xs[i] < 0:\n            break\n        s += xs[i] % 5\n    s += i * 100",
    "index changed": "for i in range(len(xs)):\n        x = xs[i]\n        i = 0\n        x -= xs[i] % 9\n        BODY",
    "index of another": "ys = xs[::-1]\n    for i in range(len(xs)):\n        x = xs[i] % 9 + ys[i] % 7\n        BODY",
    "writes at the index": "out = np.zeros(len(xs), dtype=np.int64)\n    for i in range(len(xs)):\n        x = xs[i]\n        BODY\n        out[i] = s\n    for x in out[::-1]:\n        BODY",
    "strict": "for x, y in zip(xs, xs, strict=True):\n        BODY",
    "strict and unequal": "for x, y in zip(xs, xs[1:], strict=True):\n        s += x - y",
    "strict and left": "for x, y in zip(xs, xs[2:], strict=True):\n        s += x - y\n        if s > 3:\n            return s",
    "strict inside": "for i, (x, y) in enumerate(zip(xs, xs[2:], strict=True)):\n        s += x // y\n        if i == 1:\n            break",
    "sum at a distance": "for i in range(2, len(xs)):\n        x = xs[i] - xs[i - 2]\n        BODY",
    "membership": "for x in xs:\n        if x in (2, 3, -1):\n            s += 1\n        elif x not in (5, s, -7):\n            s -= x % 3",
}  # fmt: skip


@pytest.mark.parametrize("loop", ONE.values(), ids=ONE.keys())
def test_iterables(harness: Any, loop: str) -> None:
    text = (
        f"import numpy as np\nMAX = 2**63 - 1\ndef f(xs):\n    s = 7\n    {loop.replace('BODY', HASH)}\n    return s\n"
    )
    harness.agree(text, *[(xs,) for xs in SHORT])


TWO = {
    "dot": "for x, y in zip(xs, ys):\n        s += x * y",
    "three": "for x, y, z in zip(xs, ys, xs[1:]):\n        s = s * 3 + x - y + z",
    "numbered": "for i, (x, y) in enumerate(zip(xs, ys), 1):\n        s += i * (x % 10) - y % 10",
    "reversed": "for x, y in zip(xs, reversed(ys)):\n        s = (s * 31 + x - y) % 10007",
    "strict": "for x, y in zip(xs, ys, strict=True):\n        s += x // y",
    "exit": "for x, y in zip(xs, ys):\n        if x == y:\n            return s\n        s += 1",
    "exit strict": "for x, y in zip(xs, ys, strict=True):\n        if x == y:\n            return s\n        s += 1",
    "membership": "for x in xs:\n        for y in ys:\n            if x == y:\n                s += 1\n                break",
}  # fmt: skip


@pytest.mark.parametrize("loop", TWO.values(), ids=TWO.keys())
def test_two_arrays(harness: Any, loop: str) -> None:
    text = f"def f(xs, ys):\n    s = 0\n    {loop}\n    return s\n"
    harness.agree(text, *[(xs, ys) for xs in SHORT for ys in SHORT])


@pytest.mark.parametrize(
    "head", ["x, y in zip(xs, ys)", "i, x in enumerate(xs, 4)", "x, y in zip(xs, xs[1:])", "i in range(len(xs))"]
)
def test_a_loop_over_arrays_is_one_fold(harness: Any, head: str) -> None:
    body = "s += xs[i] * i" if head.startswith("i in") else "s += x"
    program = harness.lower(
        f"def f(xs, ys):\n    s = 0\n    for {head}:\n        {body}\n    return s\n", SHORT[2], SHORT[3]
    )
    (fold,) = [e for e in program.main.equations if e.op in ("fold", "for")]
    assert fold.op == "fold"
    assert fold.attribute("arrays") == 2
    assert [v.name for v in fold.results] == ["s.2"]


def test_the_whole_array_is_no_slice(harness: Any) -> None:
    program = harness.lower("def f(xs):\n    s = 0\n    for x in xs[:]:\n        s += x\n    return s\n", SHORT[2])
    assert not [e for e in program.main.equations if e.op == "slice"]
