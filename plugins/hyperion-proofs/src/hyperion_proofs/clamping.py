"""Untrusted. Integer expressions that stay within 128 bits whatever their values are, for guards.

`clamp x` is max (min x B) (-B). The guard tests -B <= x <= B for each; where it holds, the clamps change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import chain, cond_is, instance, replace_all
from hyperion_proofs.polynomials import INDEX, Polynomial

_BITS = 126
_SUM_BITS = 3  # up to 8 of them are added
_COUNT_BITS = 62
_SPARE_BITS = 4


class Clamps:
    """For expressions over the count in which a value may be `scale` times an i64, of polynomials up to `degree`, whose
    coefficients of the count have up to `width` bits."""

    def __init__(self, scale: int, degree: int, width: int = 64) -> None:
        self._value_bits = 63 + scale.bit_length() + _SPARE_BITS
        self._most_bits = _BITS if degree < 2 else _BITS - _SUM_BITS
        self._count_bits = (
            min(_COUNT_BITS, _BITS - min(width, self._value_bits)) if degree < 2 else self._most_bits - self._value_bits
        )
        if self._count_bits < 1:
            raise Refused("a step multiplies too many values for a guard in 128 bits")
        self._bound = 1 << self._value_bits
        self.most = 1 << self._count_bits  # steps
        self._inside: dict[Term, Term] = {}
        self._regrouped: dict[Term, Term] = {}  # sums of clamped products, and the coefficients that they are

    @property
    def tests(self) -> list[Term]:
        """What has to hold for the clamps to change nothing."""
        return [x for inner in self._inside.values() for x in self._limits(inner)]

    def product(self, c: Polynomial, x: Term, n: int) -> Term:
        """c * x * x .. with n factors x, where x is at most `most`."""
        return self.horner(Polynomial({_raised(p, n): v for p, v in c.monomials.items()}), x)

    def horner(self, p: Polynomial, x: Term) -> Term:
        """p at the index x, by powers of the index."""
        coefficients = p.by_powers(INDEX)
        total, used = literals.int_lit(0), 0
        for n in range(max(coefficients, default=0), -1, -1):
            if n < max(coefficients, default=0):
                if used + self._count_bits > self._most_bits:
                    total, used = self._clamp(total), self._value_bits
                total, used = apply("mul", total, x), used + self._count_bits
            c = coefficients.get(n)
            if c is not None:
                term, size = self._coefficient(c)
                started = n < max(coefficients)
                total, used = (apply("add", total, term), max(used, size) + 1) if started else (term, size)
            if used > _BITS + 1:
                raise Refused("a step multiplies too many values for a guard in 128 bits")
        return total

    def _coefficient(self, c: Polynomial) -> tuple[Term, int]:
        """The coefficient, in clamped form where it is too large, and its bits."""
        term, size = c.term(), bits(c)
        if any(sum(n for _, n in powers) > 2 for powers in c.monomials):
            raise Refused("a step multiplies too many values for a guard in 128 bits")
        if size > _BITS:
            total: Term | None = None
            size = 0
            for powers, v in c.monomials.items():
                part, most = self._coefficient(Polynomial({powers: Fraction(1)}))
                part = apply("mul", literals.int_lit(int(v)), part)
                total = part if total is None else apply("add", total, part)
                size += int(abs(v)) << most
            assert total is not None
            self._regrouped[total] = term
            term, size = total, (size - 1).bit_length()
        if size > _BITS:
            raise Refused("a step multiplies too many values for a guard in 128 bits")
        return (term, size) if size <= self._value_bits else (self._clamp(term), self._value_bits)

    def _clamp(self, x: Term) -> Term:
        top, bottom = (literals.int_lit(b) for b in (self._bound, -self._bound))
        found = apply("max", apply("min", x, top), bottom)
        self._inside[found] = x
        return found

    def _limits(self, x: Term) -> tuple[Term, Term]:
        top, bottom = (literals.int_lit(b) for b in (self._bound, -self._bound))
        return apply("le", x, top), apply("le", bottom, x)

    def removed(self, x: Term, facts: Mapping[Term, Theorem]) -> Theorem:
        """|- x = x without clamps, where the tests are among the facts |- test = true."""

        def rule(u: Term) -> Theorem | None:
            if u in self._regrouped:
                parts = (replace_all(x, rule) or k.refl(x) for x in (u.function, u.argument))
                plain = k.app(*parts)
                return chain(plain, INTEGERS.equal(plain.right, self._regrouped[u]))
            if u not in self._inside:
                return None
            inner = self._inside[u]
            below, above = (facts[test] for test in self._limits(inner))
            least = smaller(below)
            function, (_, bottom) = arguments(u)
            changed = k.app(k.app(k.refl(function), least), k.refl(bottom))
            return chain(changed, larger(above), replace_all(inner, rule))

        return replace_all(x, rule) or k.refl(x)


def smaller(th: Theorem) -> Theorem:
    """From |- le a b = true: |- min a b = a."""
    a, b = arguments(th.left)[1]
    return _chosen("min", th, a, b)


def larger(th: Theorem) -> Theorem:
    """From |- le b a = true: |- max a b = a."""
    b, a = arguments(th.left)[1]
    return _chosen("max", th, a, b)


def _chosen(name: str, th: Theorem, u: Term, v: Term) -> Theorem:
    a, b = arguments(th.left)[1]
    same = INTEGERS.equal(
        *(apply("add", u, y) if i == 0 else apply("add", v, y) for i, y in enumerate(_paired(name, a, b)))
    )
    assert same is not None
    law = discharge(instance(f"int.le.{name}", a=a, b=b, u=u, v=v), same)
    return chain(k.sym(law), cond_is(th, law.left))


def _paired(name: str, a: Term, b: Term) -> tuple[Term, Term]:
    """What the axiom adds to the branches."""
    return (b, a) if name == "min" else (a, b)


def _raised(powers: tuple[tuple[Term, int], ...], n: int) -> tuple[tuple[Term, int], ...]:
    return (*powers, (INDEX, n))


def width(p: Polynomial) -> int:
    """Bits of the largest coefficient of the index."""
    return max((bits(c) for n, c in p.by_powers(INDEX).items() if n), default=0)


def bits(c: Polynomial) -> int:
    """Bits of the largest magnitude of the coefficient, whose atoms are values of at most 64 bits."""
    total = 0
    for powers, v in c.monomials.items():
        total += int(abs(v)) << (63 * sum(n for _, n in powers))
    return (total - 1).bit_length() if total else 0
