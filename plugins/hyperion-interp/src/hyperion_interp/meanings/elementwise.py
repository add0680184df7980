"""A region on every element: with a state (fold, scan), without one (map), or on every index (build)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from math import prod

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.meanings.rows import Row, rows, split
from hyperion_interp.meanings.sizes import as_declared, counted
from hyperion_interp.shapes import Shape


def fold(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    (body,) = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        arrays, carried = split(equation, operands)
        for elements in rows(environment, equation, arrays):
            carried = body.run(environment, (*elements, *carried))
        return carried

    return meaning


def scan(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """Results: the final states, then an array of what every step yields beyond the states."""
    (body,) = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        arrays, carried = split(equation, operands)
        made = Columns(len(equation.results) - len(carried))
        carried = scanned(environment, body, rows(environment, equation, arrays), carried, made)
        return [*carried, *made.arrays(arrays[0].shape)]

    return meaning


def scanned(
    environment: Environment, body: Block, elements: Iterable[Row], carried: list[Number], made: Columns
) -> list[Number]:
    """The state after the steps; what they yield is added to `made`."""
    states = len(carried)
    for row in elements:
        found = body.run(environment, (*row, *carried))
        carried = found[:states]
        made.add(found[states:])
    return carried


def mapped(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    (body,) = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        made = Columns(len(equation.results))
        for row in rows(environment, equation, operands):
            made.add(body.run(environment, row))
        return made.arrays(operands[0].shape)

    return meaning


def build(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """The region on every index, ascending in row-major order."""
    (body,) = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        shape = counted(equation.results[0], operands)
        for declared in equation.results[1:]:
            as_declared(declared, shape)
        environment.machine.room(shape, equation.span)
        environment.machine.burn(prod(shape), equation.span)
        made = Columns(len(equation.results))
        if 0 not in shape:
            for indices in product(*map(range, shape)):
                made.add(body.run(environment, indices))
        return made.arrays(shape)

    return meaning


class Columns:
    """Results that come one element of each array at a time."""

    def __init__(self, count: int) -> None:
        self._columns: list[list[Number]] = [[] for _ in range(count)]

    def add(self, row: Sequence[Number]) -> None:
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)

    def arrays(self, shape: Shape) -> list[PersistentArray]:
        return [PersistentArray(column, shape) for column in self._columns]
