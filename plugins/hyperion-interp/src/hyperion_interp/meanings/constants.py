"""Literals."""

from __future__ import annotations

from fractions import Fraction

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number
from hyperion.ir.types import REAL, FloatType
from hyperion_interp.block import Block, Meaning


def constant(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    literal: Number = equation.attribute("value")
    kind = equation.result.type
    if isinstance(kind, FloatType):
        literal = float.fromhex(literal)
    elif kind == REAL:
        literal = Fraction(float.fromhex(literal))
    found = (literal,)
    return lambda environment, operands: found
