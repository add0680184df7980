"""Deriving within a budget: the library, then passes and strategies, then the choice for the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hyperion._collecting import rare_collections
from hyperion.driver import Derivation, Tell, as_written, derive, settled
from hyperion.interfaces.codegen import CodegenTarget, MeasuredTarget
from hyperion.interfaces.strategy import Refusal, Strategy
from hyperion.ir.function import Program
from hyperion.logic.effort import OutOfTime, limited, remaining, watched, within
from hyperion.machine import NOMINAL, Machine, known_machine, machine_of
from hyperion.policy import Policy
from hyperion.ranking import UNMEASURED, Ranking
from hyperion.recall import Reuse, recalled_or_derived
from hyperion.tokens import NOTHING, current

if TYPE_CHECKING:
    from hyperion.pipeline import OptimizerPipeline

ENOUGH = 2.0
"""Seconds that a search must have left for the machine to be measured in it."""


@dataclass(frozen=True, slots=True)
class Deriver:
    """What a search needs of an Instance. With a `ranking` of None the best proven form is taken in any case."""

    policy: Policy
    tell: Tell
    reuse: Callable[[], Reuse | None]
    strategies: Callable[[], Iterable[Strategy]]
    pipeline: Callable[[], OptimizerPipeline]
    ranking: Ranking | None

    def derive(self, program: Program, seconds: float) -> Derivation:
        """The cheapest proven equivalent that is found in `seconds`. Raises `TypeCheckError` for invalid IR, and as the
        current token, also where a search took that for its own failure."""
        token = current()
        asked = nullcontext() if token is NOTHING else watched(partial(token.check, "derive"))
        try:
            with asked, limited(seconds), rare_collections():
                found = within(seconds, partial(self._derived, program))
        except OutOfTime as late:
            token.check("derive")
            refusal = Refusal("budget", f"deriving it did not end within {seconds:.3g} seconds: {late}")
            return as_written(program, [refusal], self.tell)
        token.check("derive")
        return found

    def _derived(self, program: Program) -> Derivation:
        found = recalled_or_derived(program, self.reuse(), self.policy, self.tell, partial(self._search, program))
        return found if self.ranking is None else settled(found, self.ranking)

    def _search(self, program: Program) -> Derivation:
        with self.pipeline() as pipeline:
            return derive(program, pipeline, self.strategies(), self.policy, self.tell, self.ranking or UNMEASURED)


def machine_for(target: CodegenTarget, home: Path, measure: bool) -> Machine:
    """The times of operations on the target's machine: as kept in `home`, or measured now where that is wanted and a
    search leaves time for it; else those of no machine in particular."""
    if not isinstance(target, MeasuredTarget):
        return NOMINAL
    if measure and remaining() > ENOUGH:
        return machine_of(target.machine_key, target.measure, home)
    return known_machine(target.machine_key, home)
