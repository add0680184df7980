"""Untrusted. Semiring-linear loop bodies and the sparse matrices that summarise them.

Each new state component is a sum over the semiring of coefficient * component, plus a constant; coefficients depend on
the element only. A chunk is summarised by its matrix. An entry that stays the semiring's zero or one under composition
is not stored; the rest are the summary. Maximum segment sum over (max, +) leaves four: sum, suffix, prefix and best.
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
from hyperion.logic.ring import INTEGERS, REALS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head


class NotLinear(Exception):
    """Why a loop body is not linear over the semiring."""


@dataclass(frozen=True)
class Semiring:
    """A commutative semiring by the names of its operations; `zero` is None where no value of the type is neutral."""

    title: str
    plus: str
    times: str
    one: Term
    zero: Term | None
    negate: str  # the constant that negates a coefficient
    subtract: str


MAXPLUS = Semiring("(max, +)", "max", "add", literals.int_lit(0), None, "neg", "sub")
MINPLUS = Semiring("(min, +)", "min", "add", literals.int_lit(0), None, "neg", "sub")
MODULAR = Semiring("(+, *)", "add", "mul", literals.int_lit(1), literals.int_lit(0), "neg", "sub")
REAL = Semiring(
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
    """Reads linear forms over the state atoms `atoms`; `state` is the variable that they contain."""

    def __init__(self, ring: Semiring, atoms: Sequence[Term], state: Term) -> None:
        self.ring = ring
        self._index = {a: i for i, a in enumerate(atoms)}
        self._state = state

    def form(self, e: Term) -> Form:
        r = self.ring
        if e in self._index:
            return {self._index[e]: r.one}
        if self._state not in e.free:
            return {None: e}
        name = head(e)
        _, args = arguments(e)
        if name == r.plus:
            return self._plus(self.form(args[0]), self.form(args[1]))
        if name == r.times:
            return self._times(self.form(args[0]), self.form(args[1]))
        if name == r.subtract:
            return self._subtract(args[0], args[1])
        if name == r.negate and r.zero is not None:
            return self._times({None: _minus_one(r)}, self.form(args[0]))
        if r is MODULAR and name.startswith("toZ.") and head(args[0]) == "ofZ." + name[4:]:
            return self.form(args[0].argument)
        if name == "cond":
            return self._cond(*args)
        scaled = r is MAXPLUS and name == "mul" and sum(self._state in a.free for a in args) == 1
        way = '; overflow="wrap" takes multiples of the state' if scaled else ""
        raise NotLinear(f"the state goes through {_said(name)}, which is not linear over {r.title}{way}")

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
        return a if a is b and self.ring.zero is None else apply(self.ring.plus, a, b)

    def times(self, a: Term, b: Term) -> Term:
        one = self.ring.one
        if a is one or b is one:
            return b if a is one else a
        product = apply(self.ring.times, a, b)
        return _literal(product) if self.ring.zero is None else product

    def _times(self, f: Form, g: Form) -> Form:
        if set(f) != {None}:
            f, g = g, f
        if set(f) != {None}:
            what = "added" if self.ring.times == "add" else "multiplied"
            way = '; overflow="wrap" takes sums of states' if what == "added" else ""
            raise NotLinear(f"two values of the state are {what}, which is not linear over {self.ring.title}{way}")
        return {i: self.times(f[None], c) for i, c in g.items()}

    def _subtract(self, a: Term, b: Term) -> Form:
        r = self.ring
        if r.zero is not None:
            return self._plus(self.form(a), self._times({None: _minus_one(r)}, self.form(b)))
        if self._state in b.free:
            raise NotLinear(f'the state is subtracted, which is not linear over {r.title}; overflow="wrap" takes that')
        return self._times(self.form(a), {None: apply(r.negate, b)})

    def _cond(self, c: Term, a: Term, b: Term) -> Form:
        if self._state in c.free:
            raise NotLinear("a branch tests the state in a way that is neither max nor min")
        f, g = self.form(a), self.form(b)
        merged: Form = {}
        for i in f | g:
            u, v = f.get(i, self.ring.zero), g.get(i, self.ring.zero)
            if u is None or v is None:
                raise NotLinear(
                    f"in one branch only, the new state forgets an old one; over {self.ring.title} that takes an "
                    "infinity, which no machine integer is"
                )
            merged[i] = u if u is v else apply("cond", c, u, v)
        return merged


def _literal(e: Term) -> Term:
    """The literal that an integer expression always is, such as 0 for -x + x; else the expression itself."""
    th = INTEGERS.normal(e)
    return th.right if th is not None and th.right.kind == "K" else e


def _vanishes(e: Term) -> bool:
    th = REALS.normal(e)
    normal = th.right if th is not None else e
    return normal is REAL.zero


def _said(name: str) -> str:
    """An operation of the logic in the words of the loop."""
    if name.startswith(("toZ.", "ofZ.")):
        return f"a reduction modulo 2**{name[5:]}"
    return f"`{name.removeprefix('op:')}`" if name else "an unknown operation"


def _minus_one(ring: Semiring) -> Term:
    return literals.literal(ring.one.type, "-1" if ring.one.type is t.INT else "-1/1")


class Kind(Enum):
    ZERO = "zero"
    ONE = "one"
    VALUE = "value"


@dataclass(frozen=True)
class Template:
    """A sparse matrix of `size` rows and `size + 1` columns (the last for constants), closed under composition."""

    linear: Linear
    kinds: tuple[tuple[Kind, ...], ...]
    first: tuple[tuple[Term | None, ...], ...]  # the matrix of one element

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

    def lift(self) -> list[Term]:
        """The stored entries of one element's matrix."""
        ring = self.linear.ring
        found: list[Term] = []
        for i, j in self.entries:
            value = self.first[i][j]
            value = ring.zero if value is None else value
            if value is None:
                raise NotLinear(f"the summary of one element needs the zero of {ring.title}, which no value is")
            found.append(value)
        return found

    def compose(self, later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        product = compose(self.linear, self.matrix(later), self.matrix(earlier))
        found = [product[i][j] for i, j in self.entries]
        return [e for e in found if e is not None]

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


def close(linear: Linear, forms: Sequence[Form]) -> Template:
    """The least template that contains the body's matrix and is closed under composition."""
    size, one = len(forms), linear.ring.one
    first = tuple(tuple(f.get(j if j < size else None) for j in range(size + 1)) for f in forms)

    def kind(e: Term | None) -> Kind:
        return Kind.ZERO if e is None else Kind.ONE if e is one else Kind.VALUE

    kinds = [[kind(e) for e in row] for row in first]
    while True:
        template = Template(linear, tuple(map(tuple, kinds)), first)
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
            template.lift()
            return template
