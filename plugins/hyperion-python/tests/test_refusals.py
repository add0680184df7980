"""What is not taken says so: code, line, caret, and a way out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyperion.errors import HyperionError, TypeCheckError
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.types import BF16, C64, C128, F64, I64, I128, ArrayType, ExtensionType, TupleType, Type
from hyperion_python.frontend import PythonFrontend

XS = np.array([1, 2, 3])
YS = np.array([1.0, 2.0])
NARROW = np.array([1.0], dtype=np.float32)
WIDE = np.array([1], dtype=np.uint64)

STATEMENTS = [
    ("def g(): return 1", "HY6103", "def g"),
    ("class G: pass", "HY6103", "class G"),
    ("try:\n        pass\n    except ValueError:\n        pass", "HY6103", "try"),
    ("with open(a) as b:\n        pass", "HY6103", "with"),
    ("global q\n    q = 1", "HY6103", "global q"),
    ("assert a", "HY6103", "assert a"),
    ("raise ValueError", "HY6103", "raise"),
    ("del a", "HY6103", "del a"),
    ("import math", "HY6103", "import math"),
    ("match a:\n        case 1:\n            pass", "HY6103", "match a"),
    ("print(a)", "HY6108", "print"),
    ("a = [1, 2]", "HY6104", "[1, 2]"),
    ("a = {}", "HY6104", "{}"),
    ("a = [x for x in xs]", "HY6104", "[x for"),
    ("a = 'text'", "HY6104", "'text'"),
    ("a = f'{a}'", "HY6104", "f'{a}'"),
    ("a = None", "HY6104", "None"),
    ("a = lambda: 1", "HY6104", "lambda"),
    ("a = 1j", "HY6104", "1j"),
    ("a = xs[1:a]\n    a = xs[::0]", "HY6104", "0"),
    ("a = xs[::a]", "HY6104", "a"),
    ("a = xs[0.5:]", "HY6106", "0.5"),
    ("b = np.zeros(2)\n    c = b[1:]", "HY6109", "b[1:]"),
    ("a = xs[0, 1]", "HY6104", "0, 1"),
    ("a = xs[True]", "HY6106", "True"),
    ("a = xs[0.5]", "HY6106", "0.5"),
    ("a = (b := 3)", "HY6104", "b := 3"),
    ("a = a is None", "HY6104", "a is None"),
    ("a = xs + 1", "HY6109", "xs + 1"),
    ("a = xs @ a", "HY6106", "xs @ a"),
    ("if xs:\n        a = 1", "HY6109", "xs"),
    ("xs[0] = 1", "HY6109", "xs[0]"),
    ("xs[0] += 1", "HY6109", "xs[0]"),
    ("xs[:] = 1", "HY6104", ":"),
    ("xs += 1", "HY6109", "xs += 1"),
    ("a = xs.sum()", "HY6108", "xs.sum"),
    ("a = xs.T", "HY6104", "xs.T"),
    ("a = max(a, 0.5)", "HY6106", "max(a, 0.5)"),
    ("a = max(a, 1, key=abs)", "HY6108", "abs"),
    ("a = unknown(a)", "HY6108", "unknown"),
    ("a = a(1)", "HY6108", "a(1)"),
    ("a = unknown", "HY6115", "unknown"),
    ("a = TABLE", "HY6115", "TABLE"),
    ("a = 2 ** a", "HY6104", "2 ** a"),
    ("a = a ** -1", "HY6104", "a ** -1"),
    ("a = a ** 0.5", "HY6104", "a ** 0.5"),
    ("a = 0.5 % a", "HY6104", "0.5 % a"),
    ("a = a * 0.5 % 3", "HY6104", "a * 0.5 % 3"),
    ("a = 0.5 // a", "HY6104", "0.5 // a"),
    ("a = a << 0.5", "HY6106", "a << 0.5"),
    ("a = ~(a > 1)", "HY6106", "~(a > 1)"),
    ("a = a + 2 ** 64", "HY6111", "a + 2 ** 64"),
    ("a = b", "HY6115", "b"),
    ("a = b\n    b = 1", "HY6105", "b"),
    ("if a:\n        b = 1\n    a = b", "HY6105", "b"),
    ("for x in xs:\n        b = 1\n    a = b", "HY6105", "b"),
    ("for x in xs:\n        pass\n    a = x", "HY6105", "x"),
    ("while a:\n        b = 1\n        a -= 1\n    a = b", "HY6105", "b"),
    ("for x in xs:\n        a = a + b\n        b = 1", "HY6105", "b"),
    ("if a:\n        b = 1\n    else:\n        b = 0.5\n    a = b", "HY6107", "b"),
    ("a = 1 if a else 0.5", "HY6107", "1 if a else 0.5"),
    ("a = a and 0.5", "HY6107", "a and 0.5"),
    ("s = 0\n    for x in xs:\n        s += x * 0.5\n    a = s", "HY6107", "for x in xs"),
    ("s = True\n    for x in xs:\n        s = x\n    a = s", "HY6107", "for x in xs"),
    ("while a:\n        a = a / 2", "HY6107", "while a"),
    ("for i in range(0.5):\n        a += i", "HY6106", "0.5"),
    ("for i in reversed(zip(xs, xs)):\n        a += i", "HY6103", "zip"),
    ("for i in reversed(range(a, 9)):\n        a += i", "HY6103", "range"),
    ("for i, x in zip(range(a, 9), xs):\n        a += i", "HY6103", "range"),
    ("for i, x in enumerate(xs, 0.5):\n        a += i", "HY6106", "0.5"),
    ("for i in enumerate(xs):\n        a += i", "HY6103", "i"),
    ("for i in 'text':\n        a += i", "HY6103", "'text'"),
    ("b = np.zeros(2)\n    for x in b[1:]:\n        b[1] = x", "HY6109", "for x in b"),
    ("for i in (1, 2):\n        a += i", "HY6103", "(1, 2)"),
    ("for i in a:\n        a += i", "HY6103", "a:"),
    ("for a, b in xs:\n        pass", "HY6103", "a, b"),
    ("for xs[0] in xs:\n        pass", "HY6103", "xs[0]"),
    ("return", "HY6110", "return"),
    ("return None", "HY6104", "None"),
    ("return (a,)", "HY6110", "return (a,)"),
    ("return xs", "HY6109", "return xs"),
    ("return a, (a, a)", "HY6110", "return"),
    ("if a:\n        return 1\n    return 0.5", "HY6107", "if a"),
    ("if a:\n        return 1, 2", "HY6110", "if a"),
    ("a, b = xs", "HY6103", "a, b"),
    ("a, b = 1, 2, 3", "HY6103", "a, b"),
    ("a, *b = 1, 2, 3", "HY6103", "*b"),
    ("a = 1, 2", "HY6103", "a = 1, 2"),
    ("a.b = 1", "HY6103", "a.b"),
    ("b = np.zeros((2, 3, 4))", "HY6109", "np.zeros"),
    ("b = np.zeros(0.5)", "HY6106", "np.zeros"),
    ("b = np.zeros(2, dtype='U3')", "HY6109", "'U3'"),
    ("b = np.zeros(2, order='F')", "HY6108", "'F'"),
    ("b = np.zeros(2, dtype=np.int8)\n    b[0] = 0.5", "HY6106", "b[0]"),
    ("b = np.zeros(2)\n    for x in b:\n        b[1] = x", "HY6109", "for x in b"),
    ("b = np.zeros(2)\n    for i in range(3):\n        a += int(b[0])\n        b = np.ones(2)", "HY6109", "for i"),
    ("if a:\n        b = np.zeros(2)\n    else:\n        b = np.ones(2)\n    a = b[0]", "HY6109", "b[0]"),
    ("b = np.zeros(2)\n    return b, b", "HY6109", "return b, b"),
    ("a = f(xs, a, a)", "HY6113", "f(xs, a, a)"),
    ("a = f(xs, 0.5)", "HY6111", "0.5"),
    ("a = f(xs, x=a)", "HY6114", "a"),
    ("a = g(a)", "HY6113", "g(a)"),
    ("a = g(a, y=1)", "HY6108", "1"),
    ("a = g(*xs)", "HY6108", "*xs"),
    ("a = np.sin(a)", "HY6108", "np.sin"),
    ("a = int('3')", "HY6104", "'3'"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code", "at"), STATEMENTS, ids=[b[:40].replace("\n", ";") for b, _, _ in STATEMENTS])
def test_refused(harness: Any, body: str, code: str, at: str) -> None:
    head = "import numpy as np\nTABLE = (1, 2)\ndef g(x, y): return x\n"
    text = f"{head}def f(xs, a):\n    {body}\n    return a\n"
    harness.refused(text, XS, 5, code=code, at=at)


@pytest.mark.parametrize(
    ("body", "arguments", "code", "at"),
    [
        ("return a[0] + b[0]", (NARROW, YS), "HY6106", "a[0] + b[0]"),
        ("return a[0] * b", (NARROW, 2), "HY6106", "a[0] * b"),
        ("return a[0] * b", (NARROW, 2.0), "HY6106", "a[0] * b"),
        ("return a[0] + b", (WIDE, 2), "HY6106", "a[0] + b"),
        ("return a[0] + -1", (WIDE, 2), "HY6111", "a[0] + -1"),
        ("return ~a[0]", (WIDE, 2), "HY6106", "~a[0]"),
        ("return b[a[0]]", (WIDE, XS), "HY6106", "a[0]"),
        ("return a[0] == 16777217", (NARROW, 2), "HY6111", "a[0] == 16777217"),
        ("return a == 9007199254740993", (1.5, 2), "HY6111", "a == 9007199254740993"),
        ("return a[0] + 1e300", (NARROW, 2), "HY6111", "a[0] + 1e300"),
        ("return max(0, a)", (1.5, 2), "HY6106", "max(0, a)"),
        ("return min(a, b)", (WIDE, XS), "HY6109", "min(a, b)"),
        ("return a < b[0]", (YS, XS), "HY6109", "a < b[0]"),
        ("return len(a)", (1, 2), "HY6106", "len(a)"),
        ("return a[0]", (1, 2), "HY6109", "a[0]"),
    ],
)
def test_types_that_do_not_mix(harness: Any, body: str, arguments: tuple[Any, ...], code: str, at: str) -> None:
    harness.refused(f"def f(a, b):\n    {body}\n", *arguments, code=code, at=at)


@pytest.mark.parametrize(
    ("header", "code", "at"),
    [
        ("def f(*a):", "HY6112", "a"),
        ("def f(**a):", "HY6112", "a"),
        ("def f(*, a):", "HY6112", "a"),
        ("def f(a, b):", "HY6113", "def f"),
        ("def f():", "HY6113", "def f"),
        ("def f(a, b='x'):", "HY6112", "b"),
    ],
)
def test_headers(harness: Any, header: str, code: str, at: str) -> None:
    harness.refused(f"{header}\n    return 1\n", 5, code=code, at=at)


def test_an_error_in_a_callee_points_into_the_callee(harness: Any) -> None:
    error = harness.refused("def g(x):\n    return x + None\ndef f(a):\n    return g(a)\n", 1, code="HY6104", at="None")
    assert error.span is not None
    assert error.span.line == 2


def test_the_message_shows_the_line_and_a_way_out(harness: Any) -> None:
    text = "def f(xs):\n    s = 0\n    for x in xs:\n        s = s + x / 2\n    return s\n"
    error = harness.refused(text, XS, code="HY6107", at="for x in xs")
    assert str(error).splitlines() == [
        "HY6107: s is int before the loop and float after a turn of it",
        "  --> <text>:3:5",
        "        for x in xs:",
        "        ^^^^^^^^^^^^",
        "  note: a variable that a loop carries has one type",
        "  try: start s as a float (0.0 for 0)",
    ]


def test_a_text_that_is_no_python(harness: Any) -> None:
    with pytest.raises(HyperionError, match="HY6101"):
        harness.lower("def f(:\n", 1)
    with pytest.raises(HyperionError, match="HY6101"):
        harness.lower("def g(): return 1\n")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (BF16, "bfloat16"), (C64, "complex64"), (C128, "complex128"), (I128, "int128"),
        (ArrayType(BF16, ("n",)), "bfloat16 array"), (ArrayType(C64, ("n",)), "complex64 array"),
        (ArrayType(F64, ("n", "m", "k")), "3-d float64 array"),
        (TupleType((I64, I64)), "(i64, i64)"), (ExtensionType("money.amount"), "money.amount"),
    ],
    ids=str,
)  # fmt: skip
def test_types_of_the_ir_that_python_functions_do_not_take(kind: Type, words: str) -> None:
    with pytest.raises(TypeCheckError) as caught:
        PythonFrontend().lower(("def f(x): return x", "f"), (kind,), CompileOptions())
    assert caught.value.code == "HY6120"
    assert f"a parameter of type {words} is not taken" in caught.value.message
    assert caught.value.span is not None


@pytest.mark.parametrize("argument", [np.array([1j]), np.array([[[1.0]]]), np.complex64(1), 1j], ids=repr)
def test_arguments_of_those_types(argument: object) -> None:
    with pytest.raises(TypeCheckError, match=r"HY612[01]") as caught:
        PythonFrontend().signature((argument,))
    assert caught.value.hints
