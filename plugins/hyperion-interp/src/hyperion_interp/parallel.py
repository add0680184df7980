"""The parallel forms, run in order: the same pieces and the same steps as compiled code, so the same bits."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation
from hyperion.ir.partition import pieces
from hyperion.ir.scalars import Number, Trap
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.loops import array_count, rows

Row = tuple[Number, ...]


def reduce(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    lift, multiply, act, *guards = regions
    arrays = array_count(equation)
    lanes, piece = equation.attribute("lanes"), equation.attribute("piece")
    assert isinstance(lanes, int)
    assert isinstance(piece, int)

    def summary(environment: Environment, elements: Sequence[Row]) -> list[Number]:
        found = lift.run(environment, elements[0])
        for row in elements[1:]:
            found = multiply.run(environment, (*lift.run(environment, row), *found))
        return found

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        elements = rows(operands[:arrays])
        state = operands[arrays:]
        for start, stop in pieces(len(elements), lanes, piece):
            state = act.run(environment, (*summary(environment, elements[start:stop]), *state))
        held = [all(guard.run(environment, row)[0] for row in elements) for guard in guards]
        return [*held, *state]

    return meaning


def power(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    lift, multiply, act = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        lo, hi, step, *state = operands
        left = steps(lo, hi, step)
        update = lift.run(environment, ())
        while left:
            if left % 2:
                state = act.run(environment, (*update, *state))
            left //= 2
            if left:
                update = multiply.run(environment, (*update, *update))
        return state

    return meaning


def steps(lo: int, hi: int, step: int) -> int:
    """`len(range(lo, hi, step))`, which Python refuses past sys.maxsize."""
    if step == 0:
        raise Trap("value")
    return max(0, -((lo - hi) // step))
