"""Elements chosen by arrays of indices."""

from __future__ import annotations

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number, Trap
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.looking import Looks, parts
from hyperion_interp.meanings.attributes import number
from hyperion_interp.meanings.sizes import agree
from hyperion_interp.shapes import Shape, offsets, strides


def gather(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """NumPy's `take` without negative indices: axis `axis` gives way to the axes of the indices."""
    axis = number(equation, "axis")

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array, indices = operands
        token, chosen, size = environment.machine.token, indices.to_list(), array.shape[axis]
        if not all(0 <= index < size for some in parts(token, chosen) for index in some):
            raise Trap("index")
        shape = (*array.shape[:axis], *indices.shape, *array.shape[axis + 1 :])
        environment.machine.room(shape, equation.span)
        before, step, after = _around(array.shape, axis)
        items: list[Number] = []
        for rows in parts(token, before, len(chosen) * len(after)):
            for some in parts(token, chosen, len(after)):
                for rests in parts(token, after):
                    items += array.picked(
                        [row + index * step + rest for row in rows for index in some for rest in rests]
                    )
        return (PersistentArray(items, shape),)

    return meaning


def scatter(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """Slices of `values` written at `indices`, in their order; with a region, joined with what is there."""
    axis = number(equation, "axis")

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        array, indices, values = operands
        agree(equation, (*array.shape[:axis], indices.shape[0], *array.shape[axis + 1 :]), values.shape)
        items, new = array.to_list(), values.to_list()
        before, step, after = _around(array.shape, axis)
        sources, source_step, _ = _around(values.shape, axis)
        environment.machine.burn(len(new) * len(regions), equation.span)
        looks = Looks(environment.machine.token)
        for position, index in enumerate(indices.to_list()):
            if not 0 <= index < array.shape[axis]:
                raise Trap("index")
            for row, source in zip(before, sources, strict=True):
                for rests in looks.over(after):
                    for rest in rests:
                        place, value = row + index * step + rest, new[source + position * source_step + rest]
                        items[place] = _joined(environment, regions, items[place], value)
        return (PersistentArray(items, array.shape),)

    return meaning


def _joined(environment: Environment, regions: tuple[Block, ...], old: Number, new: Number) -> Number:
    for join in regions:
        (new,) = join.run(environment, (old, new))
    return new


def _around(shape: Shape, axis: int) -> tuple[tuple[int, ...], int, range]:
    """Offsets of the indices before an axis, the stride of the axis, offsets of the indices after it."""
    own = strides(shape)
    return tuple(offsets(shape[:axis], own[:axis])), own[axis], range(own[axis])
