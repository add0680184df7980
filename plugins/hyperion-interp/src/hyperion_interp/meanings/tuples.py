"""Tuples are Python tuples."""

from __future__ import annotations

from hyperion.ir.function import Equation
from hyperion_interp.block import Block, Meaning


def make(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    return lambda environment, operands: (tuple(operands),)


def item(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    index = equation.attribute("index")
    assert isinstance(index, int)
    return lambda environment, operands: (operands[0][index],)
