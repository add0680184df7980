"""Stable sorting."""

from __future__ import annotations

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.meanings.attributes import number
from hyperion_interp.meanings.sizes import agree
from hyperion_interp.shapes import lines


def sort(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """All operands reordered along an axis so that the first one, the keys, ascends or descends.

    Equal keys keep their order, in both directions; -0.0 equals 0.0; NaN comes last in both directions.
    """
    axis, descending = number(equation, "axis"), bool(equation.attribute("descending", False))

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        keys, *payloads = operands
        for array in payloads:
            agree(equation, keys.shape, array.shape)
        before = [array.to_list() for array in operands]
        after = [array.to_list() for array in operands]
        for places in lines(keys.shape, axis):
            order = _order(before[0], places, descending)
            for source, target in zip(before, after, strict=True):
                for place, origin in zip(places, order, strict=True):
                    target[place] = source[origin]
        return tuple(PersistentArray(items, keys.shape) for items in after)

    return meaning


def _order(keys: list[Number], places: range, descending: bool) -> list[int]:
    ordered = [place for place in places if keys[place] == keys[place]]
    ordered.sort(key=keys.__getitem__, reverse=descending)  # stable in both directions
    return ordered + [place for place in places if keys[place] != keys[place]]
