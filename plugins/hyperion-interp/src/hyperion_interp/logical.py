"""Runs programs on values of the logic, so that what a function denotes can be compared with what it computes.

A list is a tuple, an array of more dimensions a `Grid`; a tuple of one value is the value: see
`hyperion.testing.denotation`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any  # values of every type

from hyperion.ir.function import Program
from hyperion.ir.types import ArrayType, TupleType, Type
from hyperion.testing.opaque_ops import Grid
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Code, Machine
from hyperion_interp.translation import Translator

MOST_ELEMENTS = 2000

Ready = Callable[[Sequence[Any]], list[Any]]


def ready(program: Program, most_elements: int = MOST_ELEMENTS) -> Ready:
    """A valid program, to be run any number of times. A run raises what `hyperion_interp.interpreter` says."""
    translator = Translator(program.registry)
    codes: dict[str, Code] = {}

    def code(name: str) -> Code:
        if name not in codes:
            codes[name] = translator.function(program.functions[name])
        return codes[name]

    entry = program.main
    parameters, results = [p.type for p in entry.parameters], [r.type for r in entry.results]

    def run(arguments: Sequence[Any]) -> list[Any]:
        machine = Machine(code, most_elements=most_elements)
        found = machine.call(code(entry.name), [_lowered(k, a) for k, a in zip(parameters, arguments, strict=True)])
        return [_raised(k, x) for k, x in zip(results, found, strict=True)]

    return run


def _lowered(kind: Type, value: Any) -> Any:
    match kind:
        case ArrayType():
            if isinstance(value, Grid):
                return PersistentArray(list(value.items), value.shape)
            return PersistentArray(list(value))
        case TupleType((element,)):
            return (_lowered(element, value),)
        case TupleType(elements):
            return tuple(_lowered(k, v) for k, v in zip(elements, value, strict=True))
        case _:
            return value


def _raised(kind: Type, value: Any) -> Any:
    match kind:
        case ArrayType(_, shape):
            items = tuple(value.item(i) for i in range(value.size))
            return items if len(shape) == 1 else Grid(value.shape, items)
        case TupleType((element,)):
            return _raised(element, value[0])
        case TupleType(elements):
            return tuple(_raised(k, v) for k, v in zip(elements, value, strict=True))
        case _:
            return value
