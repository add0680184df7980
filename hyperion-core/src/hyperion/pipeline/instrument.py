"""Instruments watch a run: told before and after each pass, and when one fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hyperion.errors import PassError
from hyperion.ir.function import Program
from hyperion.pipeline.outcome import Step


@dataclass(frozen=True, slots=True)
class PassRun:
    """One pass that is about to run on `program`.

    `number` counts the passes of this run of the pipeline from 1; `text` is the pass with its options. `position` says
    where it stands in the pipeline: an index for each combinator around it and one for itself; `path` are the texts of
    those combinators.
    """

    number: int
    name: str
    text: str
    position: tuple[int, ...]
    path: tuple[str, ...]
    program: Program


@runtime_checkable
class Instrument(Protocol):
    """Subclass it and define what you want to be told; the rest does nothing.

    An instrument sees and never changes. One that raises is detached from the pipeline, which notes it and goes on
    with the others. A pipeline that runs in several threads calls its instruments from all of them.

    >>> from hyperion.pipeline import Instrument
    >>> class Names(Instrument):
    ...     def after(self, run, step, program):
    ...         print(run.number, step.name, step.evidence)
    """

    def before(self, run: PassRun) -> None:
        """The pass is about to run."""

    def after(self, run: PassRun, step: Step, program: Program) -> None:
        """The pass ran, its evidence holds, and `program` is what came out."""

    def failed(self, run: PassRun, error: PassError) -> None:
        """The pass failed or was refused. The program is as it was before."""
