"""Untrusted. Polynomials with rational coefficients over terms, and their sums: no proofs, only what to prove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, head
from hyperion.logic.ring import key
from hyperion.logic.terms import Term

Powers = tuple[tuple[Term, int], ...]
"""Atoms in the order of their digests, each with its exponent."""


@dataclass(frozen=True)
class Polynomial:
    """A sum of coefficient * monomial; no coefficient is 0."""

    monomials: Mapping[Powers, Fraction]

    def __add__(self, other: Polynomial) -> Polynomial:
        merged = dict(self.monomials)
        for powers, c in other.monomials.items():
            merged[powers] = merged.get(powers, Fraction(0)) + c
        return Polynomial({p: c for p, c in merged.items() if c})

    def __mul__(self, other: Polynomial) -> Polynomial:
        total = ZERO
        for p, c in self.monomials.items():
            total += Polynomial({_times(p, q): c * d for q, d in other.monomials.items()})
        return total

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + other.scaled(-1)

    def scaled(self, factor: Fraction | int) -> Polynomial:
        return Polynomial({p: c * factor for p, c in self.monomials.items() if factor})

    @property
    def atoms(self) -> frozenset[Term]:
        return frozenset(a for powers in self.monomials for a, _ in powers)

    @property
    def denominator(self) -> int:
        return lcm(*(c.denominator for c in self.monomials.values()))

    def by_powers(self, x: Term) -> dict[int, Polynomial]:
        """The coefficients of the powers of x, highest first."""
        found: dict[int, Polynomial] = {}
        for powers, c in self.monomials.items():
            rest = tuple((a, e) for a, e in powers if a is not x)
            n = dict(powers).get(x, 0)
            found[n] = found.get(n, ZERO) + Polynomial({rest: c})
        return {n: found[n] for n in sorted(found, reverse=True)}

    def substituted(self, values: Mapping[Term, Polynomial]) -> Polynomial:
        total = ZERO
        for powers, c in self.monomials.items():
            product = constant(c)
            for a, e in powers:
                for _ in range(e):
                    product *= values.get(a, atom(a))
            total += product
        return total

    def summed(self, x: Term) -> Polynomial:
        """The sum over x = 0, 1, .. below x."""
        total = ZERO
        for n, c in self.by_powers(x).items():
            total += c * _power_sum(n, x)
        return total

    def term(self) -> Term:
        """The polynomial with integer coefficients as a term."""
        parts = [_product(powers, c) for powers, c in self.monomials.items()]
        return _sum(parts)

    def horner(self, x: Term, at: Term | None = None) -> Term:
        """The same, by powers of x, at another value of x where one is given."""
        at = x if at is None else at
        coefficients = self.by_powers(x)
        total: Term | None = None
        for n in range(max(coefficients, default=0), -1, -1):
            c = coefficients.get(n, ZERO)
            total = None if total is None else apply("mul", total, at)
            if c.monomials:
                total = c.term() if total is None else apply("add", total, c.term())
        return literals.int_lit(0) if total is None else total

    def text(self, names: Mapping[Term, str]) -> str:
        """As people write it, highest power first."""
        ordered = sorted(self.monomials.items(), key=lambda pair: -sum(e for _, e in pair[0]))
        parts = [_shown(powers, c, names) for powers, c in ordered]
        return " + ".join(parts).replace("+ -", "- ") or "0"


def _shown(powers: Powers, c: Fraction, names: Mapping[Term, str]) -> str:
    factors = [names.get(a, "c") + (f"**{e}" if e > 1 else "") for a, e in powers]
    if abs(c.numerator) != 1 or not factors:
        factors.insert(0, str(abs(c.numerator)))
    divided = f"/{c.denominator}" if c.denominator != 1 else ""
    return ("-" if c < 0 else "") + "*".join(factors) + divided


ZERO = Polynomial({})


def constant(value: Fraction | int) -> Polynomial:
    return Polynomial({(): Fraction(value)} if value else {})


def atom(x: Term) -> Polynomial:
    return Polynomial({((x, 1),): Fraction(1)})


def polynomial(e: Term, inside: Callable[[Term], Term | None] | None = None) -> Polynomial:
    """An integer term as a polynomial; what is not + - * or a literal is an atom, or what `inside` says."""

    def read(x: Term) -> Polynomial:
        if x.kind == "K":
            return constant(literals.int_value(x))
        _, args = arguments(x)
        match head(x):
            case "add":
                return read(args[0]) + read(args[1])
            case "sub":
                return read(args[0]) - read(args[1])
            case "mul":
                return read(args[0]) * read(args[1])
            case "neg":
                return read(args[0]).scaled(-1)
            case _:
                within = inside(x) if inside is not None else None
                return atom(x) if within is None else read(within)

    return read(e)


def _times(p: Powers, q: Powers) -> Powers:
    merged = dict(p)
    for a, e in q:
        merged[a] = merged.get(a, 0) + e
    return tuple(sorted(merged.items(), key=lambda pair: key(pair[0])))


def _product(powers: Powers, c: Fraction) -> Term:
    assert c.denominator == 1
    factors = [a for a, e in powers for _ in range(e)]
    if c != 1 or not factors:
        factors.insert(0, literals.int_lit(int(c)))
    product = factors[0]
    for f in factors[1:]:
        product = apply("mul", product, f)
    return product


def _sum(parts: list[Term]) -> Term:
    if not parts:
        return literals.int_lit(0)
    total = parts[0]
    for p in parts[1:]:
        total = apply("add", total, p)
    return total


@cache
def _coefficients(n: int) -> tuple[Fraction, ...]:
    """Of 0**n + 1**n + .. + (x - 1)**n = c1 x + c2 x**2 + .., by (x + 1)**(n + 1) - x**(n + 1) summed."""
    total = [Fraction(0)] * (n + 2)
    total[n + 1] = Fraction(1)
    binomial = 1
    for m in range(n):  # x**(n+1) = sum over m <= n of C(n + 1, m) * S_m(x)
        for i, c in enumerate(_coefficients(m)):
            total[i] -= binomial * c
        binomial = binomial * (n + 1 - m) // (m + 1)
    return tuple(c / (n + 1) for c in total)


def _power_sum(n: int, x: Term) -> Polynomial:
    total, power = ZERO, constant(1)
    for c in _coefficients(n):
        total += power.scaled(c)
        power *= atom(x)
    return total


INDEX = t.var("i", t.INT)
"""The number of the step, from 0."""
