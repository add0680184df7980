"""Stable sorting."""

from __future__ import annotations

from hyperion.ir.function import Equation
from hyperion.ir.scalars import Number
from hyperion.tokens import Token
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.looking import parts
from hyperion_interp.meanings.attributes import number
from hyperion_interp.meanings.sizes import agree
from hyperion_interp.shapes import lines

RUN = 1 << 16
"""Elements that are sorted between two looks at the token; sorted runs are then merged."""


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
        token = environment.machine.token
        for places in lines(keys.shape, axis):
            order = _order(before[0], places, descending, token)
            for some in parts(token, range(len(order)), len(before)):
                for source, target in zip(before, after, strict=True):
                    for k in some:
                        target[places[k]] = source[order[k]]
        return tuple(PersistentArray(items, keys.shape) for items in after)

    return meaning


def _order(keys: list[Number], places: range, descending: bool, token: Token) -> list[int]:
    runs: list[list[int]] = []
    unordered: list[int] = []
    for some in parts(token, places, most=RUN):
        runs.append([place for place in some if keys[place] == keys[place]])
        runs[-1].sort(key=keys.__getitem__, reverse=descending)  # stable in both directions
        unordered += [place for place in some if keys[place] != keys[place]]
    while len(runs) > 1:
        runs = [_merged(keys, runs[k : k + 2], descending, token) for k in range(0, len(runs), 2)]
    return [*(runs[0] if runs else ()), *unordered]


def _merged(keys: list[Number], runs: list[list[int]], descending: bool, token: Token) -> list[int]:
    """Two neighbours as one: sorting runs that are sorted takes a step for each element."""
    token.check("run")
    merged = [place for run in runs for place in run]
    merged.sort(key=keys.__getitem__, reverse=descending)
    return merged
