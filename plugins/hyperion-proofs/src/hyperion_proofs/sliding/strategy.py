"""Untrusted. The strategy that finds inner loops over windows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hyperion.cost import PARALLEL_LINEAR
from hyperion.costing import cost_of
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Equation, Function, Program, walk
from hyperion.ir.types import ArrayType
from hyperion.logic.effort import limited
from hyperion.stages import stage
from hyperion_proofs.nested import place_of, places, without
from hyperion_proofs.sliding.nest import slid
from hyperion_proofs.strategies import WHY, Progress, loop_name, refusal

_LOOPS = ("for", "fold", "scan", "map", "build", "while", "call")


@dataclass(frozen=True)
class Windows:
    """Inner loops over the neighbours of a place take products that are made for all places at once, O(n)."""

    name: str = "windows"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        progress, left = Progress(function, None, [], []), function
        for equation in (p.equation for p in places(function, "for")):
            if not _reads_one_array(equation):
                continue
            try:
                with limited(), stage("search", loop_name(equation)):
                    place = place_of(progress.function, equation)
                    new, theorem, text = slid(progress.function, place, f"windows{len(progress.texts)}")
            except WHY as why:
                progress.refusals.append(refusal(self.name, why, equation))
            else:
                progress.join(new, theorem, text)
                left = without(left, place_of(left, equation))
        yield from progress.refusals
        if progress.theorem is not None:
            cost = max(cost_of(Program({left.name: left}, left.name)), PARALLEL_LINEAR, key=lambda c: c.rank)
            yield Candidate(self.name, progress.function, progress.theorem, cost, parallel=True, summary=progress.text)


def _reads_one_array(loop: Equation) -> bool:
    inside = [e for r in loop.regions for e in walk(r.equations)]
    arrays = {v.name for e in inside if e.op == "get" for v in e.operands if isinstance(v.type, ArrayType)}
    return len(arrays) == 1 and not any(e.op in _LOOPS or e.op == "update" for e in inside)
