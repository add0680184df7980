"""The same elements in row-major order under another shape, and arrays put one after the other."""

from __future__ import annotations

from math import prod

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.looking import parts
from hyperion_interp.meanings.attributes import number
from hyperion_interp.meanings.sizes import agree, as_declared, counted
from hyperion_interp.shapes import Shape


def reshape(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    declared = equation.result

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array, *sizes = operands
        return (_reshaped(environment, equation, array, counted(declared, sizes)),)

    return meaning


def reshape_like(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array, like = operands
        return (_reshaped(environment, equation, array, like.shape),)

    return meaning


def expand(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    axis = number(equation, "axis")

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        (array,) = operands
        return (_reshaped(environment, equation, array, (*array.shape[:axis], 1, *array.shape[axis:])),)

    return meaning


def squeeze(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    axis = number(equation, "axis")

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        (array,) = operands
        return (_reshaped(environment, equation, array, array.shape[:axis] + array.shape[axis + 1 :]),)

    return meaning


def _reshaped(environment: Environment, equation: Equation, array: PersistentArray, shape: Shape) -> PersistentArray:
    if prod(shape) != array.size:
        raise Trap("value")
    environment.machine.room(shape, equation.span)
    return PersistentArray(array.to_list(), shape)


def concat(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    declared, axis = equation.result, number(equation, "axis")

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        first = operands[0].shape
        for other in operands[1:]:
            agree(equation, first[:axis] + first[axis + 1 :], other.shape[:axis] + other.shape[axis + 1 :])
        total = sum(array.shape[axis] for array in operands)
        shape = as_declared(declared, (*first[:axis], total, *first[axis + 1 :]))
        environment.machine.room(shape, equation.span)
        lists = [(array.to_list(), prod(array.shape[axis:])) for array in operands]
        items: list[Number] = []
        for some in parts(environment.machine.token, range(prod(first[:axis])), len(lists)):
            for row in some:
                for elements, width in lists:
                    items += elements[row * width : (row + 1) * width]
        return (PersistentArray(items, shape),)

    return meaning
