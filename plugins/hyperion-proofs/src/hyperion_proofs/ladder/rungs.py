"""Untrusted. The order in which the rungs are tried, and the reason given where none fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.ir.types import FloatType, Type
from hyperion.logic import terms as t
from hyperion.logic.terms import Term
from hyperion_proofs.ladder.alike import without_equal_choices
from hyperion_proofs.ladder.bits import Moving, bits, bitwise
from hyperion_proofs.ladder.choices import choices
from hyperion_proofs.ladder.clamps import clamps
from hyperion_proofs.ladder.control import control
from hyperion_proofs.ladder.extremum import extremum
from hyperion_proofs.ladder.factors import factored
from hyperion_proofs.ladder.fading import fading
from hyperion_proofs.ladder.first import first
from hyperion_proofs.ladder.float_extremum import float_extremum
from hyperion_proofs.ladder.linear import linear
from hyperion_proofs.ladder.memory import memory
from hyperion_proofs.ladder.moments import moments
from hyperion_proofs.ladder.ordered import ordered
from hyperion_proofs.ladder.product import classes, product
from hyperion_proofs.ladder.ranked import ranked
from hyperion_proofs.ladder.real_rows import real_rows
from hyperion_proofs.ladder.rescaled import rescaled
from hyperion_proofs.ladder.rows import rows
from hyperion_proofs.ladder.shifts import shifts
from hyperion_proofs.ladder.signs import signs
from hyperion_proofs.ladder.skipping import skipping
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.ladder.thresholds import thresholds
from hyperion_proofs.templates import MODULAR, REAL, NotLinear

Element = Sequence[tuple[Term, Type]]
Rung = Callable[[], Summary]


def summarise(step: Step, element: Element, identity: bool = False) -> Summary:
    """The summary of a step, class by class of what depends on each other. Raises NotLinear or Refused."""
    step = without_equal_choices(step)
    parts = [(members, _one(step.part(members), element, identity)) for members in classes(step)]
    return parts[0][1] if len(parts) == 1 else product(parts, len(step.atoms))


def _one(step: Step, element: Element, identity: bool) -> Summary:
    first_of_all: list[Rung] = [lambda: _bits(step, element, identity)] if bitwise(step) else []
    ladder = [*first_of_all, *_flat(step, identity), *_nested(step, element, identity)]
    reason: NotLinear | None = None
    for rung in ladder:
        try:
            return rung()
        except NotLinear as why:
            reason = reason or why
    assert reason is not None
    raise reason


def _bits(step: Step, element: Element, identity: bool) -> Summary:
    try:
        return bits(step, identity)
    except Moving:
        return shifts(step, element, identity)


def _flat(step: Step, identity: bool) -> list[Rung]:
    """Rungs that summarise all components of a class together."""
    if all(a.type is t.REAL for a in step.atoms):
        return [
            lambda: factored(linear(step, REAL, identity), step, REAL),
            lambda: choices(step, identity),
            lambda: moments(step, identity),
            lambda: rescaled(step, identity),
        ]
    if any(isinstance(ty, FloatType) for ty in step.types):
        return [lambda: choices(step, identity), lambda: moments(step, identity)]
    match step.domain:
        case "modular":
            return [lambda: factored(linear(step, MODULAR, identity), step, MODULAR)]
        case _:
            return [
                lambda: rows(step, "max", identity),
                lambda: rows(step, "min", identity),
                lambda: signs(step, identity),
                lambda: clamps(step, identity),
                lambda: ranked(step, identity),
                lambda: thresholds(step, identity),
            ]


def _nested(step: Step, element: Element, identity: bool) -> list[Rung]:
    """Rungs that take something out of a class, and leave the rest to other rungs."""

    def solve(part: Step, unit: bool) -> Summary:
        return summarise(part, element, unit)

    return [
        lambda: first(step, identity),
        lambda: ordered(step, solve, identity),
        lambda: control(step, solve, identity),
        lambda: extremum(step, solve, identity),
        lambda: float_extremum(step, solve, identity),
        lambda: memory(step, lambda part, unit, known: summarise(part, known, unit), element, identity),
        lambda: real_rows(step, identity),  # after those that keep every bit
        lambda: fading(step, identity),
        lambda: skipping(step, solve),
    ]
