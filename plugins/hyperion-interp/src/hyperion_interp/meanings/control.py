"""Branches, loops and calls."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.errors import HyperionError
from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.traps import TRAPS, trap_error
from hyperion_interp.block import (
    CALL_FRAMES,
    MOST_FRAMES,
    REGION_FRAMES,
    Block,
    Environment,
    Meaning,
    nesting,
)


def conditional(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    then, otherwise = regions
    return lambda environment, operands: (then if operands[0] else otherwise).run(environment, ())


_TRAPS = tuple(error for kind, (_, error, _) in TRAPS.items() if kind != "recursion")


def attempted(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    (body,) = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        try:
            return (True, *body.run(environment, ()))
        except _TRAPS:
            return (False, *operands)

    return meaning


def counted(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    (body,) = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        lo, hi, step, *carried = operands
        environment.machine.burn(steps(lo, hi, step), equation.span)
        for i in range(lo, hi, step):
            carried = body.run(environment, (i, *carried))
        return carried

    return meaning


def repeated(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    condition, body = regions

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        carried = operands
        while condition.run(environment, carried)[0]:
            environment.machine.burn(1, equation.span)
            carried = body.run(environment, carried)
        return carried

    return meaning


def call(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    callee = str(equation.attribute("callee"))

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        machine = environment.machine
        try:
            return machine.call(machine.code(callee), operands)
        except HyperionError as error:
            error.span = equation.span if error.span is None else error.span.called_from(equation.span)
            raise

    return meaning


def recursion(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """Each call has values of its own, besides those of the scopes around the recursion."""
    (body,) = regions
    frames = CALL_FRAMES + REGION_FRAMES * (1 + nesting(equation.regions[0].equations))

    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        machine = environment.machine

        def itself(arguments: Sequence[Number]) -> Sequence[Number]:
            machine.burn(1, equation.span)
            machine.frames += frames
            if machine.frames > MOST_FRAMES:
                raise trap_error("recursion", equation.span)
            results = body.run(Environment(dict(environment.values), machine, itself), arguments)
            machine.frames -= frames
            return results

        return itself(operands)

    return meaning


def self_call(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> Sequence[Number]:
        assert environment.itself is not None
        return environment.itself(operands)

    return meaning


def steps(lo: int, hi: int, step: int) -> int:
    """`len(range(lo, hi, step))`, which Python refuses past sys.maxsize."""
    if step == 0:
        raise Trap("value")
    return max(0, -((lo - hi) // step))
