"""sum, min, max, any, all and `in` over arrays and generator expressions."""

# ruff: noqa: E501  a program is one line

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyperion.errors import HyperionError
from hyperion_python import reductions

MIN, MAX = -(2**63), 2**63 - 1
INTS = [
    np.array(a, dtype=np.int64)
    for a in ([], [3], [0], [5, 3], [0, 5, 0], [3, -5, 4, 2, -1, 6, -7, 2], [MAX, 1, -1], [MIN, MIN, 4])
]
FLOATS = [
    np.array(a)
    for a in (
        [1.5],
        [0.1, 0.2, 0.3],
        [-0.0, 0.0],
        [1e308, 1e308],
        [float("nan"), 1.0],
        [1.0, float("nan"), 7.0],
        [float("inf"), -1.0],
    )
]

OF_INTS = [
    "sum(xs)", "sum(xs, 5)", "sum(xs, start=t)", "sum(xs[1:])", "sum(reversed(xs))", "sum(range(t % 50))", "sum(x * x for x in xs)",
    "sum(1 for x in xs if x > t)", "sum(x > t for x in xs)", "sum(x for x in xs if x > t if x % 2)", "sum(i * x for i, x in enumerate(xs))",
    "sum(x * y for x, y in zip(xs, xs[1:]))", "sum(1 for x in xs for y in xs if x < y)", "sum(x < y for i, x in enumerate(xs) for y in xs[i:])",
    "sum(abs(x - t) for x in xs) + sum(xs)", "sum(sum(y for y in xs if y < x) for x in xs)", "sum(sum(x for x in xs if x < y) for y in xs)",
    "sum(xs[i] * i for i in range(len(xs)))", "sum(xs[i] - xs[i - 1] for i in range(1, len(xs)))", "sum(10 // x for x in xs)",
    "any(x == t for x in xs)", "any(xs)", "all(xs)", "all(x > t for x in xs)", "any(10 // x > t for x in xs)", "all(10 // x > t for x in xs)",
    "all(x <= y for x, y in zip(xs, xs[1:]))", "any(x + y == t for x in xs for y in xs)", "all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1))",
    "any(all(x >= y for y in xs) and x > t for x in xs)", "not any(x < 0 for x in xs)",
    "max(xs)", "min(xs)", "max(xs[1:])", "max(xs[::-1])", "max(xs, default=t)", "min(xs, default=-1)", "max(x * x for x in xs)", "min(abs(x - t) for x in xs)",
    "max(x for x in xs if x > t)", "max((x for x in xs if x < t), default=0)", "max((x - t for x in xs), default=10 // t)",
    "max(y - x for x, y in zip(xs, xs[1:]))", "max(xs[i] * i for i in range(len(xs)))", "max(10 // x for x in xs)", "max(xs) - min(xs)",
    "max(max(x, y) for x in xs for y in xs)", "max(max(x - y for y in xs) for x in xs)", "min(max(xs), t, sum(xs))",
    "t in xs", "t not in xs", "t in xs[1:]", "(t + 1 in xs) + (t in xs)", "t in (3, 4) or t in xs",
    "len(xs) and sum(xs) // len(xs)",
    "sum(sum(xs[i - 2:i + 1]) * i for i in range(-2, len(xs)))", "max(max(xs[i - 1:i + 2:1], default=t) for i in range(len(xs) + 2))",
    "sum(min(x // 2 for x in xs[i:i + 2]) for i in range(len(xs) + 1))", "sum(t in xs[i:i + 2] for i in range(len(xs)))",
    # variables with the names of what the frontend makes of such a call
    "any(done > t for done in xs)", "sum(sum for sum in xs)", "min((best for best in xs if best > 0), default=9)",
    "max(found for found in xs if found > t)", "sum(result + returned for result in xs for returned in xs)",
]  # fmt: skip


@pytest.mark.parametrize("expression", OF_INTS)
def test_of_ints(harness: Any, expression: str) -> None:
    harness.agree(f"def f(xs, t):\n    return {expression}\n", *[(xs, t) for xs in INTS for t in (-5, 0, 3, 4, MAX)])


SHADOWED = [
    "c = 0\nfor i in range(len(xs)):\n    if i >= w:\n        c += xs[i - w]\n    if any(i >= w for i in xs) and any(w < 5 for w in xs):\n        c += 100\nreturn c",
    "c = 0\nfor i in range(len(xs)):\n    if i >= w:\n        c += xs[i - w]\n    c += sum(x for i, x in enumerate(xs) if i < w)\nreturn c",
    "c = 0\nfor i in range(len(xs) - w):\n    c += xs[i + w] % 5 * sum(xs[i] % 5 * w for i in range(min(2, len(xs))) for w in range(i + 2))\nreturn c",
    "out = xs.copy()\nfor i in range(len(xs)):\n    out[i] = sum(xs[i] % 5 for i in range(min(w, len(xs))))\nreturn sum(out)",
    "c = 0\nfor x in xs:\n    c += sum(w * sum(w for w in range(w)) for w in range(x % 5)) + w\nreturn c",
]  # fmt: skip


@pytest.mark.parametrize("body", SHADOWED, ids=range(len(SHADOWED)))
def test_variables_named_as_what_the_loop_around_has(harness: Any, body: str) -> None:
    text = "def f(xs, w):\n    " + body.replace("\n", "\n    ") + "\n"
    harness.agree(text, *[(xs, w) for xs in INTS for w in (0, 1, 2, 3)])


OF_FLOATS = ["sum(xs)", "sum(x * x for x in xs)", "sum(0.5 * x for x in xs)", "max(xs)", "min(xs)", "max(x * 2 for x in xs)", "min(-x for x in xs)",
             "max(x for x in xs if x > 0)", "sum(x > 0.15 for x in xs)", "any(x > 0.15 for x in xs)", "all(x == x for x in xs)", "sum(xs) / len(xs)",
             "sum(abs(x) for x in xs)", "0.2 in xs", "xs[0] in xs"]  # fmt: skip


@pytest.mark.parametrize("expression", OF_FLOATS)
def test_of_floats(harness: Any, expression: str) -> None:
    """Elements are NumPy's numbers, which sum adds one by one in every version of Python."""
    text = f"def f(xs):\n    return {expression}\n"
    names: dict[str, Any] = {}
    exec(text, names)
    for xs in FLOATS:
        if "if x > 0" in expression and not any(x > 0 for x in xs):
            continue
        got, wanted = harness.run(text, xs), names["f"](xs)
        assert repr(float(got)) == repr(float(wanted)), xs
        assert isinstance(got, bool) == isinstance(wanted, bool | np.bool_)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint8, np.uint64, np.bool_])
def test_the_types_of_elements(harness: Any, dtype: type[np.generic]) -> None:
    xs = np.array([1, 0, 1], dtype=dtype)
    program = harness.lower("def f(xs):\n    return sum(xs), max(xs), min(xs)\n", xs)
    total = program.main.results[0].type
    assert harness.run("def f(xs):\n    return sum(xs), max(xs), min(xs)\n", xs) == (2, 1, 0)
    assert str(total) == {"float32": "f32", "float16": "f16", "uint64": "u64"}.get(np.dtype(dtype).name, "i64")


def test_variables_of_a_generator_are_its_own(harness: Any) -> None:
    text = "def f(xs):\n    x = 5\n    s = sum(x * x for x in xs)\n    for y in xs:\n        s += any(x == y for x in xs) + x\n    return s, x\n"
    harness.agree(text, *[(xs,) for xs in INTS[:6]])


def test_in_conditions_and_loops(harness: Any) -> None:
    text = "def f(xs):\n    n = 0\n    while sum(x > n for x in xs) > 1 and n < 9:\n        n += 1\n        if any(x == n for x in xs):\n            continue\n        if max(xs) < n:\n            break\n    return n if all(x < 9 for x in xs) else -n\n"
    harness.agree(text, *[(xs,) for xs in INTS[:6]])


def test_any_is_a_fold_that_ends_early(harness: Any) -> None:
    program = harness.lower("def f(xs, t):\n    return any(x == t for x in xs)\n", INTS[1], 1)
    (fold,) = [e for e in program.main.equations if e.op == "fold"]
    assert [e.op for e in fold.regions[0].equations] == ["if"]


def test_the_greatest_element_is_a_plain_fold(harness: Any) -> None:
    program = harness.lower("def f(xs):\n    return max(x * x for x in xs)\n", INTS[1])
    (fold,) = [e for e in program.main.equations if e.op == "fold"]
    assert [e.op for e in fold.regions[0].equations] == ["mul.trap", "max"]


def test_sums_of_pythons_own_floats(harness: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = "def f(xs, a):\n    return sum(x * a for x in xs)\n"
    refused = "import math\ndef f(xs, a):\n    return sum(math.sqrt(x) for x in xs)\n"
    monkeypatch.setattr(reductions, "COMPENSATED", False)
    assert harness.run(refused, FLOATS[0], 1.0) == 1.5**0.5
    monkeypatch.setattr(reductions, "COMPENSATED", True)
    assert harness.run(taken, FLOATS[0], 2.0) == 3.0
    with pytest.raises(HyperionError, match="HY6108"):
        harness.run(refused, FLOATS[0], 1.0)
    with pytest.raises(HyperionError, match="HY6108"):
        harness.run("def f(xs, a):\n    return sum(i * a for i, x in enumerate(xs))\n", FLOATS[0], 1.0)


@pytest.mark.parametrize(
    ("expression", "code", "at"),
    [
        ("sum([x for x in xs])", "HY6104", "[x for"),
        ("sum()", "HY6108", "sum()"),
        ("sum(xs, 0, 1)", "HY6108", "sum(xs, 0, 1)"),
        ("sum(*xs)", "HY6108", "sum(*xs)"),
        ("max(xs, key=abs)", "HY6108", "abs"),
        ("any(xs, 1)", "HY6108", "any(xs, 1)"),
        ("sum(a)", "HY6103", "a"),
        ("max(x for x in a)", "HY6103", "a"),
        ("a in a", "HY6103", "a"),
        ("a in xs[0]", "HY6104", "xs[0]"),
        ("(x for x in xs)", "HY6104", "(x for"),
        ("ord('ab')", "HY6108", "ord"),
    ],
)
def test_refusals(harness: Any, expression: str, code: str, at: str) -> None:
    harness.refused(f"def f(xs, a):\n    return {expression}\n", INTS[1], 1, code=code, at=at)


def test_divmod_and_code_points(harness: Any) -> None:
    harness.agree(
        "def f(a, b):\n    q, r = divmod(a, b)\n    return q * 3 - r, ord('a') + a % 7",
        *[(a, b) for a in (MIN, -7, 0, 5) for b in (-3, -1, 0, 2)],
    )


@pytest.mark.parametrize("text", ["-inf", "inf", "1e300", " 2.5 "])
def test_floats_written_as_text(harness: Any, text: str) -> None:
    source = f"def f(xs):\n    m = float({text!r})\n    for x in xs:\n        m = max(m, x)\n    return m"
    harness.agree(source, *[(xs,) for xs in FLOATS])
