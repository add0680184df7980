"""Untrusted. The strategy for loops that give a value for every element."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hyperion.cost import PARALLEL_LINEAR
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, outside_loops
from hyperion.logic import kernel as k
from hyperion_proofs.joined_tests import joined
from hyperion_proofs.scanned import scanned
from hyperion_proofs.strategies import Progress, each_loop, reduced


@dataclass(frozen=True)
class ParallelScan:
    """Loops over an array that give a value for every element, and whose state has a summary, become parallel scans."""

    name: str = "parallel-scan"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        asked = Progress(function, None, [], [])
        if any(
            e.op == "scan" for e in outside_loops(function.equations)
        ):  # what is assumed of elements is a loop before it
            asked = each_loop(self.name, function, "fold", reduced, branches=True)
        done = each_loop(self.name, asked.function, "scan", scanned, branches=True)
        yield from done.refusals
        if done.theorem is not None:
            theorem = done.theorem if asked.theorem is None else k.trans(asked.theorem, done.theorem)
            text = "\n".join([*asked.texts, *done.texts])
            yield Candidate(self.name, joined(done.function), theorem, PARALLEL_LINEAR, parallel=True, summary=text)
