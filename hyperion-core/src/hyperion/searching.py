"""Passes and strategies under the limits of `hyperion.logic.effort`: what takes too long is cut, or left behind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from hyperion.cost import Cost
from hyperion.errors import RAISED, STOPS, HyperionError, PassError, StoppedError
from hyperion.interfaces.strategy import Candidate, Refusal, Strategy
from hyperion.ir.function import Program
from hyperion.logic.effort import GRACE, OutOfTime, share, within
from hyperion.logic.kernel import Theorem
from hyperion.stages import stage
from hyperion.tokens import current

if TYPE_CHECKING:
    from hyperion.pipeline import OptimizerPipeline, Outcome


def run_passes(
    pipeline: OptimizerPipeline, program: Program, refuse: Callable[[PassError], None], seconds: float
) -> Outcome:
    """The program after the passes. Raises `StoppedError` or `OutOfTime` where that takes longer than `seconds`."""
    timeout = None if seconds == math.inf else seconds * (1 - GRACE)
    return within(seconds, partial(pipeline.run, program, refuse, timeout=timeout))


def reason(late: StoppedError | OutOfTime) -> str:
    return late.message if isinstance(late, StoppedError) else str(late)


def search(program: Program, strategies: Sequence[Strategy]) -> Iterable[Candidate | Refusal]:
    for position, strategy in enumerate(strategies):
        current().report("derive", position, len(strategies), "strategies")
        with stage("strategy", strategy.name) as told:
            offers = _offers(program, strategy, share(len(strategies) - position))
            told.note(offers=len([o for o in offers if isinstance(o, Candidate)]))
        yield from offers


def _offers(program: Program, strategy: Strategy, seconds: float) -> list[Candidate | Refusal]:
    """What the strategy offers within `seconds`; what it had offered when it was cut counts."""
    offers: list[Candidate | Refusal] = []
    name = strategy.name

    def ask() -> None:
        for found in strategy.derive(program.main):
            offers.append(found if _usable(found) else Refusal(name, f"offered {found!r:.80}: no candidate"))

    try:
        within(seconds, ask)
        return offers
    except STOPS:
        raise
    except HyperionError as error:
        lost = Refusal(name, error.message, span=error.span)
    except OutOfTime as late:
        lost = Refusal(name, str(late))
    except RAISED as error:  # a search is untrusted; its failure is the loss of a chance, and is shown
        lost = Refusal(name, f"the strategy failed: {type(error).__name__}: {error}")
    return [*offers, lost]  # a list of its own: a thread that was left behind may still add to the other


def _usable(found: object) -> bool:
    """Whether what a strategy offers has the parts that it should have."""
    if isinstance(found, Candidate):
        parts: list[object] = [found.theorem, found.cost, found.summary, found.strategy]
        return all(isinstance(part, kind) for part, kind in zip(parts, (Theorem, Cost, str, str), strict=True))
    return isinstance(found, Refusal)
