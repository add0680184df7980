"""The ops of other distributions that are defined by an expansion: their function of core ops is run."""

from __future__ import annotations

from hyperion.errors import HyperionError
from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number
from hyperion_interp.block import Code, Environment, Meaning


def expanded(equation: Equation, code: Code) -> Meaning:
    """A trap inside stands at the equation: the user has not written what is inside."""

    def meaning(environment: Environment, operands: list[Number]) -> list[Number]:
        try:
            return environment.machine.call(code, operands)
        except HyperionError as error:
            error.span = equation.span
            error.notes = (*error.notes, f"inside the expansion of {equation.op}")
            raise

    return meaning
