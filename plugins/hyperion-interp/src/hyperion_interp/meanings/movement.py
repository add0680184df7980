"""Elements in new places: every element of the result is one of the operand, found by strides."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.meanings.attributes import numbers
from hyperion_interp.meanings.sizes import agree, as_declared
from hyperion_interp.shapes import Shape, at, offsets, strides


def cut(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """`slice`: lo, lo + step .. < hi of every axis. Traps unless 0 <= lo <= hi <= size."""
    declared = equation.result

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array, *bounds = operands
        lows, highs = bounds[0::2], bounds[1::2]
        if not all(0 <= lo <= hi <= size for lo, hi, size in zip(lows, highs, array.shape, strict=True)):
            raise Trap("index")
        steps = numbers(equation, "steps", (1,) * len(lows))
        sizes = [len(range(lo, hi, step)) for lo, hi, step in zip(lows, highs, steps, strict=True)]
        shape = as_declared(declared, sizes)
        own = strides(array.shape)
        start = sum(lo * stride for lo, stride in zip(lows, own, strict=True))
        return (_moved(environment, equation, array, shape, [a * b for a, b in zip(own, steps, strict=True)], start),)

    return meaning


def reverse(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    axes = numbers(equation, "axes")

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        (array,) = operands
        own = strides(array.shape)
        start = sum((array.shape[axis] - 1) * own[axis] for axis in axes)
        steps = [-step if axis in axes else step for axis, step in enumerate(own)]
        return (_moved(environment, equation, array, array.shape, steps, start),)

    return meaning


def transpose(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """Axis k of the result is axis permutation[k] of the operand."""
    permutation = numbers(equation, "permutation")

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        (array,) = operands
        shape, steps = at(array.shape, permutation), at(strides(array.shape), permutation)
        return (_moved(environment, equation, array, shape, steps),)

    return meaning


def broadcast(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """Axis k of the operand becomes axis axes[k] of the other operand's shape; along the others it is repeated."""
    axes = numbers(equation, "axes")

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        given, like = operands
        environment.machine.room(like.shape, equation.span)
        if not isinstance(given, PersistentArray):
            return (PersistentArray.filled(given, like.shape, environment.machine.token),)
        agree(equation, given.shape, at(like.shape, axes))
        own = dict(zip(axes, strides(given.shape), strict=True))
        steps = [own.get(axis, 0) for axis in range(len(like.shape))]
        return (_moved(environment, equation, given, like.shape, steps),)

    return meaning


def _moved(
    environment: Environment,
    equation: Equation,
    array: PersistentArray,
    shape: Shape,
    steps: Sequence[int],
    start: int = 0,
) -> PersistentArray:
    environment.machine.room(shape, equation.span)
    token = environment.machine.token
    return PersistentArray(array.picked(offsets(shape, steps, start, token), token), shape)
