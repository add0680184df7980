"""hp.jit of loops as people write them means what the plain function means: the same value, or the same exception."""

from __future__ import annotations

import warnings
from typing import Any

import everyday_loops
import numpy as np
import pytest

import hyperion as hp


def plain(value: Any) -> Any:
    """As Python numbers, so that a step outside 64 bits is seen."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "i":
        return value.tolist()
    return value


def outcome(function: Any, arguments: tuple[Any, ...]) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return normal(function(*arguments))
    except (IndexError, ValueError, ZeroDivisionError, OverflowError) as error:
        return next(
            k.__name__ for k in (IndexError, ZeroDivisionError, OverflowError, ValueError) if isinstance(error, k)
        )


def normal(value: Any) -> object:
    match value:
        case tuple():
            return tuple(normal(v) for v in value)
        case np.ndarray():
            return value.tolist()
        case bool() | np.bool_():
            return bool(value)
        case int() | np.integer():
            return int(value)
        case _:
            return float(value).hex()


@pytest.mark.parametrize(("function", "cases"), everyday_loops.LOOPS, ids=[f.__name__ for f, _ in everyday_loops.LOOPS])
def test_everyday_loops(function: Any, cases: list[tuple[Any, ...]]) -> None:
    compiled = hp.jit(function)
    for case in cases:
        wanted = outcome(function, tuple(plain(x) for x in case))
        got = outcome(compiled, case)
        assert got == wanted, (case, got, wanted)


def test_a_loop_that_is_left_does_not_run_on() -> None:
    @hp.jit
    def first(n, t):  # type: ignore[no-untyped-def]
        for i in range(n):
            if i * 3 > t:
                return i
        return -1

    assert first(2**62, 1000) == 334
