"""Untrusted. Rows over (max, +) or (min, +) whose entries may be absent.

A new component is the maximum of `component + value` over the entries of its row, and of a constant entry. No machine
integer is the infinity that an absent entry would need, so an entry is a flag and a value. An entry whose flag or value
is the same constant in every summary is not stored (see `constants`): maximum segment sum stores four values and no
flag. Every row has an entry that is present; where no constant flag says so, that is an invariant of summaries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hyperion.ir.types import BOOL, IntType, Type
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import ZERO, add, both, cond, either, mentions, pick
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear

Entry = tuple[Term, Term]
"""Whether it is present, and its value."""
Row = Mapping[int | None, Entry]
"""component (None: the constant) -> entry"""

ABSENT: Entry = (FALSE, ZERO)


@dataclass(frozen=True)
class Rows:
    """Rows over one order semiring; `plus` is max or min."""

    plus: str
    atoms: tuple[Term, ...]

    # ---- entries

    def sum(self, a: Entry, b: Entry) -> Entry:
        (f, v), (g, w) = a, b
        if f is FALSE or g is FALSE:
            return b if f is FALSE else a
        return either(f, g), cond(f, cond(g, pick(self.plus, v, w), v), w)

    def product(self, a: Entry, b: Entry) -> Entry:
        (f, v), (g, w) = a, b
        present = both(f, g)
        return ABSENT if present is FALSE else (present, _literal(add(v, w)))

    # ---- what a component's expression is

    def row(self, e: Term) -> dict[int | None, Entry]:
        if e in self.atoms:
            return {self.atoms.index(e): (TRUE, ZERO)}
        if not mentions(e, self.atoms):
            return {None: (TRUE, e)}
        name, (_, args) = head(e), arguments(e)
        match name:
            case "max" | "min" if name == self.plus:
                return self._merged(self.row(args[0]), self.row(args[1]))
            case "add":
                a, b = args if mentions(args[0], self.atoms) else (args[1], args[0])
                if mentions(b, self.atoms):
                    raise NotLinear(
                        f"two values of the state are added, which is not linear over ({self.plus}, +); "
                        'overflow="wrap" takes sums of states'
                    )
                return self._shifted(self.row(a), b)
            case "sub" if not mentions(args[1], self.atoms):
                return self._shifted(self.row(args[0]), apply("neg", args[1]))
            case "sub":
                raise NotLinear(
                    f'the state is subtracted, which is not linear over ({self.plus}, +); overflow="wrap" takes it'
                )
            case "cond" if not mentions(args[0], self.atoms):
                return self._chosen(args[0], self.row(args[1]), self.row(args[2]))
            case "cond":
                raise NotLinear("a branch tests the state in a way that is neither max nor min")
            case _:
                raise NotLinear(f"the state goes through `{name}`, which is not linear over ({self.plus}, +)")

    def _merged(self, a: Row, b: Row) -> dict[int | None, Entry]:
        return {i: self.sum(a.get(i, ABSENT), b.get(i, ABSENT)) for i in {**a, **b}}

    def _shifted(self, row: Row, by: Term) -> dict[int | None, Entry]:
        return {i: (flag, _literal(add(value, by))) for i, (flag, value) in row.items()}

    def _chosen(self, c: Term, a: Row, b: Row) -> dict[int | None, Entry]:
        chosen: dict[int | None, Entry] = {}
        for i in {**a, **b}:
            (f, v), (g, w) = a.get(i, ABSENT), b.get(i, ABSENT)
            value = w if f is FALSE else v if g is FALSE else cond(c, v, w)
            chosen[i] = (cond(c, f, g), value)
        return chosen

    # ---- matrices

    @property
    def columns(self) -> list[int | None]:
        return [*range(len(self.atoms)), None]

    def flat(self, matrix: Sequence[Row]) -> list[Term]:
        """The entries of all rows in order, flag before value."""
        return [part for row in matrix for j in self.columns for part in row.get(j, ABSENT)]

    def matrix(self, values: Sequence[Term]) -> list[dict[int | None, Entry]]:
        supply = iter(values)
        return [{j: (next(supply), next(supply)) for j in self.columns} for _ in self.atoms]

    def compose(self, later: Sequence[Row], earlier: Sequence[Row]) -> list[Row]:
        """The matrix of `earlier`, then of `later`."""
        composed: list[Row] = []
        for row in later:
            new: dict[int | None, Entry] = {}
            for j in self.columns:
                total = row[None] if j is None else ABSENT
                for i, between in enumerate(earlier):
                    total = self.sum(total, self.product(row[i], between[j]))
                new[j] = total
            composed.append(new)
        return composed

    def applied(self, matrix: Sequence[Row], state: Sequence[Term]) -> list[Term]:
        """The new components: of each row the sum of what is present."""
        found: list[Term] = []
        for row in matrix:
            present = [(row[i][0], add(row[i][1], s)) for i, s in enumerate(state)] + [row[None]]
            total = ABSENT
            for entry in present:
                total = self.sum(total, entry)
            found.append(total[1])
        return found

    def identity(self) -> list[Row]:
        return [{i: (TRUE, ZERO)} for i in range(len(self.atoms))]


def rows(step: Step, plus: str, identity: bool) -> Summary:
    """The rung: every mode is linear over (plus, +), with absent entries."""
    word = _one_word(step.types)
    algebra = Rows(plus, step.atoms)
    matrices = [[algebra.row(e) for e in mode] for mode in step.modes]
    count = len(step.atoms)
    types: list[Type] = [BOOL, word] * (count * (count + 1))

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        return algebra.flat(algebra.compose(algebra.matrix(later), algebra.matrix(earlier)))

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return algebra.applied(algebra.matrix(values), state)

    def holds(values: Sequence[Term]) -> list[Term]:
        found: list[Term] = []
        for row in algebra.matrix(values):
            some = FALSE
            for j in reversed(algebra.columns):
                some = either(row[j][0], some)
            if some is not TRUE:
                found.append(some)
        return found

    lifts = tuple(tuple(algebra.flat(m)) for m in matrices)
    whole = Summary(tuple(types), lifts, mul, act, tuple(algebra.flat(algebra.identity())), holds)
    return stored(whole, identity)


def _one_word(types: Sequence[Type]) -> IntType:
    words = {ty for ty in types if isinstance(ty, IntType)}
    if len(words) != 1 or any(not isinstance(ty, IntType) for ty in types):
        raise NotLinear("values of several types depend on each other")
    return words.pop()


def _literal(e: Term) -> Term:
    """The literal that an integer expression always is, such as 0 for -x + x; else the expression itself."""
    th = INTEGERS.normal(e) if e.kind != "K" else None
    return th.right if th is not None and th.right.kind == "K" else e
