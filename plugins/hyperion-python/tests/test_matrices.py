"""Arrays of two dimensions: each function gives what plain Python gives, or stops with the same exception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hyperion.errors import TypeCheckError
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.verifier import verify
from hyperion_interp.interpreter import interpret
from hyperion_python.frontend import PythonFrontend

FRONTEND = PythonFrontend()


def lowered(function: Callable[..., Any], *arguments: object, fp: str = "ieee") -> Any:
    program = FRONTEND.lower(function, FRONTEND.signature(arguments), CompileOptions(fp=fp))
    verify(program)
    return program


def same(function: Callable[..., Any], *arguments: Any) -> None:
    """The interpreter's results against NumPy's, whose elements are taken as Python ints."""
    plain = [a.astype(object) if isinstance(a, np.ndarray) else a for a in arguments]
    program = lowered(function, *arguments)
    given = [a.tolist() if a.size else np.array(a) for a in arguments if isinstance(a, np.ndarray)]
    try:
        wanted = function(*plain)
    except (IndexError, ValueError) as error:
        with pytest.raises(type(error)):
            interpret(program, given)
        return
    found = interpret(program, given)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    assert [np.array(x).tolist() for x in found] == [np.array(x).tolist() for x in wanted]


def elements(a):
    rows, columns = a.shape
    total = a.size + a.ndim + len(a) + a.shape[-1]
    for i in range(rows):
        for j in range(columns):
            total += a[i, j] * (i + 1) + a[-i - 1][j - columns]
    return total


def rows(a):
    total = 0
    for i, row in enumerate(a):
        for x in row:
            total += x * i
    for row in a:
        total = max(total, sum(row), len(row))
    return total


def third(a):
    return a[3, 0]


def beyond(a):
    row = a[-4]
    return len(row)


def grid(a):
    """The cheapest way from the top left to each place."""
    best = np.zeros((a.shape[0], a.shape[1]), dtype=np.int64)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            least = 0
            if i > 0 and j > 0:
                least = min(best[i - 1, j], best[i][j - 1])
            elif i > 0:
                least = best[i - 1, j]
            elif j > 0:
                least = best[i, j - 1]
            best[i, j] = least
            best[i, j] += a[i, j]
    return best


def turned(a):
    return a.T.copy(), np.transpose(a).shape[0]


def per_row(a):
    sums = np.zeros(len(a), dtype=np.int64)
    for i in range(len(a)):
        for j in range(a.shape[1]):
            sums[i] += a[i, j]
    return sums


SHAPES = [(3, 4), (1, 1), (0, 3), (3, 0), (5, 2)]
EVERY = [elements, rows, third, beyond, grid, turned, per_row]


@pytest.mark.parametrize("function", EVERY, ids=lambda f: f.__name__)
def test_a_function_of_a_matrix(function: Callable[..., Any]) -> None:
    random = np.random.default_rng(3)
    for shape in SHAPES:
        if not (shape == (3, 0) and function is turned):  # a list of no lists has no columns
            same(function, random.integers(-9, 9, shape))


def total(a):
    s = 0
    for i in range(len(a)):
        for j in range(a.shape[1]):
            if a[i, j] > 0:
                s += a[i][j] * 2
    return s


def total_by_rows(a):
    s = 0
    for row in a:
        for x in row:
            s = s * 3 + x
    return s


def named_sizes(a):
    n, m = a.shape
    s = 0
    for i in range(n):
        for j in range(m):
            if a[i, j] == 5:
                break
            s += a[i, j]
    for i in range(n):
        for j in range(m):
            s = max(s - 1, a[i, j])
    return s


def uses_place(a):
    s = 0
    for i in range(len(a)):
        for j in range(a.shape[1]):
            s += a[i, j] * j
    return s


def other_order(a):
    s = 0
    for j in range(len(a)):
        for i in range(a.shape[1]):
            s = s * 2 + a[j, i]
    for i in range(a.shape[0]):
        for j in range(a.shape[0]):
            if j < a.shape[1]:
                s += a[i, j]
    return s


def narrowing(a):
    n, m = a.shape
    s = 0
    for i in range(n):
        for j in range(m):
            s += a[i, j]
            if a[i, j] > 3:
                m = min(m, 2)
    return s


def below_diagonal(a):
    n, m = a.shape
    s = 0
    if n <= m:
        for m in range(n):
            for j in range(m):
                s += a[m, j]
    return s


@pytest.mark.parametrize(
    ("function", "flat"),
    [
        (total, 1),
        (total_by_rows, 1),
        (named_sizes, 1),
        (uses_place, 0),
        (other_order, 1),
        (narrowing, 0),
        (below_diagonal, 0),
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_a_loop_over_all_elements_is_one_loop(function: Callable[..., Any], flat: int) -> None:
    random = np.random.default_rng(6)
    for shape in SHAPES:
        same(function, random.integers(-9, 9, shape))
    program = lowered(function, np.zeros((2, 2), int))
    assert sum(e.op == "fold" for e in program.main.equations) == flat


def product(a, b):
    return a @ b


def dotted(a, b):
    c = np.dot(a, b)
    return c


PAIRS = [
    ((3, 4), (4, 2)), ((3, 4), (4,)), ((3,), (3, 4)), ((3,), (3,)), ((1, 1), (1, 1)), ((2, 1), (1, 3)),
    ((3, 4), (3, 4)), ((3, 4), (3,)), ((3,), (4, 3)), ((3,), (4,)),
]  # fmt: skip


@pytest.mark.parametrize("dtypes", [("i8", "i8"), ("i4", "i4"), ("i1", "i2"), ("u8", "u8"), ("u1", "i8")], ids=str)
def test_products_wrap_as_those_of_numpy(dtypes: tuple[str, str]) -> None:
    random = np.random.default_rng(4)
    for shapes in PAIRS:
        a, b = (
            random.integers(np.iinfo(d).min, np.iinfo(d).max, shape, dtype=d, endpoint=True)
            for d, shape in zip(dtypes, shapes, strict=True)
        )
        program = lowered(product, a, b)
        try:
            with np.errstate(over="ignore"):
                wanted = a @ b
        except ValueError:
            with pytest.raises(ValueError, match="HY5104"):
                interpret(program, [a, b])
            continue
        (found,) = interpret(program, [a, b])
        assert np.array(found, dtype=wanted.dtype).tolist() == wanted.tolist()
    assert [e.op for e in lowered(dotted, a, b).main.equations] == [e.op for e in program.main.equations]


def chained(a, b, x):
    return a @ (b @ x), x @ b.T @ a.T


def test_a_vector_between_two_products_stays_a_matrix() -> None:
    a, b = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
    program = lowered(chained, a, b, np.arange(4))
    ops = [e.op for e in program.main.equations]
    assert (ops.count("contract"), ops.count("expand"), ops.count("squeeze")) == (4, 2, 4)
    found = interpret(program, [a, b, np.arange(4)])
    assert [list(x) for x in found] == [x.tolist() for x in chained(a, b, np.arange(4))]


def test_floats_need_leave_to_be_added_in_any_order() -> None:
    a = np.array([[0.5, 2.0], [1.5, -1.0]])
    with pytest.raises(TypeCheckError, match="float matrices") as caught:
        lowered(product, a, a)
    assert "reassoc" in caught.value.hints[0]
    (found,) = interpret(lowered(product, a, a, fp="reassoc"), [a, a])
    assert found == (a @ a).tolist()


def writes(a):
    a[0, 0] = 1
    return a[0, 0]


def whole_row(a):
    b = np.zeros((2, 2))
    b[0] = 1.0
    return b


def own_row(a):
    b = np.zeros((2, 2))
    row = b[0]
    return row[0]


def own_turned(a):
    b = np.zeros((2, 2))
    c = b.T
    b[0, 1] = 1.0
    return c[1, 0]


def part(a):
    return a[:, 0]


def halves(a):
    s = 0
    for x in a[1:]:
        s += len(x)
    return s


def scaled(a):
    return a * 2


def returned(a):
    return a


def in_place(a):
    b = a @ a
    b @= a
    return b


def powered(a):
    b = a @ a
    for _ in range(3):
        b = b @ a
    return b


REFUSED = [
    (writes, "parameter"), (whole_row, "only elements"), (own_row, "a row of an array"), (in_place, "@= is not taken"),
    (own_turned, "transposition"), (part, "this part"), (halves, "2-d array is not taken"), (scaled, "whole array"),
    (returned, "parameter array"), (powered, "another array inside this loop"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "words"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
def test_what_is_not_taken_is_refused_with_a_way_out(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(TypeCheckError, match=words) as caught:
        lowered(function, np.zeros((2, 2), dtype=np.int64))
    assert caught.value.hints
    assert caught.value.span is not None


@pytest.mark.parametrize("pair", [("?", "?"), ("i8", "u8"), ("i8", "f8")], ids=str)
def test_products_of_other_types_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(TypeCheckError, match="product of arrays"):
        lowered(product, *(np.zeros((2, 2), dtype=d) for d in pair))
