"""Sizes and single elements of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.errors import InternalError
from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning

Locate = Callable[[PersistentArray, Sequence[int]], int]


def length(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    return lambda environment, operands: (operands[0].shape[0],)


def dimension(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    axis = equation.attribute("axis")
    assert isinstance(axis, int)
    return lambda environment, operands: (operands[0].shape[axis],)


def get(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    return _get(_inside)


def update(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    return _update(_inside)


def get_unchecked(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    return _get(_trusted(equation))


def update_unchecked(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    return _update(_trusted(equation))


def _get(locate: Locate) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array = operands[0]
        return (array.item(locate(array, operands[1:])),)

    return meaning


def _update(locate: Locate) -> Meaning:
    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array = operands[0]
        return (array.updated(locate(array, operands[1:-1]), operands[-1]),)

    return meaning


def _inside(array: PersistentArray, indices: Sequence[int]) -> int:
    """The offset of an element. Traps unless every index is inside its axis."""
    offset = 0
    for index, size in zip(indices, array.shape, strict=True):
        if not 0 <= index < size:
            raise Trap("index")
        offset = offset * size + index
    return offset


def _trusted(equation: Equation) -> Locate:
    def locate(array: PersistentArray, indices: Sequence[int]) -> int:
        try:
            return _inside(array, indices)
        except Trap:
            raise InternalError(
                "HY9101",
                f"{equation.op} of {list(indices)} is outside an array of shape {list(array.shape)}",
                equation.span,
                notes=("its meaning is undefined there, so no theorem can have put it here",),
                hints=(f"write {equation.op.removesuffix('.unchecked')}, which traps",),
            ) from None

    return locate
