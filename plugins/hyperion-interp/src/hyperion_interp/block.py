"""A region made ready to run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hyperion.errors import HyperionError
from hyperion.ir.scalars import Number


@dataclass(slots=True)
class Machine:
    """The state of one run."""

    call: Callable[[Machine, str, Sequence[Number]], list[Number]]
    fuel: int | None  # iterations of `while` loops left, if bounded
    frames: int = 0

    def burn(self) -> None:
        if self.fuel is None:
            return
        if self.fuel == 0:
            raise HyperionError("HY5106", "the loop did not end within the iterations allowed")
        self.fuel -= 1


class Environment(NamedTuple):
    """One call of a function. Names are unique in a function, so its regions share one dictionary."""

    values: dict[str, Number]
    machine: Machine


Step = Callable[[Environment], None]
Meaning = Callable[[Environment, list[Number]], Sequence[Number]]  # operands to results; raises Trap


class Block(NamedTuple):
    parameters: tuple[str, ...]
    steps: tuple[Step, ...]
    results: tuple[str, ...]

    def run(self, environment: Environment, arguments: Sequence[Number]) -> list[Number]:
        values = environment.values
        for name, value in zip(self.parameters, arguments, strict=True):
            values[name] = value
        for step in self.steps:
            step(environment)
        return [values[name] for name in self.results]
