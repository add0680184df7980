"""Untrusted. Steps that are linear modulo m: Horner hashes, checksums, weighted sums, several moduli side by side.

Each new component is `e % m` with e linear in the components, and m a literal or a positive value from outside. Then

    s  ->  (A1*s1 + .. + Ak*sk + B) % m

is closed under composition, whatever integers the components are: a remainder inside is the number itself but for a
multiple of m. Coefficients are stored reduced, in the narrowest unsigned type that has all remainders, so that the
products fit without a test. A component that a branch leaves alone is one only where 0 <= s < m.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hyperion.ir.types import IntType
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, arguments, head
from hyperion.logic.terms import Term
from hyperion_proofs.ladder.expressions import mentions
from hyperion_proofs.ladder.intervals import ONE, Intervals
from hyperion_proofs.templates import (
    MODULAR,
    Form,
    Linear,
    Matrix,
    NotLinear,
    Template,
    close,
    matrix_of,
    said,
)

STORED = (IntType(8, False), IntType(16, False), IntType(32, False), IntType(64))
"""Types of coefficients; the products of the last fit in 128 bits."""
_SPACE = {8: 1 << 32, 16: 1 << 32, 32: 1 << 64, 64: 1 << 127}
"""What a sum of products of two coefficients must stay below to be computed in one width."""


@dataclass(frozen=True)
class Remainder:
    """One component: its new value is `mod body modulus`. `bare` are the components that a branch takes as they are."""

    modulus: Term
    body: Term
    bare: frozenset[int]


@dataclass(frozen=True)
class Residues:
    """The summary of a class of components. Expressions are integers, over stored values and components as integers."""

    rows: tuple[Remainder, ...]
    template: Template
    matrix: Matrix
    types: tuple[IntType, ...]
    intervals: Intervals

    def lift(self) -> list[Term]:
        """Over the element and captured values."""
        return [
            self._reduced(e, i, kind)
            for e, (i, _), kind in zip(self.template.lift(self.matrix), self.template.entries, self.types, strict=True)
        ]

    def _reduced(self, e: Term, row: int, kind: IntType) -> Term:
        """`e` as a stored value: reduced unless its type has it as it is."""
        try:
            found = self.intervals(e)
        except NoProof:
            found = None
        if found is not None and kind.minimum <= found.low and found.high <= kind.maximum:
            return e
        return apply("mod", e, self.rows[row].modulus)

    def mul(self, later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        sums = self.template.compose(later, earlier)
        return [self._remainder(e, i) for e, (i, _) in zip(sums, self.template.entries, strict=True)]

    def act(self, stored: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return [self._remainder(e, i) for i, e in enumerate(self.template.act(stored, state))]

    def _remainder(self, e: Term, row: int) -> Term:
        """e % m; where e has several products of wide coefficients, each of them reduced before."""
        m = self.rows[row].modulus
        width = stored_type(self.intervals(m).high).width
        products = _products(e)
        largest = products * ((1 << width) - 1) ** 2 + len(self.rows) * ((1 << width) - 1)
        if width == 64:
            largest = products << 126
        if products > 1 and largest >= _SPACE[width]:
            e = _each_product(e, m)
        return apply("mod", e, m)


def stored_type(modulus: int) -> IntType:
    """The narrowest type that has every remainder by a modulus of at most this size."""
    for kind in STORED:
        if modulus - 1 <= kind.maximum:
            return kind
    raise NotLinear(f"remainders by {modulus} do not fit in 64 bits")


def find(exprs: Sequence[Term], atoms: Sequence[Term], state: Term, intervals: Intervals) -> Residues:
    """The summary of components whose new values are `exprs` over `atoms`, their old values as integers.

    `intervals` must know that every modulus is positive. Raises NotLinear.
    """
    rows = remainders(exprs, atoms, state)
    ring = _Linear(atoms)
    forms: list[Form] = []
    for row in rows:
        ring.modulus = row.modulus
        form = ring.form(row.body)
        for j in form:
            if j is not None and rows[j].modulus is not row.modulus:
                raise NotLinear("a sum modulo one number goes on modulo another, which is not linear")
        forms.append(form)
    matrix = matrix_of(forms)
    template = close(ring, [matrix])
    sizes = [_size(row.modulus, intervals) for row in rows]
    types = tuple(stored_type(sizes[i]) for i, _ in template.entries)
    if not types:
        raise NotLinear("the state does not depend on the elements")
    return Residues(tuple(rows), template, matrix, types, intervals)


def _size(modulus: Term, intervals: Intervals) -> int:
    try:
        found = intervals(modulus)
    except NoProof:
        raise NotLinear("the modulus may be anything") from None
    if found.low < 1:
        raise NotLinear("the modulus may be 0 or less")
    return found.high


def remainders(exprs: Sequence[Term], atoms: Sequence[Term], state: Term) -> list[Remainder]:
    """What each component is a remainder of, by which modulus; one that is another, or a number, has that one's."""
    leaves = [list(_leaves(e, state)) for e in exprs]
    index = {a: i for i, a in enumerate(atoms)}
    moduli = [next((m for m in map(_divisor, own) if m is not None), None) for own in leaves]
    for _ in exprs:
        for i, own in enumerate(leaves):
            others = [moduli[index[e]] for e in own if e in index]
            moduli[i] = moduli[i] or next((m for m in others if m is not None), None)
    found: list[Remainder] = []
    for e, own, m in zip(exprs, leaves, moduli, strict=True):
        if m is None or m.free & {state}:
            raise NotLinear("the new state is no remainder by a fixed modulus")
        if not all(_divisor(leaf) is m or leaf in index or leaf.kind == "K" for leaf in own):
            raise NotLinear("one branch gives no remainder by the modulus of the other")
        found.append(Remainder(m, _body(e), frozenset(index[leaf] for leaf in own if leaf in index)))
    return found


def _leaves(e: Term, state: Term) -> Iterator[Term]:
    """The values that an expression may have, by its conditionals."""
    name, (_, args) = head(e), arguments(e)
    if name != "cond" or len(args) != 3:
        yield e
        return
    if state in args[0].free:
        raise NotLinear("a branch tests the state, which is not linear modulo a number")
    for branch in args[1:]:
        yield from _leaves(branch, state)


def _divisor(e: Term) -> Term | None:
    return e.argument if head(e) == "mod" else None


def _body(e: Term) -> Term:
    """The expression without the remainders that are its values."""
    name, (_, args) = head(e), arguments(e)
    if name == "cond" and len(args) == 3:
        return apply("cond", args[0], *map(_body, args[1:]))
    return args[0] if name == "mod" else e


class _Linear(Linear):
    """Linear forms where a remainder by `modulus` is the number itself."""

    def __init__(self, atoms: Sequence[Term]) -> None:
        super().__init__(MODULAR, atoms)
        self._components = tuple(atoms)
        self.modulus: Term = ONE

    def form(self, e: Term) -> Form:
        name, (_, args) = head(e), arguments(e)
        if e not in self._components and mentions(e, self._components):
            if name == "mod" and args[1] is self.modulus:
                return self.form(args[0])
            if name.startswith("toZ."):
                raise NotLinear(f"the state goes through {said(name)}, which is not linear modulo a number")
            if name == "mod":
                raise NotLinear("the state is taken modulo two numbers, one after the other, which is not linear")
        return super().form(e)


def _products(e: Term) -> int:
    if head(e) == "add":
        return sum(map(_products, arguments(e)[1]))
    return int(head(e) == "mul")


def _each_product(e: Term, m: Term) -> Term:
    if head(e) == "add":
        return apply("add", *(_each_product(a, m) for a in arguments(e)[1]))
    return apply("mod", e, m) if head(e) == "mul" else e
