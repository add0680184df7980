"""Untrusted. Integers that keep an order: where the loop is entered with low <= high, `elif x > high` can be `if`.

A component that a branch tests may equal `max` or `min` of its old value and a value of the element whenever the state
is ordered. That is found by trying it on numbers; the laws prove it, and that the order is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from random import Random

from hyperion.ir.types import IntType
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.expressions import mentions, simplified, tests
from hyperion_proofs.ladder.step import Solve, Step, Summary
from hyperion_proofs.templates import NotLinear

MOST = 3
TRIALS = 40


def ordered(step: Step, solve: Solve, identity: bool) -> Summary:
    """The rung."""
    count = len(step.atoms)
    if len(step.modes) > 1 or identity or not 2 <= count <= MOST or not all(isinstance(y, IntType) for y in step.types):
        raise NotLinear("the state is no short list of integers in order")
    for order in permutations(range(count)):
        exprs = [_plainer(step, i, order) for i in range(count)]
        if all(e is None for e in exprs):
            continue
        chosen = tuple(e or old for e, old in zip(exprs, step.exprs, strict=True))
        return _in_order(solve(replace(step, modes=(chosen,)), False), order)
    raise NotLinear("no order of the state makes its tests max or min")


def _in_order(found: Summary, order: Sequence[int]) -> Summary:
    def state_holds(state: Sequence[Term]) -> list[Term]:
        return [*found.state_holds(state), *(apply("le", state[a], state[b]) for a, b in pairwise(order))]

    return replace(found, state_holds=state_holds)


def _plainer(step: Step, i: int, order: Sequence[int]) -> Term | None:
    """max or min with a value of the element, where that is what the component becomes in ordered states."""
    e, atom = step.exprs[i], step.atoms[i]
    if not any(mentions(test, step.atoms) for test in tests(e)):
        return None
    for value in _values(e, step.atoms):
        for name in ("max", "min"):
            candidate = apply(name, value, atom)
            if _agree(step, e, candidate, value, order):
                return candidate
    return None


def _values(e: Term, atoms: Sequence[Term]) -> Iterator[Term]:
    """Integers inside that depend on the element only, as large as they come."""
    for u in t.subterms(e):
        if u.type is t.INT and u.kind == "A" and head(u) not in ("max", "min", "cond") and not mentions(u, atoms):
            yield u


def _agree(step: Step, e: Term, candidate: Term, value: Term, order: Sequence[int]) -> bool:
    random = Random(len(order))
    for _ in range(TRIALS):
        numbers = sorted(random.randint(-3, 3) for _ in order)
        known = {value: literals.int_lit(random.randint(-4, 4))}
        known |= {step.atoms[i]: literals.int_lit(n) for i, n in zip(order, numbers, strict=True)}
        if (found := simplified(e, known)).kind != "K" or found is not simplified(candidate, known):
            return False
    return True
