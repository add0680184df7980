"""Polynomials in the size n of a function's longest loop, with a logarithmic term."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Polynomial:
    """`coefficients[k]` is that of n**k; `logarithm` that of log2 n."""

    coefficients: tuple[float, ...] = ()
    logarithm: float = 0.0

    def __add__(self, other: Polynomial) -> Polynomial:
        long, short = sorted((self.coefficients, other.coefficients), key=len, reverse=True)
        padded = (*short, *(0.0,) * (len(long) - len(short)))
        both = tuple(a + b for a, b in zip(long, padded, strict=True))
        return Polynomial(both, self.logarithm + other.logarithm)

    def scaled(self, factor: float) -> Polynomial:
        return Polynomial(tuple(factor * c for c in self.coefficients), factor * self.logarithm)

    def times_n(self) -> Polynomial:
        """n times it; a logarithm within a loop is counted as a constant of 32, a bit count."""
        first, *rest = self.coefficients or (0.0,)
        return Polynomial((0.0, first + 32 * self.logarithm, *rest))

    def at(self, n: float) -> float:
        return sum(c * n**k for k, c in enumerate(self.coefficients)) + self.logarithm * math.log2(max(n, 2))

    def __bool__(self) -> bool:
        return any(self.coefficients) or bool(self.logarithm)

    def __str__(self) -> str:
        """The largest powers first: `9 n + 12`."""
        powers = [f"{c:g} {_power(k)}".strip() for k, c in enumerate(self.coefficients) if c]
        logarithm = [f"{self.logarithm:g} log n"] if self.logarithm else []
        constant = [powers.pop(0)] if powers and self.coefficients[0] else []
        return " + ".join([*reversed(powers), *logarithm, *constant]) or "0"


def _power(k: int) -> str:
    return ("", "n", "n²", "n³")[k] if k < 4 else f"n^{k}"


ZERO = Polynomial()


def constant(value: float) -> Polynomial:
    return Polynomial((value,)) if value else ZERO
