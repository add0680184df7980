"""The elements that a region over several arrays takes in one step."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Environment
from hyperion_interp.looking import listed
from hyperion_interp.meanings.attributes import number

Row = tuple[Number, ...]


def split(equation: Equation, operands: list[Number]) -> tuple[list[PersistentArray], list[Number]]:
    """The arrays that an equation goes over, and its initial values."""
    arrays = number(equation, "arrays")
    return operands[:arrays], operands[arrays:]


def rows(environment: Environment, equation: Equation, arrays: Sequence[PersistentArray]) -> list[Row]:
    """The elements at equal places, in row-major order; asks for the fuel of a step each.

    Traps where the arrays have different shapes.
    """
    if any(array.shape != arrays[0].shape for array in arrays):
        raise Trap("value")
    columns = [array.to_list() for array in arrays]
    environment.machine.burn(len(columns[0]), equation.span)
    return listed(environment.machine.token, zip(*columns, strict=True))
