"""Loops that write arrays beside their counter, count down, or are told apart by a bound, against plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

LOOPS = {
    "prefixes": """import numpy as np

def f(xs):
    out = np.zeros(len(xs) + 1, dtype=np.int64)
    for i in range(len(xs)):
        out[i + 1] = out[i] + xs[i]
    return out
""",
    "best_endings": """import numpy as np

def f(xs):
    n = len(xs)
    best = np.zeros(n, dtype=np.int64)
    if n > 0:
        best[0] = xs[0]
    for i in range(1, n):
        best[i] = max(best[i - 1] + xs[i], xs[i])
    return best
""",
    "suffixes": """import numpy as np

def f(xs):
    n = len(xs)
    out = np.zeros(n + 1, dtype=np.int64)
    for i in range(n - 1, -1, -1):
        out[i] = out[i + 1] + xs[i] * i
    return out
""",
    "down_to_two": """import numpy as np

def f(xs):
    out = np.zeros_like(xs)
    for i in reversed(range(2, len(xs) - 1)):
        if xs[i] > 0:
            out[i] = xs[i - 2] - xs[i + 1] + i
    return out
""",
    "inner": """import numpy as np

def f(xs):
    n = len(xs)
    out = np.zeros(n, dtype=np.float64)
    for i in range(1, n - 1):
        out[i] = (xs[i - 1] + xs[i] + xs[i + 1]) / 4
    return out
""",
    "last_eight": """import numpy as np

def f(xs):
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        if i >= 8:
            s -= xs[i - 8]
        out[i] = s
    return out
""",
    "shifted_twice": """import numpy as np

def f(xs):
    a = np.zeros(len(xs) + 1, dtype=np.int64)
    for _ in range(2):
        for i in range(len(xs)):
            a[i + 1] = a[i] + xs[i]
        for i in range(len(xs) - 1, -1, -1):
            a[i] = a[i + 1] - 1
    return a
""",
    "numbered by hand": """import numpy as np

def f(xs):
    out = np.zeros(len(xs), dtype=np.int64)
    k = 0
    s = 0
    for x in xs:
        s += x
        if s > 0:
            out[k] = s
        k += 1
    return out
""",
    "numbered for longer": """import numpy as np

def f(xs):
    out = np.zeros(len(xs) + 1, dtype=np.int64)
    k = 1
    for x, y in zip(xs, xs[::-1]):
        out[k] = x - y
        k += 1
    out[0] = k
    return out
""",
    "in place": """import numpy as np

def f(xs):
    a = xs.copy()
    for i in range(1, len(a)):
        a[i] += a[i - 1]
    b = np.copy(a)
    for i in range(len(b)):
        b[i] = a[i] - xs[i]
    return a, b, xs.copy()
""",
    "too far back": """import numpy as np

def f(xs):
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(2, len(xs)):
        out[i] = out[i - 2] + xs[i]
    return out
""",
}


@pytest.mark.parametrize("loop", LOOPS)
def test_they_give_what_python_gives(harness: Any, loop: str) -> None:
    source = np.random.default_rng(1)
    cases = [(source.integers(-9, 9, n),) for n in (0, 1, 2, 3, 4, 8, 9, 21)]
    harness.agree(LOOPS[loop], *cases, (np.array([2**63 - 1, 1, -5]),), (np.array([0, -(2**63), -1]),))


WINDOWS = {
    "window_sums": """import numpy as np

def f(xs, w):
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        if i >= w:
            s -= xs[i - w]
        out[i] = s
    return out
""",
    "lagged": """import numpy as np

def f(xs, k):
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(k, len(xs)):
        out[i] = xs[i] - xs[i - k]
    return out
""",
    "best_window": """import numpy as np

def f(xs, w):
    s = 0
    for i in range(w):
        s += xs[i]
    best = s
    for i in range(w, len(xs)):
        s += xs[i] - xs[i - w]
        best = max(best, s)
    return best
""",
}


@pytest.mark.parametrize("loop", WINDOWS)
@pytest.mark.parametrize("n", [0, 1, 5, 9])
def test_windows_of_any_width(harness: Any, loop: str, n: int) -> None:
    xs = np.random.default_rng(n).integers(-9, 9, n)
    harness.agree(WINDOWS[loop], *((xs, w) for w in (0, 1, 2, 5, 9, 10, -1, -4)))


SUMS_OF_TWO = """import numpy as np

def f(xs, ys, n):
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(1, n):
        out[i] = xs[i] + ys[i - 1]
    return out
"""


@pytest.mark.parametrize(("n", "x", "y"), [(4, 4, 3), (3, 4, 4), (5, 4, 4), (4, 4, 2), (-(2**63), 2, 2), (9, 3, 3)])
def test_an_index_beyond_an_array(harness: Any, n: int, x: int, y: int) -> None:
    harness.agree(SUMS_OF_TWO, (np.arange(x), np.arange(y), n))


def test_they_number_their_turns(harness: Any) -> None:
    for loop in ("prefixes", "best_endings", "suffixes", "inner"):
        program = harness.lower(LOOPS[loop], np.zeros(3, dtype=np.int64))
        constants = {e.result.name: e.attribute("value") for e in program.main.equations if e.op == "const"}
        loops = [e for e in program.main.equations if e.op == "for"]
        assert [constants.get(e.operands[0].name) for e in loops] == [0]
