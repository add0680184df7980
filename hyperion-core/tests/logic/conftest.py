"""Runs denotations against the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hyperion.errors import HyperionError
from hyperion.ir.function import Function, Program
from hyperion.ir.types import ArrayType, TupleType, Type
from hyperion.logic.denote import denote
from hyperion.testing.denotation import Machine
from hyperion.testing.opaque_ops import TRAP, TRAPS, Grid, array_of
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Machine as Interpretation
from hyperion_interp.interpreter import Interpreter

MOST_ELEMENTS = 2000


def run(program: Program, arguments: Sequence[Any]) -> list[Any]:
    """The interpreter on values of the logic; the shapes of empty arrays are kept."""
    interpreter = Interpreter(program)
    machine = Interpretation(interpreter._code, most_elements=MOST_ELEMENTS)
    given = [_lowered(p.type, a) for p, a in zip(program.main.parameters, arguments, strict=True)]
    results = machine.call(interpreter._code(program.entry), given)
    return [_raised(r.type, x) for r, x in zip(program.main.results, results, strict=True)]


def _lowered(kind: Type, value: Any) -> Any:
    match kind:
        case ArrayType():
            if isinstance(value, Grid):
                return PersistentArray(list(value.items), value.shape)
            return PersistentArray(list(value))
        case TupleType((element,)):  # in the logic a tuple of one value is the value
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


def interpreted(source: Program, arguments: Sequence[Any]) -> Any:
    """The outcome of a run."""
    try:
        results = run(source, arguments)
    except HyperionError as error:
        if error.code not in TRAPS:
            raise
        return TRAP
    return ("ok", results[0] if len(results) == 1 else tuple(results) if results else True)


def _denotes(source: Program, arguments: Sequence[object]) -> None:
    values = values_of(source.main, arguments)
    try:
        expected = interpreted(source, values)
    except HyperionError as error:
        if error.code == "HY5108":  # a large array, such as random counts make, takes an evaluator of terms too long
            return
        raise
    assert repr(Machine(run).run(denote(source.main, source), *values)) == repr(expected)


def values_of(function: Function, arguments: Sequence[object]) -> list[Any]:
    """Arguments as values of the logic: nested lists as arrays whose sizes agree, where no row tells them too."""
    sizes: dict[int | str, int] = {}
    levels = [_levels(p.type, a) for p, a in zip(function.parameters, arguments, strict=True)]
    for p, (lengths, _) in zip(function.parameters, levels, strict=True):
        if isinstance(p.type, ArrayType):
            sizes.update(zip(p.type.shape, lengths, strict=False))
    return [
        array_of(tuple(sizes.get(s, s if isinstance(s, int) else 0) for s in p.type.shape), items)
        if isinstance(p.type, ArrayType)
        else argument
        for p, argument, (_, items) in zip(function.parameters, arguments, levels, strict=True)
    ]


def _levels(kind: Type, argument: Any) -> tuple[list[int], list[Any]]:
    """The lengths of nested lists, as far as there are rows, and the elements."""
    if isinstance(argument, Grid):
        return list(argument.shape), list(argument.items)
    lengths, items = list[int](), argument
    for k in range(len(kind.shape) if isinstance(kind, ArrayType) else 0):
        if k == 0 or items:
            lengths.append(len(items if k == 0 else items[0]))
        items = list(items) if k == 0 else [x for row in items for x in row]
    return lengths, items


@pytest.fixture(scope="session")
def denotes() -> Callable[[Program, Sequence[object]], None]:
    """Asserts that a function, run by what it denotes, gives what the interpreter gives."""
    return _denotes
