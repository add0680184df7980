"""Untrusted. Elements that change nothing: what is done for the others has a summary of its own.

    if math.isnan(x): continue                 a chunk's mean and variance, or that it has no element that counts
    n += 1; mean += (x - mean) / n; ..

Most rungs need no such thing, since they have a summary that changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.terms import Term
from hyperion_proofs.ladder.expressions import cond, mentions, negation, simplified, tests
from hyperion_proofs.ladder.optional import nothing_of, optional
from hyperion_proofs.ladder.step import Solve, Step, Summary
from hyperion_proofs.templates import NotLinear


def skipping(step: Step, solve: Solve) -> Summary:
    """The rung."""
    if len(step.modes) > 1:
        raise NotLinear("elements that are skipped under a test of the state are not understood")
    test, value = _skipped(step)
    counted = tuple(simplified(e, {test: TRUE if value is FALSE else FALSE}) for e in step.exprs)
    inner = solve(replace(step, modes=(counted,)), False)
    if inner.needs:
        raise NotLinear("what a summary asks of elements is not asked of those that are skipped")
    nothing = [nothing_of(e.type) for e in inner.lift]
    found = optional(inner, nothing)
    counts = test if value is FALSE else negation(test)
    lift = tuple(cond(counts, e, none) for e, none in zip(found.lift, (FALSE, *nothing), strict=True))
    return replace(found, lifts=(lift,))


def _skipped(step: Step) -> tuple[Term, Term]:
    """A test of the element, and its value with which no component changes."""
    for e in step.exprs:
        for test in tests(e):
            for value in (TRUE, FALSE):
                if not mentions(test, step.atoms) and all(
                    simplified(new, {test: value}) is old for new, old in zip(step.exprs, step.atoms, strict=True)
                ):
                    return test, value
    raise NotLinear("no element leaves the state as it is")
