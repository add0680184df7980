"""Untrusted. Linear recurrences with the counter as part of the state: matrices and their powers, without proofs.

The larger state is the loop's state and the powers of the counter that its steps use. A matrix has a row for each of
its components, and a column more than that for constants. An entry that every power has as 0 or 1 is not stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hyperion.logic import literals
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.polynomials import ZERO, Polynomial, atom, constant

Row = tuple[Polynomial, ...]
Kind = int | None
"""0 or 1 in every power, else None."""
Entry = Term | int


def row(p: Polynomial, atoms: Sequence[Term]) -> Row:
    """The coefficients of the atoms in a linear polynomial, and the constant. Raises Refused."""
    found = [ZERO] * (len(atoms) + 1)
    for powers, c in p.monomials.items():
        own = [(a, n) for a, n in powers if a in atoms]
        rest = tuple((a, n) for a, n in powers if a not in atoms)
        if sum(n for _, n in own) > 1:
            raise Refused("two values of the state are multiplied, so the step is not linear")
        j = atoms.index(own[0][0]) if own else len(atoms)
        found[j] += Polynomial({rest: c})
    return tuple(found)


@dataclass(frozen=True)
class Powers:
    """The powers of a matrix; `reduce` is put around each product and each sum."""

    rows: tuple[Row, ...]
    kinds: tuple[tuple[Kind, ...], ...]
    reduce: Callable[[Term], Term]

    @property
    def entries(self) -> list[tuple[int, int]]:
        return [(i, j) for i, kinds in enumerate(self.kinds) for j, kind in enumerate(kinds) if kind is None]

    def lift(self) -> list[Term]:
        """The stored entries of the matrix itself."""
        return [self.reduce(self.rows[i][j].term()) for i, j in self.entries]

    def multiply(self, later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        a, b, size = self._matrix(later), self._matrix(earlier), len(self.rows)
        found: list[Term] = []
        for i, j in self.entries:
            products = [(a[i][m], b[m][j]) for m in range(size)]
            found.append(self._sum([*products, (a[i][size], 1)] if j == size else products))
        return found

    def act(self, values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return [self._sum(list(zip(entries, [*state, 1], strict=True))) for entries in self._matrix(values)]

    def _matrix(self, values: Sequence[Term]) -> list[list[Entry]]:
        supply = iter(values)
        return [[next(supply) if kind is None else kind for kind in kinds] for kinds in self.kinds]

    def _sum(self, products: Sequence[tuple[Entry, Entry]]) -> Term:
        parts = [self._product(a, b) for a, b in products if a != 0 and b != 0]
        total = parts[0] if parts else literals.int_lit(0)
        for p in parts[1:]:
            total = apply("add", total, p)
        return self.reduce(total)

    def _product(self, a: Entry, b: Entry) -> Term:
        if isinstance(a, int) or isinstance(b, int):
            other = b if isinstance(a, int) else a
            return literals.int_lit(other) if isinstance(other, int) else other
        return self.reduce(apply("mul", a, b))


def powers_of(rows: tuple[Row, ...], reduce: Callable[[Term], Term]) -> Powers:
    """The powers of the matrix, with as few stored entries as its pattern allows."""

    def kind(c: Polynomial) -> Kind:
        return 0 if not c.monomials else 1 if c == constant(1) else None

    kinds = [[kind(c) for c in cells] for cells in rows]
    while True:
        product = [[_composed(kinds, i, j) for j in range(len(rows) + 1)] for i in range(len(rows))]
        joined = [
            [a if a == b else None for a, b in zip(*both, strict=True)] for both in zip(kinds, product, strict=True)
        ]
        if joined == kinds:
            return Powers(rows, tuple(map(tuple, kinds)), reduce)
        kinds = joined


def _composed(kinds: list[list[Kind]], i: int, j: int) -> Kind:
    """The kind of an entry of the product of two matrices of these kinds."""
    size = len(kinds)
    products = [(kinds[i][m], kinds[m][j]) for m in range(size)] + ([(kinds[i][size], 1)] if j == size else [])
    present = [(a, b) for a, b in products if a != 0 and b != 0]
    if not present:
        return 0
    return 1 if present == [(1, 1)] else None


def counter_row(element: Polynomial, index: Term, power: int, known: Sequence[Term]) -> Polynomial:
    """element**power a step later, over `known`, the terms of element**1, element**2, ..: by the binomial formula."""
    step = element.substituted({index: atom(index) + constant(1)}) - element
    if index in step.atoms:
        raise Refused("the counter does not move evenly")
    total, binomial = ZERO, 1
    for n in range(power + 1):
        part = constant(binomial)
        for _ in range(power - n):
            part *= step
        total += part * (atom(known[n - 1]) if n else constant(1))
        binomial = binomial * (power - n) // (n + 1)
    return total
