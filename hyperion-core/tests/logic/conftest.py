"""Runs denotations against the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from hyperion.ir.function import Program
from hyperion.testing.denotation_runs import Comparison
from hyperion_interp.logical import ready


@pytest.fixture(scope="session")
def denotes() -> Callable[[Program, Sequence[object]], None]:
    """Asserts that a function, run by what it denotes, gives what the interpreter gives."""
    return Comparison(ready).compare
