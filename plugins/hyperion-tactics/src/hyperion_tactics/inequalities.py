"""Search: whether integer inequalities contradict each other, by the elimination of Fourier and Motzkin with rounding.

An inequality is `c1*x1 + .. + c >= 0` with integers ci and c. Each one that is made says from which it was made, and
how, so that the contradiction can be proved afterwards (Farkas 1902; Chvatal 1973 for the rounding). Over the
rationals the search is complete; with rounding it decides more, not everything, over the integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import gcd
from typing import Generic, TypeAlias, TypeVar

from hyperion.logic.effort import checkpoint

X = TypeVar("X")
MOST_LINES = 3_000


@dataclass(frozen=True, eq=False)
class Given:
    """The inequality that a caller has; `number` is its place among those."""

    number: int


@dataclass(frozen=True, eq=False)
class Combined(Generic[X]):
    """first * a + second * b, a and b positive."""

    first: Line[X]
    a: int
    second: Line[X]
    b: int


@dataclass(frozen=True, eq=False)
class Divided(Generic[X]):
    """Everything divided by a common divisor of the coefficients, the constant rounded down."""

    line: Line[X]
    divisor: int


@dataclass(frozen=True, eq=False)
class Line(Generic[X]):
    """The sum of `coefficients` and `constant` is not negative."""

    coefficients: Mapping[X, int]
    constant: int
    origin: Given | Combined[X] | Divided[X]

    @property
    def absurd(self) -> bool:
        return not self.coefficients and self.constant < 0


Lines: TypeAlias = "dict[frozenset[tuple[X, int]], Line[X]]"


class TooMany(Exception):
    """The elimination makes more inequalities than MOST_LINES."""


def contradiction(given: Iterable[tuple[Mapping[X, int], int]]) -> Line[X] | None:
    """The inequality `c >= 0` with c < 0 that follows from those given, or None. Raises `TooMany`."""
    lines: dict[frozenset[tuple[X, int]], Line[X]] = {}
    for number, (coefficients, constant) in enumerate(given):
        line = _rounded(Line({x: c for x, c in coefficients.items() if c}, constant, Given(number)))
        if line.absurd:
            return line
        _keep(lines, line)
    while True:
        variable = _cheapest(lines.values())
        if variable is None:
            return None
        found = _eliminated(lines, variable)
        if isinstance(found, Line):
            return found
        lines = found


def _keep(lines: dict[frozenset[tuple[X, int]], Line[X]], line: Line[X]) -> None:
    """Of inequalities with the same coefficients the strongest is kept."""
    if not line.coefficients:
        return
    key = frozenset(line.coefficients.items())
    other = lines.get(key)
    if other is None or line.constant < other.constant:
        lines[key] = line
    if len(lines) > MOST_LINES:
        raise TooMany(f"more than {MOST_LINES} inequalities")


def _rounded(line: Line[X]) -> Line[X]:
    divisor = gcd(*line.coefficients.values())
    if divisor <= 1:
        return line
    coefficients = {x: c // divisor for x, c in line.coefficients.items()}
    return Line(coefficients, line.constant // divisor, Divided(line, divisor))


def _cheapest(lines: Iterable[Line[X]]) -> X | None:
    """The variable whose elimination makes the fewest inequalities, one that loses no integers if there is one: with
    coefficient 1 in every inequality that bounds it from one side (Pugh 1991)."""
    counts: dict[X, list[int]] = {}
    largest: dict[X, list[int]] = {}
    for line in lines:
        for x, c in line.coefficients.items():
            counts.setdefault(x, [0, 0])[c > 0] += 1
            sides = largest.setdefault(x, [0, 0])
            sides[c > 0] = max(sides[c > 0], abs(c))

    def price(x: X) -> tuple[bool, int]:
        below, above = counts[x]
        return min(largest[x]) > 1, below * above - below - above

    return min(counts, key=price, default=None)


def _eliminated(
    lines: dict[frozenset[tuple[X, int]], Line[X]], variable: X
) -> dict[frozenset[tuple[X, int]], Line[X]] | Line[X]:
    kept: dict[frozenset[tuple[X, int]], Line[X]] = {}
    above, below = list[Line[X]](), list[Line[X]]()
    for key, line in lines.items():
        c = line.coefficients.get(variable, 0)
        if c == 0:
            kept[key] = line
        else:
            (above if c > 0 else below).append(line)
    for first in above:
        for second in below:
            checkpoint()
            line = _combined(first, second, variable)
            if line.absurd:
                return line
            _keep(kept, line)
    return kept


def _combined(first: Line[X], second: Line[X], variable: X) -> Line[X]:
    a, b = -second.coefficients[variable], first.coefficients[variable]
    common = gcd(a, b)
    a, b = a // common, b // common
    coefficients = {x: a * c for x, c in first.coefficients.items()}
    for x, c in second.coefficients.items():
        coefficients[x] = coefficients.get(x, 0) + b * c
    coefficients = {x: c for x, c in coefficients.items() if c}
    return _rounded(Line(coefficients, a * first.constant + b * second.constant, Combined(first, a, second, b)))
