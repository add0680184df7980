"""The numbers that terms of the logic stand for, against which proofs are tested; and terms from shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term
from hyperion.testing.numbers import Number, number


def built(shape: Any, ty: t.Ty = t.INT) -> Term:
    """A term from nested tuples: ("add", "a", 3)."""
    if isinstance(shape, str):
        return t.var(shape, ty)
    if isinstance(shape, bool):
        return t.const(str(shape).lower(), t.BOOL)
    if isinstance(shape, int):
        return literals.int_lit(shape) if ty is t.INT else literals.real_lit(Fraction(shape))
    op, *rest = shape
    return apply(op, *(built(r, ty) for r in rest))


@pytest.fixture(scope="session")
def numeric() -> Callable[[Term, Mapping[Term, Number]], Number]:
    return number


@pytest.fixture(scope="session")
def term() -> Callable[..., Term]:
    return built
