"""Facts that users state: checked where the program says them, and known from there on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hyperion.errors import AssumptionError, Span

_STATED: Final = re.compile(r"(\w+\.)*(assume|Range)\(")
MESSAGE: Final = "what the function assumes does not hold"


def assume(condition: object) -> None:
    """States a fact: nothing where it holds, `AssumptionError` (HY5110), a ValueError, where it does not.

    It means the same in compiled code. `assume(all(0 <= x < 100 for x in xs))` states a fact about every element.

    >>> assume(2 + 2 == 4)
    """
    if not condition:
        raise AssumptionError("HY5110", MESSAGE)


@dataclass(frozen=True, slots=True)
class Range:
    """In `Annotated[int, Range(0, 100)]`: the parameter, or every element of an array, is at least `least` and at most
    `most`. A compiled function begins with that as an assumption; the plain function does not look at annotations.

    Raises ValueError where no number lies between the two.

    >>> 7 in Range(0, 100)
    True
    """

    least: float
    most: float

    def __post_init__(self) -> None:
        if not self.least <= self.most:
            raise ValueError(f"no number is at least {self.least} and at most {self.most}")

    def __contains__(self, value: float) -> bool:
        return self.least <= value <= self.most


def stated_at(span: Span | None) -> bool:
    """Whether a place is that of an assumption: a step that fails there has the assumption's own error."""
    return span is not None and _STATED.match(span.text, span.column - 1) is not None
