"""Untrusted. Ring-linear loop bodies and the sparse matrices that summarise them.

Each new state component is a sum of coefficient * component, plus a constant; coefficients depend on the element only.
A chunk is summarised by its matrix. An entry that stays zero or one under composition is not stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.effort import checkpoint
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.expressions import mentions


class NotLinear(Exception):
    """Why a loop body is not linear over the semiring."""


@dataclass(frozen=True)
class Ring:
    """A commutative ring by the names of its operations."""

    title: str
    plus: str
    times: str
    one: Term
    zero: Term
    negate: str
    subtract: str


MODULAR = Ring("(+, *)", "add", "mul", literals.int_lit(1), literals.int_lit(0), "neg", "sub")
REAL = Ring(
    "(+, *) over the reals",
    "radd",
    "rmul",
    literals.literal(t.REAL, "1/1"),
    literals.literal(t.REAL, "0/1"),
    "rneg",
    "rsub",
)

Form = dict[int | None, Term]  # component (None: the constant) -> coefficient


class Linear:
    """Reads linear forms over the state's atoms."""

    def __init__(self, ring: Ring, atoms: Sequence[Term]) -> None:
        self.ring = ring
        self._atoms = tuple(atoms)
        self._index = {a: i for i, a in enumerate(atoms)}

    def form(self, e: Term) -> Form:
        r = self.ring
        if e in self._index:
            return {self._index[e]: r.one}
        if not mentions(e, self._atoms):
            return {None: e}
        name = head(e)
        _, args = arguments(e)
        if name == r.plus:
            return self._plus(self.form(args[0]), self.form(args[1]))
        if name == r.times:
            return self._times(self.form(args[0]), self.form(args[1]))
        if name == r.subtract:
            return self._plus(self.form(args[0]), self._times({None: _minus_one(r)}, self.form(args[1])))
        if name == "rdiv" and r is REAL and not mentions(args[1], self._atoms):
            return self._times({None: apply("rdiv", r.one, args[1])}, self.form(args[0]))
        if name == r.negate:
            return self._times({None: _minus_one(r)}, self.form(args[0]))
        if r is MODULAR and name.startswith("toZ.") and head(args[0]) == "ofZ." + name[4:]:
            return self.form(args[0].argument)
        if name == "cond":
            return self._cond(*args)
        raise NotLinear(f"the state goes through {said(name)}, which is not linear over {r.title}")

    def _plus(self, f: Form, g: Form) -> Form:
        merged = {i: self.plus(f.get(i), g.get(i)) for i in f | g}
        if self.ring is REAL and any(i in f and i in g and _vanishes(c) for i, c in merged.items()):
            raise NotLinear("terms cancel over the reals: the loop compensates rounding, which regrouping would undo")
        return merged

    def plus(self, a: Term | None, b: Term | None) -> Term:
        if a is None or b is None:
            found = a or b
            assert found is not None
            return found
        return apply(self.ring.plus, a, b)

    def times(self, a: Term, b: Term) -> Term:
        one = self.ring.one
        if a is one or b is one:
            return b if a is one else a
        return apply(self.ring.times, a, b)

    def _times(self, f: Form, g: Form) -> Form:
        if set(f) != {None}:
            f, g = g, f
        if set(f) != {None}:
            raise NotLinear(f"two values of the state are multiplied, which is not linear over {self.ring.title}")
        return {i: self.times(f[None], c) for i, c in g.items()}

    def _cond(self, c: Term, a: Term, b: Term) -> Form:
        if mentions(c, self._atoms):
            raise NotLinear("a branch tests the state in a way that is neither max nor min")
        f, g, zero = self.form(a), self.form(b), self.ring.zero
        pairs = {i: (f.get(i, zero), g.get(i, zero)) for i in f | g}
        return {i: u if u is v else apply("cond", c, u, v) for i, (u, v) in pairs.items()}


def _vanishes(e: Term) -> bool:
    th = REALS.normal(e)
    normal = th.right if th is not None else e
    return normal is REAL.zero


def said(name: str) -> str:
    """An operation of the logic in the words of the loop."""
    if name.startswith(("toZ.", "ofZ.")):
        return f"a reduction modulo 2**{name[5:]}"
    return f"`{name.removeprefix('op:')}`" if name else "an unknown operation"


def _minus_one(ring: Ring) -> Term:
    return literals.literal(ring.one.type, "-1" if ring.one.type is t.INT else "-1/1")


class Kind(Enum):
    ZERO = "zero"
    ONE = "one"
    VALUE = "value"


Matrix = tuple[tuple[Term | None, ...], ...]


@dataclass(frozen=True)
class Template:
    """A sparse matrix of `size` rows and `size + 1` columns (the last for constants), closed under composition."""

    linear: Linear
    kinds: tuple[tuple[Kind, ...], ...]

    @property
    def entries(self) -> list[tuple[int, int]]:
        return [(i, j) for i, row in enumerate(self.kinds) for j, kind in enumerate(row) if kind is Kind.VALUE]

    def matrix(self, values: Sequence[Term]) -> list[list[Term | None]]:
        supply = iter(values)
        one = self.linear.ring.one
        return [
            [next(supply) if kind is Kind.VALUE else one if kind is Kind.ONE else None for kind in row]
            for row in self.kinds
        ]

    def lift(self, matrix: Matrix) -> list[Term]:
        """The stored entries of a matrix that fits."""
        found: list[Term] = []
        for i, j in self.entries:
            value = matrix[i][j]
            found.append(self.linear.ring.zero if value is None else value)
        return found

    def compose(self, later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        product = compose(self.linear, self.matrix(later), self.matrix(earlier))
        return [product[i][j] or self.linear.ring.zero for i, j in self.entries]

    def act(self, values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        linear, result = self.linear, list[Term]()
        for row in self.matrix(values):
            total: Term | None = None
            for a, s in zip(row, [*state, linear.ring.one], strict=True):
                if a is not None:
                    total = linear.plus(total, linear.times(a, s)) if total is not None else linear.times(a, s)
            assert total is not None
            result.append(total)
        return result


def compose(linear: Linear, a: list[list[Term | None]], b: list[list[Term | None]]) -> list[list[Term | None]]:
    """The matrix of `b`, then `a`; both have an implicit last row that keeps the constant."""
    size = len(a)
    result: list[list[Term | None]] = []
    for i in range(size):
        row: list[Term | None] = []
        for j in range(size + 1):
            total: Term | None = a[i][size] if j == size else None
            for m in range(size):
                left, right = a[i][m], b[m][j]
                if left is not None and right is not None:
                    product = linear.times(left, right)
                    total = product if total is None else linear.plus(total, product)
            row.append(total)
        result.append(row)
    return result


def matrix_of(forms: Sequence[Form]) -> Matrix:
    size = len(forms)
    return tuple(tuple(f.get(j if j < size else None) for j in range(size + 1)) for f in forms)


def close(linear: Linear, matrices: Sequence[Matrix]) -> Template:
    """The least template that contains the matrices and is closed under composition."""
    size, one = len(matrices[0]), linear.ring.one

    def kind(e: Term | None) -> Kind:
        return Kind.ZERO if e is None else Kind.ONE if e is one else Kind.VALUE

    def common(i: int, j: int) -> Kind:
        found = {kind(m[i][j]) for m in matrices}
        return found.pop() if len(found) == 1 else Kind.VALUE

    kinds = [[common(i, j) for j in range(size + 1)] for i in range(size)]
    while True:
        template = Template(linear, tuple(map(tuple, kinds)))
        names = [[t.var(f"{side}{i}.{j}", one.type) for i, j in template.entries] for side in "ab"]
        checkpoint()
        product = compose(linear, template.matrix(names[0]), template.matrix(names[1]))
        changed = False
        for i in range(size):
            for j in range(size + 1):
                if kinds[i][j] is not Kind.VALUE and kind(product[i][j]) is not kinds[i][j]:
                    kinds[i][j] = Kind.VALUE
                    changed = True
        if not changed:
            return template
