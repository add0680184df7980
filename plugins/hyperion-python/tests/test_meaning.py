"""Each construct means what the plain function means on Python ints and floats, edge values included."""

# ruff: noqa: E501  a program is one line

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

MIN, MAX = -(2**63), 2**63 - 1
INTS = [MIN, MIN + 1, -(2**32), -7, -2, -1, 0, 1, 2, 3, 7, 31, 2**31, 2**62, MAX - 1, MAX]
FLOATS = [
    float("-inf"),
    -1e308,
    -2.5,
    -1.0,
    -0.0,
    0.0,
    5e-324,
    0.1,
    1.0,
    2.0,
    2.0**53,
    1e308,
    float("inf"),
    float("nan"),
]


def pairs(values: list[Any]) -> list[tuple[Any, Any]]:
    return [(a, b) for a in values for b in values]


@pytest.mark.parametrize("op", ["+", "-", "*", "//", "%", "&", "|", "^", "<", "<=", "==", "!=", ">", ">="])
def test_two_ints(harness: Any, op: str) -> None:
    harness.agree(f"def f(a, b): return a {op} b", *pairs(INTS))


@pytest.mark.parametrize("op", ["+", "-", "*", "/", "<", "<=", "==", "!=", ">", ">="])
def test_two_floats(harness: Any, op: str) -> None:
    harness.agree(f"def f(a, b): return a {op} b", *pairs(FLOATS))


@pytest.mark.parametrize("op", ["+", "-", "*", "/"])
def test_an_int_and_a_float(harness: Any, op: str) -> None:
    cases = [(a, b) for a in INTS for b in FLOATS]
    harness.agree(f"def f(a, b): return a {op} b", *cases)
    harness.agree(f"def f(b, a): return a {op} b", *[(b, a) for a, b in cases])


@pytest.mark.parametrize("op", ["<", "<=", "==", "!=", ">", ">="])
def test_an_int_and_a_float_compare_exactly(harness: Any, op: str) -> None:
    small = [i for i in INTS if float(i) == i and i != MAX]
    harness.agree(f"def f(a, b): return a {op} b", *[(a, b) for a in small for b in FLOATS])


def test_comparing_an_int_that_is_no_float_traps(harness: Any) -> None:
    with pytest.raises(Exception, match="HY51"):
        harness.run("def f(a, b): return a == b", 2**53 + 1, 1.0)


@pytest.mark.parametrize("op", ["<<", ">>"])
def test_shifts(harness: Any, op: str) -> None:
    harness.agree(f"def f(a, b): return a {op} b", *[(a, b) for a in INTS for b in (-1, 0, 1, 5, 62, 63, 64, 200)])


def test_true_division_of_ints(harness: Any) -> None:
    harness.agree("def f(a, b): return a / b", *pairs([i for i in INTS if abs(i) < 2**53]))


@pytest.mark.parametrize("expression", ["-a", "+a", "~a", "abs(a)", "a ** 2", "a ** 3", "a ** 7", "a ** 0", "a ** 63"])
def test_one_int(harness: Any, expression: str) -> None:
    harness.agree(
        f"def f(a): return {expression}", *[(a,) for a in [*INTS, -8, -(2**21), 2**21, 3037000499, 3037000500]]
    )


@pytest.mark.parametrize("expression", ["-a", "+a", "abs(a)", "int(a)", "bool(a)", "not a", "math.sqrt(a)", "float(a)"])
def test_one_float(harness: Any, expression: str) -> None:
    harness.agree(f"import math\ndef f(a): return {expression}", *[(a,) for a in [*FLOATS, 1e18, -1e18, 2.0**63]])


@pytest.mark.parametrize("expression", ["float(a)", "bool(a)", "not a", "math.sqrt(a)", "int(a)"])
def test_conversions_of_an_int(harness: Any, expression: str) -> None:
    harness.agree(f"import math\ndef f(a): return {expression}", *[(a,) for a in INTS])


@pytest.mark.parametrize(
    "expression",
    ["a + b", "a * b", "a - b", "a & b", "a | b", "a ^ b", "-a", "+a", "a < b", "a == b", "a and b", "a or b", "not a",
     "a + 1", "a * 2.5", "max(a, b)", "min(a, b)", "abs(a)", "int(a)", "float(b)", "a // (b + 1)", "a << 3"],
)  # fmt: skip
def test_bools(harness: Any, expression: str) -> None:
    harness.agree(f"def f(a, b): return {expression}", *pairs([False, True]))


@pytest.mark.parametrize("expression", ["max(a, b)", "min(a, b)", "max(a, b, 3.0)", "min(1.0, b, a)", "max(a, -0.0)"])
def test_extrema_keep_the_order_of_arguments(harness: Any, expression: str) -> None:
    harness.agree(f"def f(a, b): return {expression}", *pairs(FLOATS))


def test_extrema_of_ints(harness: Any) -> None:
    harness.agree("def f(a, b): return max(a, b, 5), min(a, 3, b), max(a, a)", *pairs(INTS))


@pytest.mark.parametrize(
    "expression",
    ["a < b < 5", "0 <= a < b", "a == b == 0", "a and b", "a or b", "b and 10 // b", "b == 0 or a // b > 1",
     "b != 0 and a % b == 0", "a if a > b else b", "a // b if b else 0", "not (a and b)", "(a or b) and 3",
     "a > 0 and b > 0 and a > b", "a > 0 or b > 0 or a > b", "a and not b or a > b or 1 // a == 1"],
)  # fmt: skip
def test_lazy_operators(harness: Any, expression: str) -> None:
    if "or a > b or 1" in expression:
        expression = expression.replace("a and", "a != 0 and")
    harness.agree(f"def f(a, b): return {expression}", *pairs([-3, -1, 0, 1, 2, 7]))


@pytest.mark.parametrize(
    "expression",
    [
        "(a * b) % 1000003",
        "(a * b + c) % c",
        "(a - b) % 7",
        "(-(a * b)) % 11",
        "(a * b % c + a) % c",
        "(a ** 2 + b) % 97",
    ],
)
def test_what_is_reduced_at_once_is_formed_exactly(harness: Any, expression: str) -> None:
    cases = [(a, b, c) for a, b in pairs(INTS[::2]) for c in (-5, 0, 1, 7, MAX)]
    if "**" in expression:
        cases = [(a, b, c) for a, b, c in cases if abs(a) < 2**31]
    harness.agree(f"def f(a, b, c): return {expression}", *cases)


def test_a_remainder_in_two_statements_overflows(harness: Any) -> None:
    harness.agree("def f(a, b):\n    c = a * b\n    return c % 7", *pairs(INTS))


STATEMENTS = {
    "swap": "def f(a, b):\n    a, b = b, a\n    (a, b), c = (b, a), a\n    return a, b, c",
    "chained": "def f(a, b):\n    x = y = a - b\n    x += 1\n    return x, y",
    "augmented": "def f(a, b):\n    a += b\n    a -= 3\n    a *= 2\n    a //= 3\n    a ^= b\n    a |= 1\n    a &= 255\n    a <<= 2\n    a >>= 1\n    a %= 7\n    return a",
    "branches": "def f(a, b):\n    if a > b:\n        c = a - b\n    elif a == b:\n        c = 0\n    else:\n        c = b // a\n    return c",
    "early": "def f(a, b):\n    if a < 0:\n        return -1\n    if b < 0:\n        if a == 1:\n            return 5\n        a = a + 1\n    else:\n        return a * b\n    return a - b",
    "nested": "def f(a, b):\n    s = 0\n    if a > 0:\n        t = 1\n        if b > 0:\n            t = 2\n            s = 3\n        s += t\n    return s",
    "while": "def f(a, b):\n    a, b = abs(a), abs(b)\n    while b:\n        a, b = b, a % b\n    return a",
    "constants": "K = 10**9 + 7\nE = 0.5\nY = True\ndef f(a, b):\n    '''doc'''\n    pass\n    if Y:\n        a %= K\n    return a * 2 + (1 << 4), E * 2",
    "annotated": "def f(a: int, b: int) -> int:\n    c: int = a\n    d: int\n    d = b\n    return c & d",
    "helper": "def g(x, y):\n    return x - y, x // y\ndef f(a, b):\n    u, v = g(a, b)\n    return u * v",
    "default": "def g(x, y=3, z=0.5): return x * y, z\ndef f(a, b):\n    u, z = g(a)\n    v, _ = g(b, 2)\n    return u - v, z",
    "dead trap": "def f(a, b):\n    a // b\n    return a",
    "literal overflow": "def f(a, b):\n    x = 2**62\n    y = x * 2\n    return y",
    "signs of zero": "def f(a, b):\n    if a > b:\n        z = 0.0\n    else:\n        z = -0.0\n    return z",
    "one and true": "def f(a, b):\n    x = 1 if a > b else 0\n    y = True if a > b else False\n    return x, y",
}  # fmt: skip


@pytest.mark.parametrize("text", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_statements(harness: Any, text: str) -> None:
    harness.agree(text, *pairs([MIN, -17, -1, 0, 1, 2, 12, 18, MAX]))


LOOPS = {
    "sum": "def f(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s",
    "indexed": "def f(xs):\n    s = 0\n    for i in range(len(xs)):\n        s = s * 3 + xs[i]\n    return s",
    "length once": "def f(xs):\n    n = xs.shape[0]\n    s = 1\n    for i in range(n):\n        if xs[i] > 0:\n            s += xs[i] - 2\n    return s, n",
    "index used": "def f(xs):\n    s = 0\n    for i in range(len(xs)):\n        s += i * xs[i]\n    return s",
    "pairs": "def f(xs):\n    s = 0\n    for i in range(1, xs.size):\n        s = max(s, xs[i] - xs[i - 1])\n    return s",
    "backwards": "def f(xs):\n    s = 0\n    for i in range(len(xs) - 1, -1, -1):\n        s = s * 2 + xs[i] - xs[-1]\n    return s",
    "negative": "def f(xs):\n    s = 0\n    for i in range(-3, 3):\n        s += xs[i]\n    return s",
    "last": "def f(xs):\n    last = -1\n    for x in xs:\n        last = x\n    return last",
    "target kept": "def f(xs):\n    x = 7\n    for x in xs:\n        x += 1\n    return x",
    "enumerate": "def f(xs):\n    s = 0\n    for i, x in enumerate(xs, 5):\n        s += i * x\n    return s",
    "zip": "def f(xs):\n    s = 0\n    for x, y in zip(xs, xs):\n        s += x * y\n    return s",
    "zip short": "def f(xs):\n    ys = np.zeros(2, dtype=np.int64)\n    s = 0\n    for x, y in zip(xs, ys):\n        s += x - y\n    return s",
    "nested": "def f(xs):\n    s = 0\n    for x in xs:\n        t = 0\n        for y in xs:\n            if y < x:\n                t += 1\n        s = max(s, t)\n    return s",
    "kadane": "def f(xs):\n    h = b = 0\n    for x in xs:\n        h = max(h + x, 0)\n        b = max(b, h)\n    return b",
    "kadane if": "def f(xs):\n    h = 0\n    b = 0\n    for x in xs:\n        h += x\n        if h < 0:\n            h = 0\n        if h > b:\n            b = h\n    return b",
    "drop": "def f(xs):\n    peak = xs[0]\n    worst = 0\n    for x in xs:\n        peak = max(peak, x)\n        worst = max(worst, peak - x)\n    return worst",
    "hash": "def f(xs):\n    h = 0\n    for x in xs:\n        h = (h * 31 + x) % 1000000007\n    return h",
    "prefix sums": "def f(xs):\n    out = np.empty(len(xs), dtype=np.int64)\n    s = 0\n    for i in range(len(xs)):\n        s += xs[i]\n        out[i] = s\n    return out",
    "writes": "def f(xs):\n    out = np.zeros(len(xs), dtype=np.int64)\n    ys = out\n    for i in range(len(xs)):\n        out[i] = xs[i]\n        ys[-1] += 1\n        out[i], out[0] = out[0], out[i]\n    return ys",
    "counts": "def f(xs):\n    c = np.zeros(3, dtype=np.int64)\n    for x in xs:\n        c[x % 3] += 1\n    return c, c[0] * 100 + c[1]",
    "write in if": "def f(xs):\n    c = np.zeros(len(xs))\n    i = 0\n    while i < len(xs):\n        if xs[i] > 0:\n            c[i] = 1.0\n        else:\n            c[i] = xs[i] * 0.5\n        i += 1\n    return c",
    "bool array": "def f(xs):\n    c = np.zeros(len(xs), dtype=bool)\n    n = 0\n    for i in range(len(xs)):\n        c[i] = xs[i] > 1\n    for v in c:\n        n += v\n    return n, c",
    "scratch": "def f(xs):\n    s = 0\n    for x in xs:\n        t = np.zeros(2, dtype=np.int64)\n        t[0] = x\n        t[1] = t[0] - s\n        s = t[1]\n    return s",
    "power": "def f(xs):\n    r = 1\n    for _ in range(len(xs)):\n        r *= 3\n    return r",
    "search": "def f(xs):\n    i = 0\n    found = False\n    while i < len(xs) and not found:\n        if xs[i] == 3:\n            found = True\n        else:\n            i += 1\n    return i if found else -1",
    "loop lowered again": "def f(xs):\n    ys = np.zeros(4, dtype=np.int64)\n    for x in xs:\n        for y in xs:\n            ys[y % 4] = y + x\n    return ys",
    "outside": "def f(xs):\n    return xs[len(xs)]",
    "first": "def f(xs):\n    return xs[-1] - xs[0]",
    "negative size": "def f(xs):\n    out = np.zeros(len(xs) - 2)\n    return out",
    "bool flag": "def f(xs):\n    up = True\n    for i in range(1, len(xs)):\n        up = up and xs[i] >= xs[i - 1]\n    return up",
    "step": "def f(xs):\n    s = 0\n    for i in range(0, len(xs), len(xs) - 3):\n        s += xs[i]\n    return s",
}  # fmt: skip

ARRAYS = [
    np.array([], dtype=np.int64), np.array([3], dtype=np.int8), np.array([5, 3], dtype=np.int16),
    np.array([3, -5, 4, 2, -1, 6, -7, 2], dtype=np.int32), np.array([MAX, 1, -1], dtype=np.int64),
    np.array([MIN, MIN], dtype=np.int64), np.array([1, 200, 255], dtype=np.uint8), np.array([7, 0, 3], dtype=np.uint32),
]  # fmt: skip


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS.keys())
def test_loops(harness: Any, text: str) -> None:
    harness.agree(f"import numpy as np\n{text}", *[(a,) for a in ARRAYS])


FLOAT_LOOPS = {
    "sum": "def f(xs):\n    s = 0.0\n    for x in xs:\n        s += x\n    return s",
    "max": "def f(xs):\n    m = -1e300\n    for x in xs:\n        m = max(m, x)\n    return m",
    "min": "def f(xs):\n    m = xs[0]\n    for x in xs:\n        m = min(x, m)\n    return m",
    "mean": "def f(xs):\n    s = 0.0\n    for x in xs:\n        s += x\n    return s / len(xs)",
    "count": "def f(xs):\n    n = 0\n    for x in xs:\n        if x != x or x > 0.5:\n            n += 1\n    return n",
    "scaled": "def f(xs):\n    out = np.empty_like(xs)\n    for i in range(len(xs)):\n        out[i] = xs[i] * 2 + 0.1\n    return out",
}  # fmt: skip


@pytest.mark.parametrize("text", FLOAT_LOOPS.values(), ids=FLOAT_LOOPS.keys())
def test_float_loops(harness: Any, text: str) -> None:
    cases = [np.array(v, dtype=np.float64) for v in ([], [1.5], [-0.0, 0.0], [0.1, 0.2, 0.3], FLOATS)]
    harness.agree(f"import numpy as np\n{text}", *[(a,) for a in cases])


NARROW = ["sum", "max", "min", "scaled"]


@pytest.mark.parametrize("name", NARROW)
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_narrow_floats_stay_narrow(harness: Any, name: str, dtype: type[np.floating[Any]]) -> None:
    text = f"import numpy as np\n{FLOAT_LOOPS[name]}".replace("-1e300", "-60000.0")
    names: dict[str, Any] = {}
    exec(text, names)
    xs = np.array([0.1, 0.7, -3.3, 1.1, 5.5], dtype=dtype)
    got, wanted = harness.run(text, xs), names["f"](xs)
    assert (got == wanted.tolist()) if isinstance(wanted, np.ndarray) else (got == float(wanted))


def test_unsigned_64_bits(harness: Any) -> None:
    text = "def f(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s"
    assert harness.run(text, np.array([2**63, 5], dtype=np.uint64)) == 2**63 + 5
    with pytest.raises(OverflowError):
        harness.run(text, np.array([2**63, 2**63], dtype=np.uint64))
    nested = (
        "def f(xs, n):\n    s = 0\n    for i in range(n):\n        for x in xs:\n            s += x * 2\n    return s"
    )
    assert harness.run(nested, np.array([2**62], dtype=np.uint64), 1) == 2**63
    best = "def f(xs):\n    b = 0\n    for x in xs:\n        if x > b:\n            b = x\n    return b"
    assert harness.run(best, np.array([5, 2**64 - 1], dtype=np.uint64)) == 2**64 - 1
    modular = "def f(xs):\n    h = 0\n    for x in xs:\n        h = (h * 31 + x) % 1000003\n    return h"
    assert harness.run(modular, np.array([2**64 - 1], dtype=np.uint64)) == (2**64 - 1) % 1000003
    mixed = "def f(xs, i):\n    return xs[0] > i, xs[0] == i, int(xs[0]) + i"
    assert harness.run(mixed, np.array([5], dtype=np.uint64), -1) == (True, False, 4)


@pytest.mark.parametrize(("mode", "wanted"), [("wrap", MIN), ("sat", MAX)])
def test_overflow_modes_act_at_64_bits(harness: Any, mode: str, wanted: int) -> None:
    text = "def f(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s"
    assert harness.run(text, np.array([MAX, 1]), overflow=mode) == wanted
    assert harness.run(text, np.array([100, 100], dtype=np.int8), overflow=mode) == 200


def test_stores_check_the_element_type(harness: Any) -> None:
    text = "import numpy as np\ndef f(n):\n    a = np.zeros(1, dtype=np.uint8)\n    a[0] = n\n    return a"
    assert harness.run(text, 255) == [255]
    with pytest.raises(OverflowError):
        harness.run(text, 256)


def test_an_index_outside_counts_before_an_element_that_does_not_fit(harness: Any) -> None:
    text = "import numpy as np\ndef f(i, x):\n    a = np.zeros(2, dtype=np.int8)\n    a[i] = x\n    return a"
    for i in (2, -3):
        with pytest.raises(IndexError):
            harness.run(text, i, 128)
    for i in (1, -2):
        with pytest.raises(OverflowError):
            harness.run(text, i, 128)


def test_constants_are_python_numbers_of_any_size(harness: Any) -> None:
    text = "BIG = 2**64 - 1\ndef f(a):\n    return a + 2**64 // 2**62, -(2**63), a == BIG, a < 2**100"
    assert harness.run(text, -1) == (3, MIN, False, True)


def test_reassociation_is_granted_on_each_equation(harness: Any) -> None:
    text = "def f(xs):\n    s = 0.0\n    for x in xs:\n        s += x * 2.0\n    return s"
    program = harness.lower(text, np.zeros(2), fp="reassoc")
    (fold,) = [e for e in program.main.equations if e.op == "fold"]
    assert [e.attribute("fp") for e in fold.regions[0].equations if e.op in ("add", "mul")] == ["reassoc", "reassoc"]
    strict = harness.lower(text, np.zeros(2))
    assert "reassoc" not in str(strict)


def test_every_equation_has_a_span(harness: Any) -> None:
    from hyperion.ir.function import walk

    for text in LOOPS.values():
        program = harness.lower(f"import numpy as np\n{text}", np.array([1, 2]))
        for function in program.functions.values():
            assert all(e.span is not None for e in walk(function.equations))


def test_arrays_from_helpers(harness: Any) -> None:
    text = (
        "import numpy as np\n"
        "def g(xs):\n    out = np.zeros(len(xs), dtype=np.int64)\n    out[0] = xs[1]\n    return out\n"
        "def f(xs):\n    ys = g(xs)\n    ys[1] = 9\n    zs = g(ys)\n    return ys, zs\n"
    )
    assert harness.run(text, np.array([1, 2])) == ([2, 9], [9, 0])
