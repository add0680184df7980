"""Untrusted. Finite control: truth values in the state that decide what happens to the rest.

For every valuation of the controls a step goes to a next valuation that depends on the element only, and does one map
to the rest of the state. A chunk is summarised by that for every valuation: the function composition of automata, with
the rest's own summary at each transition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product as valuations

from hyperion.ir.types import BOOL
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.terms import Term
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import mentions, multiplex, simplified
from hyperion_proofs.ladder.step import Solve, Step, Summary
from hyperion_proofs.templates import NotLinear

MOST = 3
"""Controls: each doubles the work of an element."""


def control(step: Step, solve: Solve, identity: bool) -> Summary:
    """The rung; `solve` summarises the rest, with one mode for every valuation."""
    controls = [i for i, ty in enumerate(step.types) if ty == BOOL]
    rest = [i for i in range(len(step.atoms)) if i not in controls]
    if not controls:
        raise NotLinear("no truth value in the state decides what happens")
    if len(controls) > MOST:
        raise NotLinear(f"{len(controls)} truth values of the state depend on each other; up to {MOST} are understood")
    cases = list(valuations((FALSE, TRUE), repeat=len(controls)))
    decided = [[_decided(step, mode, controls, case) for case in cases] for mode in step.modes]
    for each in (new[i] for mode in decided for new in mode for i in controls):
        if mentions(each, step.atoms):
            raise NotLinear("a truth value of the state is set by a test of other values of the state")
    inner = _inner(step, rest, [tuple(new[i] for i in rest) for mode in decided for new in mode], solve, identity)
    width, size = len(controls), inner.size if inner else 0
    types = [*[BOOL] * width, *(inner.types if inner else ())] * len(cases)

    def split(values: Sequence[Term]) -> list[tuple[Sequence[Term], Sequence[Term]]]:
        each = width + size
        return [
            (values[i * each : i * each + width], values[i * each + width : (i + 1) * each]) for i in range(len(cases))
        ]

    def chosen(selectors: Sequence[Term], values: Sequence[Sequence[Term]]) -> list[Term]:
        return [multiplex(selectors, column) for column in zip(*values, strict=True)]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        after, found = split(later), list[Term]()
        for towards, m in split(earlier):
            found += chosen(towards, [next_ for next_, _ in after])
            if inner:
                found += inner.mul(chosen(towards, [n for _, n in after]), m)
        return found

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        now = [state[i] for i in controls]
        parts = split(values)
        acted = dict(zip(controls, chosen(now, [towards for towards, _ in parts]), strict=True))
        if inner:
            others = [state[i] for i in rest]
            acted |= zip(rest, inner.act(chosen(now, [m for _, m in parts]), others), strict=True)
        return [acted[i] for i in range(len(step.atoms))]

    def holds(values: Sequence[Term]) -> list[Term]:
        return [c for _, m in split(values) for c in inner.holds(m)] if inner else []

    lifts = [
        tuple(
            v
            for number, new in enumerate(mode)
            for v in (*(new[i] for i in controls), *(inner.lifts[m * len(cases) + number] if inner else ()))
        )
        for m, mode in enumerate(decided)
    ]
    unit = None
    if inner is None or inner.identity is not None:
        unit = tuple(v for case in cases for v in (*case, *((inner.identity or ()) if inner else ())))
    leaves, deciders = (inner.leaves, inner.deciders) if inner else ((), ())
    whole = Summary(tuple(types), tuple(lifts), mul, act, unit, holds, leaves=leaves, deciders=deciders)
    return stored(whole, identity)


def _decided(step: Step, mode: Sequence[Term], controls: Sequence[int], case: Sequence[Term]) -> list[Term]:
    known = {step.atoms[i]: value for i, value in zip(controls, case, strict=True)}
    return [simplified(e, known) for e in mode]


def _inner(
    step: Step, rest: Sequence[int], modes: Sequence[tuple[Term, ...]], solve: Solve, identity: bool
) -> Summary | None:
    if not rest:
        return None
    part = step.part(rest)
    return solve(replace(part, modes=tuple(modes)), identity)
