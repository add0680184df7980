"""The meaning of every op that is not evaluated on scalars, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hyperion.ir.function import Equation
from hyperion_interp.block import Block, Meaning
from hyperion_interp.meanings import (
    constants,
    control,
    creation,
    elements,
    elementwise,
    indexed,
    movement,
    parallel,
    reduction,
    reshaping,
    sorting,
    tuples,
)

MEANINGS: Mapping[str, Callable[[Equation, tuple[Block, ...]], Meaning]] = MappingProxyType(
    {
        "const": constants.constant,
        "tuple": tuples.make,
        "item": tuples.item,
        "len": elements.length,
        "dim": elements.dimension,
        "get": elements.get,
        "get.unchecked": elements.get_unchecked,
        "update": elements.update,
        "update.unchecked": elements.update_unchecked,
        "fill": creation.fill,
        "array": creation.literal,
        "iota": creation.iota,
        "progression": creation.progression,
        "when": creation.when,
        "slice": movement.cut,
        "reverse": movement.reverse,
        "transpose": movement.transpose,
        "broadcast": movement.broadcast,
        "reshape": reshaping.reshape,
        "reshape.like": reshaping.reshape_like,
        "expand": reshaping.expand,
        "squeeze": reshaping.squeeze,
        "concat": reshaping.concat,
        "gather": indexed.gather,
        "scatter": indexed.scatter,
        "sort": sorting.sort,
        "reduce": reduction.reduce,
        "contract": reduction.contract,
        "if": control.conditional,
        "attempt": control.attempted,
        "for": control.counted,
        "while": control.repeated,
        "call": control.call,
        "recurse": control.recursion,
        "self": control.self_call,
        "fold": elementwise.fold,
        "scan": elementwise.scan,
        "map": elementwise.mapped,
        "build": elementwise.build,
        "par.reduce": parallel.reduce,
        "par.scan": parallel.scan,
        "par.windows": parallel.windows,
        "par.power": parallel.power,
        "pieces.summaries": parallel.summaries,
        "pieces.scan": parallel.scan_pieces,
    }
)
