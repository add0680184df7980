"""Untrusted. The first element that passes a test: a flag that is set once, and values that are set with it.

A summary says whether an element of the piece passed, and the values of the first that did. That is less than the two
states of the flag that `control` stores, so that searches run at the speed at which the input is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.types import BOOL, FloatType, IntType, Type
from hyperion.logic import literals
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.terms import Term
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import cond, either, mentions, simplified
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear


def first(step: Step, identity: bool) -> Summary:
    """The rung."""
    if step.domain != "exact" or any(isinstance(ty, FloatType) for ty in step.types):
        raise NotLinear("a search does not compute with its state")
    for flag, ty in enumerate(step.types):
        if ty == BOOL:
            lifts = [_found(step, mode, flag) for mode in step.modes]
            if all(lift is not None for lift in lifts):
                return stored(_summary(step, flag, [lift for lift in lifts if lift is not None]), identity)
    raise NotLinear("the state is not set once by the first element that passes a test")


def _found(step: Step, mode: Sequence[Term], flag: int) -> tuple[Term, ...] | None:
    """Whether an element passes, and the values that it sets where the flag was not set before; None where the state is
    something else."""
    atom = step.atoms[flag]
    after = [simplified(e, {atom: TRUE}) for e in mode]
    if any(e is not (TRUE if i == flag else s) for i, (e, s) in enumerate(zip(after, step.atoms, strict=True))):
        return None
    before = [simplified(e, {atom: FALSE}) for e in mode]
    test = before[flag]
    if mentions(test, step.atoms):
        return None
    values: list[Term] = []
    for i, e in enumerate(before):
        passed, failed = simplified(e, {test: TRUE}), simplified(e, {test: FALSE})
        if i == flag:
            values.append(test)
        elif failed is not step.atoms[i] or (mentions(passed, step.atoms) and passed is not failed):
            return None
        else:
            values.append(_nothing(step.types[i]) if passed is failed else passed)
    unset = tuple(FALSE if simplified(e, {test: TRUE}) is step.atoms[i] else TRUE for i, e in enumerate(before))
    return (*values, *(unset[i] for i in range(len(unset)) if i != flag))


def _summary(step: Step, flag: int, lifts: Sequence[tuple[Term, ...]]) -> Summary:
    """Stored are the values, that of the flag among them, and for every other one whether it is set at all."""
    count = len(step.atoms)
    others = [i for i in range(count) if i != flag]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        hit = earlier[flag]
        return [either(hit, later[i]) if i == flag else cond(hit, earlier[i], later[i]) for i in range(len(later))]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        done, hit = state[flag], values[flag]
        acted: list[Term] = []
        for i, s in enumerate(state):
            if i == flag:
                acted.append(either(done, hit))
            else:
                is_set = values[count + others.index(i)]
                acted.append(cond(done, s, cond(hit, cond(is_set, values[i], s), s)))
        return acted

    unit = tuple(FALSE if ty == BOOL else _nothing(ty) for ty in (*step.types, *(BOOL for _ in others)))
    return Summary((*step.types, *(BOOL for _ in others)), tuple(lifts), mul, act, unit)


def _nothing(ty: Type) -> Term:
    """A value where none is set."""
    assert isinstance(ty, IntType) or ty == BOOL
    return FALSE if ty == BOOL else literals.int_lit(0)
