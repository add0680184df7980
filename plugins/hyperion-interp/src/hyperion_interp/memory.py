"""Literals and arrays."""

from __future__ import annotations

from fractions import Fraction

from hyperion.errors import HyperionError
from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.types import REAL, FloatType
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning

MOST_ELEMENTS = 1 << 28


def constant(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    literal: Number = equation.attribute("value")
    kind = equation.result.type
    if isinstance(kind, FloatType):
        literal = float.fromhex(literal)
    elif kind == REAL:
        literal = Fraction(float.fromhex(literal))
    found = (literal,)
    return lambda environment, operands: found


def length(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    return lambda environment, operands: (len(operands[0]),)


def get(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array, index = operands
        return (array.item(_inside(array, index)),)

    return meaning


def update(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array, index, value = operands
        return (array.updated(_inside(array, index), value),)

    return meaning


def fill(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        count, value = operands
        if count < 0:
            raise Trap("value")
        if count > MOST_ELEMENTS:
            raise HyperionError("HY5108", f"the interpreter makes no array of {count} elements", equation.span)
        return (PersistentArray([value] * count),)

    return meaning


def _inside(array: PersistentArray, index: int) -> int:
    if not 0 <= index < len(array):
        raise Trap("index")
    return index
