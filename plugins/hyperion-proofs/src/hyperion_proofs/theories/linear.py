"""Untrusted. Contradictions among inequalities of integers, by Fourier-Motzkin elimination, with proofs.

A fact is |- le a b = true or |- le a b = false, so that b - a, or a - b - 1, is not negative. What is sought is a sum
of multiples of these that is a negative number (Farkas 1902); only then theorems are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import TypeAlias, TypeVar

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, chain, discharge, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import contradiction, instance

MOST = 400
"""Inequalities at one time: elimination may double their number with every variable."""
ZERO = literals.int_lit(0)
Key = TypeVar("Key")
Product: TypeAlias = tuple[Term, ...]
"""Atoms in a fixed order; empty for a number."""
Polynomial: TypeAlias = Mapping[Product, int]


@dataclass(frozen=True, eq=False)
class Fact:
    """An inequality, and the polynomial that it says is not negative."""

    theorem: Theorem
    polynomial: Polynomial

    @cached_property
    def nonnegative(self) -> Theorem:
        """|- le 0 e = true, for the polynomial as an expression."""
        return nonnegative(self.theorem)

    @property
    def products(self) -> frozenset[Product]:
        return frozenset(p for p in self.polynomial if p)

    @cached_property
    def atoms(self) -> frozenset[Term]:
        return frozenset(atom for product in self.polynomial for atom in product)


def fact(th: Theorem) -> Fact:
    """From |- le a b = true or |- le a b = false."""
    a, b = (polynomial(side) for side in arguments(th.left)[1])
    if th.right is TRUE:
        return Fact(th, _combined(b, 1, a, -1))
    return Fact(th, _combined(_combined(a, 1, b, -1), 1, {(): 1}, -1))


def polynomial(x: Term) -> Polynomial:
    """The integer x as a polynomial over its atoms."""
    args = arguments(x)[1]
    match _operator(x):
        case "add":
            return _combined(polynomial(args[0]), 1, polynomial(args[1]), 1)
        case "sub":
            return _combined(polynomial(args[0]), 1, polynomial(args[1]), -1)
        case "neg":
            return _combined({}, 1, polynomial(args[0]), -1)
        case "mul":
            product: dict[Product, int] = {}
            for p, m in polynomial(args[0]).items():
                for q, n in polynomial(args[1]).items():
                    key = tuple(sorted(p + q, key=t.digest))
                    product[key] = product.get(key, 0) + m * n
            return {key: value for key, value in product.items() if value}
        case "literal":
            return {(): literals.int_value(x)} if literals.int_value(x) else {}
        case _:
            return {(x,): 1}


def _operator(x: Term) -> str:
    head = arguments(x)[0]
    return "literal" if x.kind == "K" else head.name if head.kind == "C" else ""


@dataclass(frozen=True)
class Row:
    """A combination of facts: its coefficients, its constant, and the multiple of each fact in it."""

    coefficients: Mapping[Product, int]
    constant: int
    multiples: Mapping[int, int]


def refute(facts: Sequence[Fact]) -> Theorem | None:
    """|- le 0 n = true with a negative number n, from the facts; None where there is none."""
    rows = [
        Row({p: c for p, c in each.polynomial.items() if p}, each.polynomial.get((), 0), {i: 1})
        for i, each in enumerate(facts)
    ]
    found = _eliminate(rows)
    return None if found is None else _sum([(found[i], facts[i].nonnegative) for i in sorted(found)])


def absurd(impossible: Theorem, left: Term, right: Term) -> Theorem:
    """|- left = right from what `refute` found."""
    return contradiction(k.trans(k.sym(impossible), k.compute(impossible.left)), left, right)


def nonnegative(th: Theorem) -> Theorem:
    """From |- le a b = true or |- le a b = false: |- le 0 e = true."""
    th = th if th.right is TRUE else _negated(th)
    a, b = arguments(th.left)[1]
    moved = instance("int.le.add", a=a, b=b, c=apply("neg", a))
    first, last = arguments(moved.left)[1]
    nothing = INTEGERS.equal(first, ZERO)
    assert nothing is not None
    tidy = k.app(k.app(k.refl(moved.left.function.function), nothing), k.refl(last))
    return chain(k.sym(tidy), moved, th)


def _negated(fact: Theorem) -> Theorem:
    """From |- le a b = false: |- le (add 1 b) a = true."""
    a, b = arguments(fact.left)[1]
    law = instance("int.le.not", a=a, b=b)  # not (le a b) = lt b a
    opened = k.app(k.refl(law.left.function), fact)
    unfolded = use("not.def", opened.right)
    assert unfolded is not None
    decided = use("cond.false", unfolded.right)
    assert decided is not None
    less = chain(k.sym(law), opened, unfolded, decided)
    return k.trans(k.sym(instance("int.lt.def", a=b, b=a)), less)


def _eliminate(rows: list[Row]) -> Mapping[int, int] | None:
    """Multiples of the facts whose sum is a negative number."""
    while rows:
        for row in rows:
            if not row.coefficients and row.constant < 0:
                return row.multiples
        rows = _least([row for row in rows if row.coefficients])
        products = {product for row in rows for product in row.coefficients}
        if not products or len(rows) > MOST:
            return None
        rows = _without(rows, min(products, key=lambda product: _growth(rows, product)))
    return None


def _least(rows: list[Row]) -> list[Row]:
    """Of rows with the same coefficients the one that says most."""
    best: dict[frozenset[tuple[Product, int]], Row] = {}
    for row in rows:
        key = frozenset(row.coefficients.items())
        other = best.get(key)
        if other is None or row.constant < other.constant:
            best[key] = row
    return list(best.values())


def _growth(rows: list[Row], atom: Product) -> int:
    """How many rows more there are without the atom."""
    above = sum(row.coefficients.get(atom, 0) > 0 for row in rows)
    below = sum(row.coefficients.get(atom, 0) < 0 for row in rows)
    return above * below - above - below


def _without(rows: list[Row], atom: Product) -> list[Row]:
    kept = [row for row in rows if atom not in row.coefficients]
    above = [row for row in rows if row.coefficients.get(atom, 0) > 0]
    below = [row for row in rows if row.coefficients.get(atom, 0) < 0]
    return kept + [_added(a, -b.coefficients[atom], b, a.coefficients[atom]) for a in above for b in below]


def _added(a: Row, times: int, b: Row, more: int) -> Row:
    """A sum of multiples, made small."""
    coefficients = _combined(a.coefficients, times, b.coefficients, more)
    multiples = _combined(a.multiples, times, b.multiples, more)
    constant = a.constant * times + b.constant * more
    common = gcd(constant, *coefficients.values(), *multiples.values())
    if common > 1:
        coefficients = {p: c // common for p, c in coefficients.items()}
        multiples = {i: m // common for i, m in multiples.items()}
        constant //= common
    return Row(coefficients, constant, multiples)


def _combined(a: Mapping[Key, int], times: int, b: Mapping[Key, int], more: int) -> dict[Key, int]:
    total = {key: value * times for key, value in a.items()}
    for key, value in b.items():
        total[key] = total.get(key, 0) + value * more
    return {key: value for key, value in total.items() if value}


def _sum(parts: Sequence[tuple[int, Theorem]]) -> Theorem:
    """|- le 0 n = true, n the normal form of the sum of these multiples."""
    whole: Theorem | None = None
    for times, th in parts:
        scaled = th if times == 1 else _scaled(times, th)
        if whole is None:
            whole = scaled
        else:
            law = instance("int.nonneg.add", a=whole.left.argument, b=scaled.left.argument)
            whole = discharge(law, whole, scaled)
    if whole is None:
        raise NoProof("a sum of nothing")
    tidy = INTEGERS.normal(whole.left.argument)
    return whole if tidy is None else k.trans(k.sym(k.app(k.refl(whole.left.function), tidy)), whole)


def _scaled(times: int, th: Theorem) -> Theorem:
    factor = literals.int_lit(times)
    law = instance("int.nonneg.mul", a=factor, b=th.left.argument)
    return discharge(law, k.compute(apply("le", ZERO, factor)), th)
