"""Untrusted. How long a search may take: tactics ask at every axiom that they use."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

SECONDS = 5.0
"""For one loop and one strategy."""

_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


class OutOfTime(Exception):
    """The search was cut; the loop stays as written."""


@contextmanager
def limited(seconds: float = SECONDS) -> Generator[None]:
    """Tactics inside raise OutOfTime once `seconds` have passed, or sooner where a limit around this one is shorter."""
    token = _deadline.set(min(_deadline.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def checkpoint() -> None:
    if monotonic() > _deadline.get():
        raise OutOfTime(f"the search took more than {SECONDS:g} seconds and was cut")
