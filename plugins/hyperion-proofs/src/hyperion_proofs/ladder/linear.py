"""Untrusted. The rung of linear maps over a ring: words that wrap, reals under fp="reassoc"."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.logic.terms import Term
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import Linear, Matrix, Ring, close, matrix_of


def linear(step: Step, ring: Ring, identity: bool) -> Summary:
    """Every mode is linear over the ring."""
    algebra = Linear(ring, step.atoms)
    matrices = [matrix_of([algebra.form(e) for e in mode]) for mode in step.modes]
    unit = _identity(len(step.atoms), ring)
    template = close(algebra, [*matrices, unit] if identity else matrices)

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        return template.compose(later, earlier)

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return template.act(values, state)

    lifts = tuple(tuple(template.lift(m)) for m in matrices)
    types = (step.types[0],) * len(template.entries)
    return Summary(types, lifts, mul, act, tuple(template.lift(unit)) if identity else None)


def _identity(size: int, ring: Ring) -> Matrix:
    return tuple(tuple(ring.one if i == j else None for j in range(size + 1)) for i in range(size))
