"""Linear inequalities: which known ones add up to a wanted one. Untrusted; what it finds is proved, or not."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

MOST_FACTS: Final = 4
"""A wanted inequality is the sum of at most so many known ones and a constant."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A constant plus multiples of atoms, none of them zero."""

    constant: Fraction = Fraction(0)
    terms: Mapping[Hashable, Fraction] = field(default_factory=dict[Hashable, Fraction])

    def __add__(self, other: Linear) -> Linear:
        terms = dict(self.terms)
        for atom, n in other.terms.items():
            terms[atom] = terms.get(atom, Fraction(0)) + n
        return Linear(self.constant + other.constant, {atom: n for atom, n in terms.items() if n})

    def __mul__(self, n: int | Fraction) -> Linear:
        return Linear(self.constant * n, {atom: m * n for atom, m in self.terms.items()} if n else {})

    def __sub__(self, other: Linear) -> Linear:
        return self + other * -1


def atom(x: Hashable) -> Linear:
    return Linear(terms={x: Fraction(1)})


def number(n: int) -> Linear:
    return Linear(Fraction(n))


def certificate(wanted: Linear, known: Sequence[Linear], most: int = MOST_FACTS) -> list[int] | None:
    """Places in `known` of what is at least 0, such that `wanted` is their sum and a constant that is not negative."""
    if not wanted.terms:
        return [] if wanted.constant >= 0 else None
    if most == 0:
        return None
    x, n = next(iter(wanted.terms.items()))
    for i, each in enumerate(known):
        if each.terms.get(x, Fraction(0)) * n > 0:
            rest = certificate(wanted - each, known, most - 1)
            if rest is not None:
                return [i, *rest]
    return None
