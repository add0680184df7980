"""Arrays made from single values."""

from __future__ import annotations

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.types import ArrayType, IntType
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.looking import listed
from hyperion_interp.meanings.sizes import counted


def fill(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    declared = equation.result

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        *sizes, value = operands
        shape = counted(declared, sizes)
        environment.machine.room(shape, equation.span)
        return (PersistentArray.filled(value, shape, environment.machine.token),)

    return meaning


def literal(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """`array`: the operands in row-major order."""
    kind = equation.result.type
    assert isinstance(kind, ArrayType)
    shape = tuple(size for size in kind.shape if isinstance(size, int))

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        environment.machine.room(shape, equation.span)
        return (PersistentArray(list(operands), shape),)

    return meaning


def iota(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    declared = equation.result
    assert isinstance(declared.type, ArrayType)
    element = declared.type.element
    assert isinstance(element, IntType)

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        shape = counted(declared, operands)
        (count,) = shape
        if count - 1 > element.maximum:
            raise Trap("overflow")
        environment.machine.room(shape, equation.span)
        return (PersistentArray(listed(environment.machine.token, range(count))),)

    return meaning


def progression(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        lo, hi, step = operands
        if step == 0:
            raise Trap("value")
        numbers = range(lo, hi, step)
        environment.machine.room((length_of(numbers),), equation.span)
        return (PersistentArray(listed(environment.machine.token, numbers)),)

    return meaning


def when(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        condition, array = operands
        return (array if condition else PersistentArray([]),)

    return meaning


def length_of(numbers: range) -> int:
    """`len` is refused where it passes the range of a size in memory."""
    return max(0, -((numbers.start - numbers.stop) // numbers.step))
