"""Random programs mean what Python says: same value, or the same kind of exception."""

# ruff: noqa: E501  a program is one line

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyperion.errors import HyperionError

NAMES = ["a", "b", "c"]
CONSTANTS = ["0", "1", "2", "-1", "3", "7", "-5", "10", "1000003", "2**62", "-(2**63)", "2**63 - 1"]
INDENT = "    "


def integers(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(
        st.sampled_from(NAMES), st.sampled_from(CONSTANTS), st.sampled_from(["xs[0]", "xs[-1]", "len(xs)", "xs[a % 3]"])
    )
    if depth == 0:
        return leaf
    inner, test = integers(depth - 1), conditions(depth - 1)
    two = st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%", "&", "|", "^"]), inner).map(" ".join)
    return st.one_of(
        leaf,
        two.map("({})".format),
        two.map("({}) % 97".format),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} * {t[1]} + {t[2]}) % (c * c + 1)"),
        st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        inner.map("abs({})".format),
        inner.map("(-{})".format),
        inner.map("(~{})".format),
        st.tuples(inner, st.sampled_from(["<<", ">>"]), inner).map(lambda t: f"({t[0]} {t[1]} ({t[2]} & 15))"),
        st.tuples(inner, test, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({' '.join(t)})"),
        test.map("int({})".format),
        inner.map("g({})".format),
    )


def conditions(depth: int) -> st.SearchStrategy[str]:
    inner = integers(depth)
    compare = st.tuples(inner, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), inner).map(" ".join)
    if depth == 0:
        return compare
    test = conditions(depth - 1)
    return st.one_of(
        compare,
        st.tuples(inner, inner, inner).map(lambda t: f"{t[0]} <= {t[1]} < {t[2]}"),
        st.tuples(test, st.sampled_from(["and", "or"]), test).map(lambda t: f"({' '.join(t)})"),
        test.map("(not {})".format),
        st.tuples(test, inner).map(lambda t: f"({t[0]} and {t[1]} != 0)"),
    )


@st.composite
def blocks(draw: st.DrawFn, depth: int, level: int, *, loop: bool = False) -> str:
    return "".join(draw(statements(depth, level, loop=loop)) for _ in range(draw(st.integers(1, 3))))


@st.composite
def statements(draw: st.DrawFn, depth: int, level: int, *, loop: bool = False) -> str:
    pad, name, value = INDENT * level, draw(st.sampled_from(NAMES)), draw(integers(1))
    kinds = ["assign", "augment", "swap", "store"] + (["if", "else", "range", "each", "pick", "while"] if depth else [])
    kinds += ["jump", "jump"] if loop else []

    def body(*, loop: bool = True) -> str:
        return draw(blocks(depth - 1, level + 1, loop=loop))

    def end() -> str:
        return f"{pad}else:\n{body(loop=loop)}" if draw(st.integers(0, 5)) == 0 else ""

    match draw(st.sampled_from(kinds)):
        case "assign":
            return f"{pad}{name} = {draw(integers(2))}\n"
        case "augment":
            return f"{pad}{name} {draw(st.sampled_from(['+', '-', '*', '//', '%', '^']))}= {value}\n"
        case "swap":
            return f"{pad}a, b, c = {draw(st.sampled_from(['b, a + b, c', 'c, a, b', 'a, c, b - a']))}\n"
        case "store":
            return f"{pad}ys[{value} % 4] {draw(st.sampled_from(['', '+', '-']))}= {draw(integers(1))}\n"
        case "if":
            return f"{pad}if {draw(conditions(1))}:\n{body(loop=loop)}"
        case "else":
            return f"{pad}if {draw(conditions(1))}:\n{body(loop=loop)}{pad}else:\n{body(loop=loop)}"
        case "jump":
            jump = draw(st.sampled_from(["break", "continue", "return a, b, c, 0", f"return {value}, a, b, c"]))
            return f"{pad}if {draw(conditions(1))}:\n{pad}{INDENT}{jump}\n"
        case "range":
            return f"{pad}for i{level} in range({draw(st.sampled_from(['3', 'len(xs)', '2, -2, -1', 'a & 3']))}):\n{body()}{end()}"
        case "each":
            return f"{pad}for {name} in xs:\n{body()}{end()}"
        case "pick":
            return f"{pad}for i in range(len(xs)):\n{pad}{INDENT}{name} = {name} ^ xs[i]\n{body()}"
        case _:
            return f"{pad}w{level} = 0\n{pad}while w{level} < 3 and {draw(conditions(1))}:\n{pad}{INDENT}w{level} += 1\n{body()}{end()}"


@st.composite
def programs(draw: st.DrawFn) -> str:
    early = ""
    if draw(st.booleans()):
        early = f"    if {draw(conditions(1))}:\n        if a > b:\n            return a, b, c, ys[0]\n        c = {draw(integers(1))}\n"
    body = draw(blocks(2, 1))
    return (
        "import numpy as np\ndef g(x):\n    if x > 5:\n        return x - 3\n    return x * 2\n"
        "def f(xs, a, b):\n    c = 1\n    ys = np.zeros(4, dtype=np.int64)\n"
        f"{early}{body}    return a, b, c, ys[3] ^ ys[1]\n"
    )


NUMBERS = st.one_of(st.integers(-4, 9), st.sampled_from([2**31, 2**62, -(2**63), 2**63 - 1]))


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.lists(st.integers(-128, 127), min_size=3, max_size=4), NUMBERS, NUMBERS)
def test_integer_programs(harness: Any, text: str, xs: list[int], a: int, b: int) -> None:
    try:
        harness.agree(text, (np.array(xs, dtype=np.int8), a, b))
    except HyperionError as error:
        if error.code != "HY6111":  # a constant expression outside 64 bits is refused before it runs
            raise


def floats(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["a", "b", "s", "xs[0]", "0.0", "-0.0", "1.5", "1e300", "float(n)", "2"])
    if depth == 0:
        return leaf
    inner = floats(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda t: f"({' '.join(t)})"),
        inner.map("(-{})".format),
        inner.map("abs({})".format),
        st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(lambda t: f"{t[0]}(1.0 * {t[1]}, 1.0 * {t[2]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"(1.0 * {t[0]} if {t[1]} < {t[2]} else 0.5 * {t[0]})"),
    )


REALS = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(floats(3), floats(2), st.lists(REALS, min_size=1, max_size=4), REALS, REALS, st.integers(-(2**63), 2**63 - 1))
def test_float_programs(harness: Any, one: str, two: str, xs: list[float], a: float, b: float, n: int) -> None:
    text = (
        f"def f(xs, a, b, n):\n    s = 0.25\n    k = 0\n    for x in xs:\n        s = 1.0 * {one}\n        if x > {two}:\n"
        "            k += 1\n            a = x + n\n    return s, k, a\n"
    )
    harness.agree(text, (np.array(xs), a, b, n))
