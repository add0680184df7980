"""What comes out of a run: the program, the evidence for it, and what each pass did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from hyperion.ir.function import Function, Program
from hyperion.ir.printer import print_program
from hyperion.logic.derived import composed
from hyperion.logic.kernel import Theorem

Evidence = Literal["unchanged", "same term", "theorem", "none"]


@dataclass(frozen=True, slots=True)
class Step:
    """One pass that ran: whether it changed the function, by what evidence, and how long it took.

    `seconds` is the time of the pass on the clock and `cpu_seconds` that of its thread on the processor;
    `judging_seconds` is what the pipeline took to verify its IR and to judge its evidence. `position` says where the
    pass stands in the pipeline: an index for each combinator around it and one for itself. `statistics` is what it
    counted. The evidence is `none` where policy let a pass change the function without.
    """

    name: str
    changed: bool
    evidence: Evidence
    seconds: float
    cpu_seconds: float = 0.0
    judging_seconds: float = 0.0
    text: str = ""
    position: tuple[int, ...] = ()
    statistics: Mapping[str, int] = field(default_factory=lambda: MappingProxyType(dict[str, int]()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A program after a pipeline.

    `theorem` is `|- denote(before) = denote(after)`, or None where both denote the same term; it says nothing where
    `unproved` names passes that changed the function without evidence. `notes` tell what did not end well and was no
    error: a fixpoint that was not reached, a `try` that was undone, an instrument that failed.
    """

    program: Program
    theorem: Theorem | None
    steps: tuple[Step, ...]
    unproved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def checked(self) -> bool:
        """Whether every change has evidence that was checked."""
        return not self.unproved

    @property
    def changed(self) -> bool:
        """Whether any pass changed the function."""
        return any(step.changed for step in self.steps)

    def __str__(self) -> str:
        return print_program(self.program)


def chain(theorems: Sequence[Theorem | None]) -> Theorem | None:
    """`|- a = z` from `|- a = b`, `|- b = c`, ...; None stands for two sides that are one term.

    `|- sized a = sized z` (see `hyperion.logic.sized`) where one of them speaks of arrays that exist.
    """
    return composed([theorem for theorem in theorems if theorem is not None])


def with_main(program: Program, function: Function) -> Program:
    """The program with another entry function of the same name."""
    return replace(program, functions={**program.functions, program.entry: function.renamed(program.entry)})
