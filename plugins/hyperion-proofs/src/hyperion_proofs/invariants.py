"""Untrusted. What stays true of a loop's state from step to step, and decides tests of it.

An invariant says that a component never falls below the value that it begins with, or never rises above it; where that
is no literal, that it is never negative, which is tested when the loop begins. Invariants
are found by trying all of them: those that a step need not keep are dropped until the rest is kept by all together.
The same is done for the signs of a summary's stored values. What is found counts only once the laws prove it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.ir.types import IntType
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.cases import Contradictory, decided, next_test, reduced
from hyperion_proofs.derived import NoProof
from hyperion_proofs.ladder.step import Step, Summary, symbols
from hyperion_proofs.settling import settled

_ZERO = literals.int_lit(0)


@dataclass(frozen=True)
class Invariant:
    """A component never falls below `start`, or never rises above it."""

    component: int
    start: Term
    low: bool

    def of(self, state: Sequence[Term]) -> Term:
        value = state[self.component]
        return apply("le", self.start, value) if self.low else apply("le", value, self.start)


def with_invariants(step: Step, facts: Sequence[Theorem]) -> tuple[Step, list[Invariant]]:
    """The step where invariants of the state decide tests, and these invariants; none where they decide nothing."""
    if len(step.modes) > 1:
        return step, []
    found = [c for i in range(len(step.atoms)) for c in _candidates(step, i)]
    exprs = step.exprs
    while found:
        known = _all([*facts, *(k.assume(c.of(step.atoms), TRUE) for c in found)])
        exprs = tuple(_settled(e, known) for e in step.exprs)
        kept = [c for c in found if _holds(c.of(exprs), known)]
        if kept == found:
            break
        found = kept
    if not found or exprs == step.exprs:
        return step, []
    return replace(step, modes=(exprs,)), found


def _candidates(step: Step, i: int) -> list[Invariant]:
    if not isinstance(step.types[i], IntType) or not step.initial:
        return []
    start = step.initial[i]
    if start is None:  # tested when the loop begins
        return [Invariant(i, _ZERO, True)]
    return [Invariant(i, start, low) for low in (True, False)]


def keeping(found: Summary, step: Step, invariants: Sequence[Invariant], facts: Sequence[Theorem]) -> Summary:
    """The summary, which keeps the invariants. Raises NoProof where it need not."""
    stored, earlier = (symbols(found.types, letter) for letter in "ab")
    signs = [i for i, ty in enumerate(found.types) if isinstance(ty, IntType)]
    candidates = [(i, low) for i in signs for low in (True, False) if _holds(_sign(found.lift[i], low), facts)]

    def holds(values: Sequence[Term]) -> list[Term]:
        return [*found.holds(values), *(_sign(values[i], low) for i, low in candidates)]

    while candidates:
        known = _all([*facts, *(k.assume(c, TRUE) for values in (stored, earlier) for c in holds(values))])
        joined = found.mul(stored, earlier)
        kept = [(i, low) for i, low in candidates if _holds(_sign(joined[i], low), known)]
        if kept == candidates:
            break
        candidates = kept
    chosen = tuple(candidates)

    def stored_holds(values: Sequence[Term]) -> list[Term]:
        return [*found.holds(values), *(_sign(values[i], low) for i, low in chosen)]

    def state_holds(state: Sequence[Term]) -> list[Term]:
        return [*found.state_holds(state), *(c.of(state) for c in invariants)]

    known = _all([*facts, *(k.assume(c, TRUE) for c in (*stored_holds(stored), *state_holds(step.atoms)))])
    after = found.act(stored, step.atoms)
    if not all(_holds(c.of(after), known) for c in invariants):
        raise NoProof("the summary does not keep what holds of the state")
    return replace(found, holds=stored_holds, state_holds=state_holds)


def _sign(value: Term, low: bool) -> Term:
    return apply("le", _ZERO, value) if low else apply("le", value, _ZERO)


def _all(truths: Sequence[Theorem]) -> list[Theorem]:
    try:
        return decided(list(truths))
    except Contradictory:
        return []


def _settled(x: Term, facts: Sequence[Theorem]) -> Term:
    th = settled(x, facts)
    return x if th is None else th.right


def _holds(goal: Term, facts: Sequence[Theorem]) -> bool:
    """Whether le a b follows; in each case of what is inside."""
    goal = _settled(goal, facts)
    if goal is TRUE:
        return True
    test = next_test((goal,))
    if test is None or test is goal:
        return False
    for value in (TRUE, FALSE):
        fact = k.assume(test, value)
        case = reduced(goal, {test: fact})
        known = _all([*facts, fact])
        if known and (case is None or not _holds(case.right, known)):
            return False
    return True
