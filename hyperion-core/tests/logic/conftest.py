"""Runs denotations against the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hyperion.errors import HyperionError
from hyperion.ir.function import Program
from hyperion.ir.types import ArrayType, TupleType, Type
from hyperion.logic.denote import denote
from hyperion.testing.denotation import Machine
from hyperion.testing.opaque_ops import TRAP, TRAPS, Grid
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Machine as Interpretation
from hyperion_interp.interpreter import Interpreter


def run(program: Program, arguments: Sequence[Any]) -> list[Any]:
    """The interpreter on values of the logic; the shapes of empty arrays are kept."""
    interpreter = Interpreter(program)
    machine = Interpretation(interpreter._code)
    given = [_lowered(p.type, a) for p, a in zip(program.main.parameters, arguments, strict=True)]
    results = machine.call(interpreter._code(program.entry), given)
    return [_raised(r.type, x) for r, x in zip(program.main.results, results, strict=True)]


def _lowered(kind: Type, value: Any) -> Any:
    match kind:
        case ArrayType():
            if isinstance(value, Grid):
                return PersistentArray(list(value.items), value.shape)
            return PersistentArray(list(value))
        case TupleType(elements):
            return tuple(_lowered(k, v) for k, v in zip(elements, value, strict=True))
        case _:
            return value


def _raised(kind: Type, value: Any) -> Any:
    match kind:
        case ArrayType(_, shape):
            items = tuple(value.item(i) for i in range(value.size))
            return items if len(shape) == 1 else Grid(value.shape, items)
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
    values = [tuple(a) if isinstance(a, list) else a for a in arguments]
    assert repr(Machine(run).run(denote(source.main, source), *values)) == repr(interpreted(source, values))


@pytest.fixture(scope="session")
def denotes() -> Callable[[Program, Sequence[object]], None]:
    """Asserts that a function, run by what it denotes, gives what the interpreter gives."""
    return _denotes
