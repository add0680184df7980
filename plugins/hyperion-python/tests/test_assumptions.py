"""`hp.assume` and `hp.Range` mean the same in compiled code as in Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import numpy as np
import pytest

import hyperion as hp
from hyperion import assume
from hyperion import assume as stated
from hyperion.assumptions import stated_at
from hyperion.errors import AssumptionError, HyperionError, Span, TypeCheckError

LEAST = -5


@pytest.fixture(scope="module")
def instance() -> Iterator[hp.Instance]:
    with hp.Instance() as made:
        yield made


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (ArithmeticError, ValueError, IndexError) as error:
        return type(error) if isinstance(error, AssumptionError) else type(error).__mro__[-4:]


def of_scalars(n: int, d: int) -> int:
    """Halves of even numbers."""
    hp.assume(n % 2 == 0 and d != 0)
    assume(n >= 0)
    return n // 2 // d


def of_elements(xs: Any) -> int:
    hp.assume(all(0 <= x < 100 for x in xs))
    s = 0
    for x in xs:
        s += x
    return s


def of_elements_that_may_fail(xs: Any, k: int) -> int:
    hp.assume(all(k // x > 1 for x in xs))
    s = 0
    for x in xs:
        s += k // x
    return s


def of_pairs(xs: Any, ys: Any) -> int:
    hp.assume(all(x <= y for x, y in zip(xs, ys)))  # noqa: B905  the shorter ends it
    x = 3
    for y in ys:
        x += y
    return x


def in_a_branch(n: int) -> int:
    if n > 10:
        hp.assume(n < 20)
    return n


def in_a_loop(xs: Any) -> int:
    s = 0
    for x in xs:
        hp.assume(x != 7)
        s += x
    return s


def of_floats(xs: Any) -> float:
    hp.assume(all(x == x for x in xs))
    m = 0.0
    for x in xs:
        m = x if x > m else m
    return m


def array(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    *((of_scalars, (n, d)) for n, d in ((4, 1), (3, 1), (-2, 1), (4, 0), (0, -3), (2**63 - 1, 1), (-(2**63), 1))),
    *((of_elements, (xs,)) for xs in (array(), array(5), array(0, 99), array(100), array(1, -1, 3), array(*range(99)))),
    *(
        (of_elements_that_may_fail, (xs, 12))
        for xs in (array(1, 2), array(7, 0), array(0, 7), array(3, 12, 0), array())
    ),
    *((of_pairs, pair) for pair in ((array(1, 2), array(1, 3)), (array(1, 2), array(1)), (array(2), array(1, 5)))),
    *((in_a_branch, (n,)) for n in (5, 11, 19, 20)),
    *((in_a_loop, (xs,)) for xs in (array(), array(1, 2), array(7), array(1, 2, 7, 8))),
    *((of_floats, (np.array(xs),)) for xs in ([1.0, 3.0], [math.nan, 1.0], [-0.0], [math.inf, -math.inf])),
]


@pytest.mark.parametrize(("function", "arguments"), CASES)
def test_compiled_code_says_what_python_says(
    instance: hp.Instance, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    compiled = hp.jit(function, instance=instance)
    plain = [a.tolist() if isinstance(a, np.ndarray) else a for a in arguments]  # NumPy's own numbers do not raise
    assert outcome(lambda: compiled(*arguments)) == outcome(lambda: function(*plain))


def ranged(xs: Annotated[Any, hp.Range(LEAST, 10**2)], k: Annotated[int, "a note", hp.Range(1, most=9)]) -> int:
    """A docstring stays the first statement."""
    s = 0
    for x in xs:
        s += x
    return s * k


def quoted(k: "Annotated[float, hp.Range(0.0, 0.5)]") -> float:  # noqa: UP037  in quotes
    return k * 2


@pytest.mark.parametrize(
    ("xs", "k", "holds"),
    [
        (array(-5, 100), 1, True), (array(), 9, True), (array(-6), 1, False), (array(101), 1, False),
        (array(3), 0, False), (array(3), 10, False), (array(*[7] * 1000, -6), 2, False),
    ],
)  # fmt: skip
def test_a_range_is_checked_first(instance: hp.Instance, xs: Any, k: int, holds: bool) -> None:
    function = hp.jit(ranged, instance=instance)
    if holds:
        assert function(xs, k) == ranged(xs, k)
    else:
        with pytest.raises(AssumptionError, match="HY5110") as found:
            function(xs, k)
        assert found.value.span is not None
        assert "hp.Range(" in found.value.span.text


def test_a_range_of_floats_in_quotes(instance: hp.Instance) -> None:
    function = hp.jit(quoted, instance=instance)
    assert function(0.5) == 1.0
    for wrong in (0.6, -0.1, math.nan):
        with pytest.raises(AssumptionError):
            function(wrong)


def test_loops_after_an_assumption_are_still_proved(instance: hp.Instance) -> None:
    function = hp.jit(of_elements, instance=instance)
    found = function.explain(array(1, 2, 3))
    assert found.checked
    assert found.parallel


def test_the_error_is_both_and_names_the_place(instance: hp.Instance) -> None:
    with pytest.raises(AssumptionError) as found:
        hp.jit(of_scalars, instance=instance)(3, 1)
    assert isinstance(found.value, ValueError)
    assert isinstance(found.value, HyperionError)
    assert "hp.assume(n % 2 == 0 and d != 0)" in str(found.value)
    with pytest.raises(hp.AssumptionError):
        hp.assume(False)
    hp.assume(np.bool_(True))


def as_a_value(n: int) -> Any:
    y = hp.assume(n > 0)  # type: ignore[func-returns-value]
    return y


def renamed(n: int) -> int:
    stated(n > 0)
    return n


def filtered(xs: Any) -> int:
    hp.assume(all(x > 0 for x in xs if x != 3))
    return 1


def two(n: int) -> int:
    hp.assume(n > 0, n < 5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  what is refused
    return n


@pytest.mark.parametrize("function", [as_a_value, renamed, filtered, two])
def test_what_is_not_taken_is_refused_with_its_place(instance: hp.Instance, function: Any) -> None:
    with pytest.raises(TypeCheckError, match="HY6") as found:
        hp.jit(function, instance=instance)(array(1) if function is filtered else 1)
    assert found.value.span is not None


def test_a_range_has_its_bounds() -> None:
    assert 0 in hp.Range(0, 0)
    assert 0.5 not in hp.Range(1, 2)
    for least, most in ((2, 1), (math.nan, 1.0), (0.0, math.nan)):
        with pytest.raises(ValueError, match="no number"):
            hp.Range(least, most)


@pytest.mark.parametrize(
    ("text", "column", "stated_there"),
    [
        ("    hp.assume(x)", 5, True), ("assume(x)", 1, True), ("def f(x: A[int, hp.Range(0, 1)])", 17, True),
        ("    y = 1 << assume", 9, False), ("    assumed(x)", 5, False), ("", 1, False),
    ],
)  # fmt: skip
def test_a_place_tells_an_assumption(text: str, column: int, stated_there: bool) -> None:
    assert stated_at(Span("f.py", 1, column, 1, column + 3, text)) is stated_there
    assert not stated_at(None)
