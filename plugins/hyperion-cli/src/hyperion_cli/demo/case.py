"""What one loop of the demonstration consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Case:
    """A plain function with real arguments.

    `times` are arguments large enough to time (the real data repeated, or a step count); `plain` are those that plain
    Python can run in about a second; `sequential` are those for the sequential compiled loop where `times` would take
    too long, with what they stand for. `expected` is the answer by another way, where there is one.
    """

    title: str
    function: Callable[..., Any]  # Any: numbers and arrays
    data: str
    arguments: tuple[Any, ...]
    times: tuple[Any, ...]
    times_note: str
    plain: tuple[Any, ...]
    plain_note: str
    overflow: Literal["trap", "wrap"] = "trap"
    sequential: tuple[Any, ...] | None = None
    sequential_note: str = ""
    expected: Callable[[], int] | None = None
    expected_note: str = ""
    unit: str = ""
