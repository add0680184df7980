"""Untrusted. Summaries of pieces that may have nothing to say: a flag tells whether there is anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from hyperion.ir.types import BOOL
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.terms import Term
from hyperion_proofs.ladder.expressions import cond, either
from hyperion_proofs.ladder.step import Summary
from hyperion_proofs.templates import NotLinear


def optional(whole: Summary, nothing: Sequence[Term]) -> Summary:
    """The summary with a flag before its values. Where it is not set, the values are `nothing`, and no state is
    changed."""
    if whole.algebra is not None:
        raise NotLinear("a shift register beside other values of the state is not understood")

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        (some, *after), (any_, *before) = later, earlier
        joined = whole.mul(after, before)
        values = (cond(some, cond(any_, j, a), b) for j, a, b in zip(joined, after, before, strict=True))
        return [either(some, any_), *values]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        some, *rest = values
        return [cond(some, new, old) for new, old in zip(whole.act(rest, state), state, strict=True)]

    def holds(values: Sequence[Term]) -> list[Term]:
        some, *rest = values
        return [cond(some, c, TRUE) for c in whole.holds(rest)]

    return replace(
        whole,
        holds=holds,
        types=(BOOL, *whole.types),
        lifts=tuple((TRUE, *lift) for lift in whole.lifts),
        mul=mul,
        act=act,
        identity=(FALSE, *nothing),
        late=frozenset(i + 1 for i in whole.late),
        fixed=frozenset(i + 1 for i in whole.fixed),
    )


def nothing_of(ty: t.Ty) -> Term:
    """A value where there is none."""
    if ty is t.INT:
        return literals.int_lit(0)
    if ty is t.REAL:
        return literals.real_lit(Fraction(0))
    if ty is t.BOOL:
        return FALSE
    return literals.float_lit(ty.name, 0.0)
