"""A region made ready to run, and the state of a run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hyperion.errors import HyperionError, Span
from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number
from hyperion.tokens import NOTHING, Token

CALL_FRAMES = 4  # Python frames of a call; with REGION_FRAMES, keeps a deep program from Python's recursion limit
REGION_FRAMES = 4
MOST_FRAMES = 600
RUNS_A_LOOK = 64  # so that looking at the token costs nothing and yet happens every fraction of a millisecond
MOST_ELEMENTS = 1 << 28
"""What an array of the interpreter may hold; the number of arrays alive is bounded by the text of the program."""


def nesting(equations: Sequence[Equation]) -> int:
    """How deep the regions of equations are nested."""
    depth, level = 0, list(equations)
    while level:
        depth += 1
        level = [inner for e in level for region in e.regions for inner in region.equations]
    return depth


class Code(NamedTuple):
    """A function made ready to run."""

    name: str
    body: Block
    frames: int
    span: Span | None


def room(shape: Sequence[int], span: Span | None, most: int) -> None:
    """Refuses an array before it is made. Axes of length 0 do not count, as in NumPy: the others are walked."""
    count = 1
    for size in shape:
        count *= size or 1
    if count > most:
        shown = " x ".join(map(str, shape))
        raise HyperionError(
            "HY5108", f"the interpreter makes no array of {shown} elements", span, (f"it holds {most}",)
        )


@dataclass(slots=True)
class Machine:
    """The state of one run, with its limits."""

    code: Callable[[str], Code]  # of a function of the program
    fuel: int | None = None  # runs of regions in loops left, if bounded
    most_elements: int = MOST_ELEMENTS
    token: Token = NOTHING
    frames: int = 0
    until_look: int = 0  # runs of regions before the token is looked at again

    def look(self) -> None:
        """Raises what ended the token, if it ended."""
        self.token.check("run")
        self.until_look = sys.maxsize if self.token is NOTHING else RUNS_A_LOOK

    def call(self, code: Code, arguments: Sequence[Number]) -> list[Number]:
        self.frames += code.frames
        if self.frames > MOST_FRAMES:
            raise HyperionError(
                "HY5107",
                f"calls and regions are nested too deep at @{code.name}",
                code.span,
                hints=("make the chain of calls shorter",),
            )
        results = code.body.run(Environment({}, self), arguments)
        self.frames -= code.frames
        return results

    def burn(self, runs: int, span: Span | None) -> None:
        """Takes the fuel for so many runs of a region; a loop of a known length asks before its first."""
        if self.fuel is None:
            return
        if self.fuel < runs:
            message = "the loop did not end within the iterations allowed"
            raise HyperionError("HY5106", message, span, hints=("give the interpreter more fuel",))
        self.fuel -= runs

    def room(self, shape: Sequence[int], span: Span | None) -> None:
        room(shape, span, self.most_elements)


class Environment(NamedTuple):
    """One call of a function, or of a recursion in it, whose body calls `itself`. Names are unique in a function, so
    its regions share one dictionary."""

    values: dict[str, Number]
    machine: Machine
    itself: Callable[[Sequence[Number]], Sequence[Number]] | None = None


Step = Callable[[Environment], None]
Meaning = Callable[[Environment, list[Number]], Sequence[Number]]  # operands to results; raises Trap


class Block(NamedTuple):
    parameters: tuple[str, ...]
    steps: tuple[Step, ...]
    results: tuple[str, ...]

    def run(self, environment: Environment, arguments: Sequence[Number]) -> list[Number]:
        values, machine = environment.values, environment.machine
        if machine.until_look <= 0:
            machine.look()
        machine.until_look -= 1
        for name, value in zip(self.parameters, arguments, strict=True):
            values[name] = value
        for step in self.steps:
            step(environment)
        return [values[name] for name in self.results]
