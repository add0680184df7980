"""Untrusted. States of which nothing is computed: every new value is an old one, or a value of the element.

What is chosen may be of any type, and depends on tests of the element only: the last element that passes a test, the
elements before the last, what a flag froze. A row says for every new value which old one it is, as flags of which the
first that is set counts, and the value where none is. No law of arithmetic is used, so that floats keep their bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.ir.types import BOOL, Type
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.float_order import FORMATS
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import cond, mentions
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear


@dataclass(frozen=True)
class Row:
    """The old value of the first flag that is set, else `value`; `flags` are of the components of one type."""

    flags: tuple[Term, ...]
    value: Term

    def chosen(self, options: Sequence[Term], otherwise: Term) -> Term:
        for flag, option in reversed(list(zip(self.flags, options, strict=True))):
            otherwise = cond(flag, option, otherwise)
        return otherwise


def choices(step: Step, identity: bool) -> Summary:
    """The rung."""
    count = len(step.atoms)
    sources = [[j for j in range(count) if step.types[j] == step.types[i]] for i in range(count)]

    def row(e: Term, i: int) -> Row:
        if e in step.atoms:
            at = step.atoms.index(e)
            return Row(tuple(TRUE if j == at else FALSE for j in sources[i]), step.atoms[i])
        if not mentions(e, step.atoms):
            return Row((FALSE,) * len(sources[i]), e)
        if head(e) != "cond":
            raise NotLinear(
                f"the state goes through `{head(e) or 'an operation'}`, which is neither a choice nor a sum"
            )
        test, a, b = arguments(e)[1]
        if mentions(test, step.atoms):
            raise NotLinear("a branch tests the state in a way that no rung understands")
        return _merged(test, row(a, i), row(b, i), step.atoms[i])

    def rows_of(values: Sequence[Term]) -> list[Row]:
        supply = iter(values)
        return [Row(tuple(next(supply) for _ in sources[i]), next(supply)) for i in range(count)]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        before = rows_of(earlier)
        composed: list[Row] = []
        for i, after in enumerate(rows_of(later)):
            through = [before[j] for j in sources[i]]
            flags = tuple(after.chosen([r.flags[n] for r in through], FALSE) for n in range(len(sources[i])))
            composed.append(Row(flags, after.chosen([r.value for r in through], after.value)))
        return _flat(composed)

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return [r.chosen([state[j] for j in sources[i]], r.value) for i, r in enumerate(rows_of(values))]

    lifts: list[tuple[Term, ...]] = []
    for mode in step.modes:
        found = [row(e, i) for i, e in enumerate(mode)]
        lifts.append(tuple(_flat([_valued(r, atom) for r, atom in zip(found, step.atoms, strict=True)])))
    unit = [_valued(row(atom, i), atom) for i, atom in enumerate(step.atoms)]
    types: list[Type] = [ty for i in range(count) for ty in (*[BOOL] * len(sources[i]), step.types[i])]
    return stored(Summary(tuple(types), tuple(lifts), mul, act, tuple(_flat(unit))), identity)


def _flat(rows: Sequence[Row]) -> list[Term]:
    return [part for r in rows for part in (*r.flags, r.value)]


def _valued(row: Row, nothing: Term) -> Row:
    """With some value where none is ever chosen."""
    return replace(row, value=some_value(nothing.type)) if row.value is nothing else row


def some_value(ty: t.Ty) -> Term:
    """A literal."""
    if ty in (t.INT, t.REAL):
        return literals.literal(ty, "0" if ty is t.INT else "0/1")
    if ty is t.BOOL:
        return FALSE
    if ty.name not in FORMATS:
        raise NotLinear(f"values of type {ty} have no literal")
    return literals.float_lit(ty.name, 0.0)


def _merged(test: Term, a: Row, b: Row, nothing: Term) -> Row:
    flags = tuple(cond(test, f, g) for f, g in zip(a.flags, b.flags, strict=True))
    value = b.value if a.value is nothing else a.value if b.value is nothing else cond(test, a.value, b.value)
    return Row(flags, value)
