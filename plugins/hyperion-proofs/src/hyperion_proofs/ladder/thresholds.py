"""Untrusted. Truth values that remember whether a sum ever crossed a bound: balanced brackets, levels that run dry.

`ok = ok and 0 <= d + v` over all steps is `ok and 0 <= d + m`, where m is the least prefix sum: the condition is kept
as a row over (min, +), or over (max, +) where the sum must stay below. The flag is true where it still holds, or, for a
flag that is raised, where it has been crossed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.types import BOOL, IntType, Type
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.literals import int_lit
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import ZERO, add, both, cond, either, mentions, negation, simplified
from hyperion_proofs.ladder.rows import ABSENT, Entry, Row, Rows
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear

ONE, MINUS_ONE = int_lit(1), int_lit(-1)


@dataclass(frozen=True)
class Flag:
    """A truth value that turns to `to` for good where a sum leaves its side: the rest of the row stays >= 0 over
    (min, +), or <= 0 over (max, +)."""

    position: int
    to: Term
    plus: str
    row: Row


def thresholds(step: Step, identity: bool) -> Summary:
    """The rung: integers that are linear by themselves, and flags about them."""
    flags = [i for i, ty in enumerate(step.types) if ty == BOOL]
    sums = [i for i, ty in enumerate(step.types) if isinstance(ty, IntType)]
    if not flags or not sums or len(flags) + len(sums) < len(step.types) or len(step.modes) > 1 or identity:
        raise NotLinear("the state has no flag about sums")
    atoms = tuple(step.atoms[i] for i in sums)
    failure: NotLinear | None = None
    for plus in ("min", "max"):
        try:
            algebra = Rows(plus, atoms)
            matrix = [algebra.row(step.exprs[i]) for i in sums]
            found = [_flag(step, i, algebra) for i in flags]
        except NotLinear as why:
            failure = failure or why
            continue
        return _summary(step, sums, found, algebra, matrix, identity)
    assert failure is not None
    raise failure


def _flag(step: Step, i: int, algebra: Rows) -> Flag:
    e, atom = step.exprs[i], step.atoms[i]
    others = [a for a in step.atoms if a is not atom]
    when = {value: simplified(e, {atom: value}) for value in (TRUE, FALSE)}
    for to in (FALSE, TRUE):
        stays, other = when[to], when[negation(to)]
        if stays is to and mentions(other, others):
            holds = other if to is FALSE else negation(other)
            return Flag(i, to, algebra.plus, _side(holds, algebra))
    raise NotLinear("a truth value of the state is set by a test of other values of the state")


def _side(holds: Term, algebra: Rows) -> Row:
    """The row that must stay on its side for the condition to hold."""
    if holds is TRUE:
        return {}
    name, (_, args) = head(holds), arguments(holds)
    if name == "cond":
        c, a, b = args
        if not mentions(c, algebra.atoms):
            if (a in (TRUE, FALSE) and b is FALSE) or a is FALSE:
                raise NotLinear("a truth value of the state is set by the element and by other values of the state")
            return _chosen(c, _side(a, algebra), _side(b, algebra))
        if b is FALSE:
            return _merged(algebra, _side(c, algebra), _side(a, algebra))
        if a is FALSE:
            return _merged(algebra, _side(_opposite(c), algebra), _side(b, algebra))
        if a is TRUE and b is TRUE:
            return {}
        raise NotLinear("a flag is set by several tests that do not all have to hold")
    if name not in ("lt", "le"):
        raise NotLinear("a flag is set by a test that is no comparison with a bound")
    return _distance(name, args[0], args[1], algebra)


def _distance(name: str, low: Term, high: Term, algebra: Rows) -> Row:
    """Of low <= high or low < high: high - low (>= 0) over (min, +), or low - high (<= 0) over (max, +)."""
    strict = name == "lt"
    big, small = (high, low) if algebra.plus == "min" else (low, high)
    if mentions(small, algebra.atoms):
        raise NotLinear("a flag compares the state from the other side")
    margin = (MINUS_ONE if algebra.plus == "min" else ONE) if strict else ZERO
    by = add(apply("neg", small) if small is not ZERO else ZERO, margin)
    return {j: (flag, add(value, by)) for j, (flag, value) in algebra.row(big).items()}


def _opposite(test: Term) -> Term:
    if head(test) not in ("lt", "le"):
        raise NotLinear("a flag is set by a test that is no comparison with a bound")
    low, high = arguments(test)[1]
    return apply("le" if head(test) == "lt" else "lt", high, low)


def _merged(algebra: Rows, a: Row, b: Row) -> Row:
    return {j: algebra.sum(a.get(j, ABSENT), b.get(j, ABSENT)) for j in {**a, **b}}


def _chosen(c: Term, a: Row, b: Row) -> Row:
    chosen: dict[int | None, Entry] = {}
    for j in {**a, **b}:
        (f, v), (g, w) = a.get(j, ABSENT), b.get(j, ABSENT)
        chosen[j] = (cond(c, f, g), w if f is FALSE else v if g is FALSE else cond(c, v, w))
    return chosen


def _summary(
    step: Step, sums: Sequence[int], flags: Sequence[Flag], algebra: Rows, matrix: Sequence[Row], identity: bool
) -> Summary:
    word = step.types[sums[0]]
    count = len(sums)
    size = 2 * (count + 1)
    types: list[Type] = [BOOL, word] * (count + 1) * (count + len(flags))
    one = Rows(algebra.plus, algebra.atoms)

    def rows_of(values: Sequence[Term]) -> list[Row]:
        supply = iter(values)
        return [{j: (next(supply), next(supply)) for j in one.columns} for _ in range(len(values) // size)]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        after, before = rows_of(later), rows_of(earlier)
        composed = one.compose(after, before[:count])
        kept = [_merged(one, row, new) for row, new in zip(before[count:], composed[count:], strict=True)]
        return one.flat([*composed[:count], *kept])

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        rows = rows_of(values)
        numbers = [state[i] for i in sums]
        acted = dict(zip(sums, one.applied(rows[:count], numbers), strict=True))
        for flag, row in zip(flags, rows[count:], strict=True):
            held = TRUE
            for j, (present, value) in row.items():
                held = both(held, either(negation(present), _right(one.plus, _sum(value, j, numbers))))
            old = state[flag.position]
            acted[flag.position] = both(old, held) if flag.to is FALSE else either(old, negation(held))
        return [acted[i] for i in range(len(step.atoms))]

    def holds(values: Sequence[Term]) -> list[Term]:
        found: list[Term] = []
        for row in rows_of(values)[:count]:
            some = FALSE
            for j in reversed(one.columns):
                some = either(row[j][0], some)
            found += [] if some is TRUE else [some]
        return found

    lift = tuple(one.flat([*matrix, *(flag.row for flag in flags)]))
    return stored(Summary(tuple(types), (lift,), mul, act, None, holds), identity)


def _sum(value: Term, column: int | None, state: Sequence[Term]) -> Term:
    return value if column is None else add(value, state[column])


def _right(plus: str, value: Term) -> Term:
    return apply("le", ZERO, value) if plus == "min" else apply("le", value, ZERO)
