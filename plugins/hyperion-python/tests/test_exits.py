"""Loops that are left early: break, continue, else, and return inside a loop."""

# ruff: noqa: E501  a program is one line

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

MIN, MAX = -(2**63), 2**63 - 1

LOOPS = {
    "first": "for x in xs:\n        if x > t:\n            return x\n    return -1",
    "position": "for i, x in enumerate(xs):\n        if x == t:\n            return i\n    return len(xs)",
    "position by index": "for i in range(len(xs)):\n        if xs[i] == t:\n            return i\n    return -1",
    "from behind": "for i in range(len(xs) - 1, -1, -1):\n        if xs[i] == t:\n            return i\n    return -1",
    "any": "for x in xs:\n        if x == t:\n            return True\n    return False",
    "sorted": "for i in range(1, len(xs)):\n        if xs[i] < xs[i - 1]:\n            return False\n    return True",
    "two values": "s = 0\n    for x in xs:\n        s += x\n        if s > t:\n            return s, x\n        if x == 4:\n            return x, s\n    return s, 0",
    "swapped": "a = b = 1\n    for x in xs:\n        a, b = b, a + b\n        if x > t:\n            return b, a\n    return a, b",
    "kept": "s = 0\n    for x in xs:\n        s += x\n        if s > t:\n            return s\n    return -s",
    "floats": "for x in xs:\n        if x > t:\n            return x * 0.5\n        if x == 3:\n            return 0.0\n    return 1.5",
    "bools": "for x in xs:\n        if x > t:\n            return x > 2\n        if x < 0:\n            return True\n    return False",
    "truth of a step": "for x in xs:\n        if x < 0:\n            return x < t\n    return t > 0",
    "break": "s = 0\n    for x in xs:\n        if x < 0:\n            break\n        s += x\n    return s",
    "break last": "s = 0\n    for x in xs:\n        s += x\n        if s > t:\n            break\n    return s",
    "continue": "s = 0\n    for x in xs:\n        if x < t:\n            continue\n        s += x\n    return s",
    "continue deep": "s = 0\n    for x in xs:\n        if x > t:\n            if x % 2:\n                continue\n            s += 1\n        s += x\n    return s",
    "all kinds": "s = 0\n    for x in xs:\n        if x > t:\n            if x % 2:\n                continue\n            if x % 3 == 0:\n                break\n            if x % 5 == 0:\n                return s, x\n            s += 1\n        s += x\n    else:\n        s = -s\n    return s, 0",
    "both sides": "s = 0\n    for x in xs:\n        if x > t:\n            s += 1\n            continue\n        else:\n            s -= 1\n            break\n        s = 1000\n    return s",
    "else": "for x in xs:\n        if x == t:\n            break\n    else:\n        return -1\n    return x",
    "else without break": "s = 0\n    for x in xs:\n        s += x\n    else:\n        s += 1\n    return s",
    "else of a while": "i = 0\n    while i < len(xs):\n        if xs[i] == t:\n            break\n        i += 1\n    else:\n        i = -5\n    return i",
    "else that breaks": "s = 0\n    for x in xs:\n        for y in xs:\n            if y == x + t:\n                s += 1\n                break\n        else:\n            if x > 3:\n                break\n            continue\n        s += 10\n    return s",
    "last of a search": "i = 0\n    for i in range(len(xs)):\n        if xs[i] > t:\n            break\n    return i",
    "while true": "i = 0\n    while True:\n        if i >= len(xs):\n            return -1\n        y = xs[i] * 2\n        if y > t:\n            break\n        i += 1\n    return y + i",
    "while true returns": "n = abs(t) % 1000\n    k = 0\n    while True:\n        if n <= 1:\n            return k\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n        k += 1",
    "while one": "k = t\n    while 1:\n        k = k // 2\n        if k in (0, -1):\n            break\n    return k",
    "nested return": "for x in xs:\n        for y in xs:\n            if x + y == t:\n                return x, y\n    return 0, 0",
    "nested return and breaks": "s = 0\n    for x in xs:\n        if x < 0:\n            continue\n        for y in xs:\n            s += y\n            if y > x:\n                break\n            if s > 100:\n                return s\n        if s > t:\n            break\n        s += 1\n    return -s",
    "three deep": "c = 0\n    for x in xs:\n        for y in xs:\n            for z in xs:\n                c += 1\n                if x + y + z == t:\n                    return c, x - z\n                if z > y:\n                    break\n    return c, 0",
    "return below an if": "if t > 0:\n        for x in xs:\n            if x > t:\n                return x\n        t = -t\n    for x in xs:\n        if x == t:\n            return -x\n    return t",
    "two loops": "for x in xs:\n        if x == t:\n            return 1\n    for x in xs:\n        if x == -t:\n            return 2\n    return 3",
    "writes": "out = np.zeros(len(xs), dtype=np.int64)\n    k = 0\n    for x in xs:\n        if x == t:\n            break\n        if x < 0:\n            continue\n        out[k] = x\n        k += 1\n    return out, k",
    "returns the array": "out = np.zeros(len(xs), dtype=np.int64)\n    for i in range(len(xs)):\n        if xs[i] == t:\n            return out\n        out[i] = xs[i]\n    out[0] += 1\n    return out",
    "no trap after the exit": "s = 0\n    for x in xs:\n        if x == 0:\n            break\n        s += 12 // x\n        s = s * 3\n    return s",
    "no trap after the return": "for i in range(len(xs) + 3):\n        if xs[i] > t:\n            return 1 // (xs[i] - 3)\n    return 0",
    "dead code": "s = 0\n    for x in xs:\n        if x > t:\n            break\n            s = s // 0\n        s += x\n    return s",
    "first of a while": "i = 0\n    while i < len(xs) and xs[i] != t:\n        if xs[i] < 0:\n            return -1\n        i += 1\n    return i",
    "a turn is left at once": "for x in xs:\n        break\n    return t",
    "a return at once": "for x in xs:\n        return x\n    return t",
    "assigned unless left": "r = 0\n    for x in xs:\n        if x < 0:\n            d = -x\n        elif x <= t:\n            d = x + 1\n        else:\n            return -1\n        r = r * 2 + d\n    return r",
    "assigned in one branch that goes on": "r = 0\n    for x in xs:\n        if x > t:\n            if x % 2:\n                break\n            else:\n                d = x\n        else:\n            d = 1\n        r += d\n    return r",
    "a first turn": "s = 0\n    for i in range(len(xs)):\n        if i > 0 and xs[i] > xs[i - 1]:\n            s += 1\n        elif not i >= 1:\n            s += 100\n    return s",
    "a first turn or less": "s = t\n    for i in range(len(xs)):\n        if i == 0 or xs[i] < s:\n            s = xs[i]\n    return s",
    "before or zero": "s = 0\n    for i in range(len(xs)):\n        before = xs[i - 1] if 0 < i else t\n        if i != 0 or before > 0:\n            s += xs[i] - before\n    return s",
    "equal or kept": "run = best = 0\n    last = t\n    for x in xs:\n        if x == last:\n            run += 1\n        else:\n            run = 1\n            last = x\n        if last != x:\n            best = -1\n        best = max(best, run)\n    return best, last",
    "unequal or kept": "n = 0\n    last = t\n    for x in xs:\n        if last != x:\n            last = x\n            n += 1\n    return n, last",
    "two arrays of one size": "ys = np.zeros(len(xs), dtype=np.int64)\n    s = 0\n    for i in range(len(xs)):\n        ys[i] = xs[i] + t\n    for i in range(len(ys)):\n        s += min(ys[i], xs[i])\n    return s",
    "global": "for x in xs:\n        if x > t:\n            return LIMIT\n    return t",
}  # fmt: skip

ARRAYS = [
    [],
    [3],
    [5, 3],
    [0, 5],
    [3, -5, 4, 2, -1, 6, -7, 2],
    [2, 4, 6, 8, 15, 30],
    [MAX, 1, -1],
    [MIN, MIN],
    [7, 0, 3],
]


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS.keys())
def test_early_exits(harness: Any, text: str) -> None:
    program = f"import numpy as np\nLIMIT = 7\ndef f(xs, t):\n    {text}\n"
    harness.agree(program, *[(np.array(a, dtype=np.int64), t) for a in ARRAYS for t in (-5, 0, 3, 4, 8, MAX)])


def test_the_exit_is_a_state_that_absorbs(harness: Any) -> None:
    """The whole body stands under the first carried flag, and the loop stays a fold over the array."""
    text = "def f(xs, t):\n    s = 0\n    for i, x in enumerate(xs):\n        s += x\n        if x == t:\n            return s * i\n    return 0\n"
    (fold,) = [e for e in harness.lower(text, np.array([1]), 2).main.equations if e.op == "fold"]
    assert fold.operands[0].name == "xs"
    (region,) = fold.regions
    (choice,) = region.equations
    state = region.parameters[-len(region.results) :]
    assert choice.op == "if"
    assert choice.operands[0] in state
    assert choice.regions[0].equations == ()
    assert choice.regions[0].results == state
    assert choice.results == region.results


def test_a_value_that_the_loop_keeps_is_formed_after_it(harness: Any) -> None:
    text = "def f(xs, t):\n    for x in xs:\n        if x == t:\n            return True\n    return False\n"
    (fold,) = [e for e in harness.lower(text, np.array([1]), 2).main.equations if e.op == "fold"]
    assert [str(v.type) for v in fold.results] == ["bool"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint64, np.bool_])
def test_a_returned_element_keeps_its_type(harness: Any, dtype: type[np.generic]) -> None:
    text = "def f(xs):\n    for x in xs:\n        if x:\n            return x\n    return xs[0]\n"
    program = harness.lower(text, np.zeros(1, dtype=dtype))
    assert program.main.results[0].type == program.main.parameters[0].type.element
    assert harness.run(text, np.array([0, 1, 0], dtype=dtype)) == 1
    assert harness.run(text, np.array([0, 0], dtype=dtype)) == 0


REFUSED = [
    ("for x in xs:\n        if x:\n            return\n    return 1", "HY6110", "return"),
    ("for x in xs:\n        if x:\n            return 1, 2\n        return 3\n    return 1", "HY6110", "return 1, 2"),
    ("for x in xs:\n        if x:\n            return x\n    t = 1", "HY6110", "t = 1"),
    (
        "for x in xs:\n        if x:\n            return x\n        if t:\n            return 0.5\n    return 1",
        "HY6107",
        "for x in xs",
    ),
    ("for x in xs:\n        if x:\n            return x\n    return 0.5", "HY6107", "for x in xs"),
    (
        "for x in xs:\n        out = np.zeros(1)\n        if x:\n            return out\n    return xs",
        "HY6110",
        "return out",
    ),
    ("for x in xs:\n        if x:\n            break\n    return x", "HY6105", "x"),
    (
        "for x in xs:\n        if x < 0:\n            t += y\n            if x < -2:\n                continue\n"
        "            y = 4\n        else:\n            y = x\n        t += 1\n    return t",
        "HY6105",
        "y",
    ),
]


@pytest.mark.parametrize(("body", "code", "at"), REFUSED, ids=[b for b, _, _ in REFUSED])
def test_refusals(harness: Any, body: str, code: str, at: str) -> None:
    harness.refused(f"import numpy as np\ndef f(xs, t):\n    {body}\n", np.array([1]), 1, code=code, at=at)
