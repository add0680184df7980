"""The numbers that terms of the logic stand for, against which proofs are tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from hyperion.logic.terms import Term
from hyperion.testing.numbers import Number, number


@pytest.fixture(scope="session")
def numeric() -> Callable[[Term, Mapping[Term, Number]], Number]:
    return number
