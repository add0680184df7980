"""Control: branches, loops and calls."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning


def conditional(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    then, otherwise = regions
    return lambda environment, operands: (then if operands[0] else otherwise).run(environment, ())


def counted(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    (body,) = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        lo, hi, step, *carried = operands
        if step == 0:
            raise Trap("value")
        for i in range(lo, hi, step):
            carried = body.run(environment, (i, *carried))
        return carried

    return meaning


def repeated(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    condition, body = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        carried = operands
        while condition.run(environment, carried)[0]:
            environment.machine.burn()
            carried = body.run(environment, carried)
        return carried

    return meaning


def fold(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    (body,) = regions
    arrays = array_count(equation)

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        carried = operands[arrays:]
        for elements in rows(operands[:arrays]):
            carried = body.run(environment, (*elements, *carried))
        return carried

    return meaning


def call(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    callee = str(equation.attribute("callee"))
    return lambda environment, operands: environment.machine.call(environment.machine, callee, operands)


def array_count(equation: Equation) -> int:
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    return count


def rows(arrays: Sequence[PersistentArray]) -> list[tuple[Number, ...]]:
    """The elements at equal positions. Traps where the arrays have different lengths."""
    columns = [array.to_list() for array in arrays]
    if any(len(column) != len(columns[0]) for column in columns):
        raise Trap("value")
    return list(zip(*columns, strict=True))
