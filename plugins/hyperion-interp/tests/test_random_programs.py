"""Random valid programs end in values of their types or in a trap with a place, never in an internal error."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import HyperionError
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.scalars import holds
from hyperion.ir.types import ArrayType, TupleType, Type
from hyperion.testing.random_arguments import random_arguments
from hyperion.testing.random_programs import random_program
from hyperion_interp.interpreter import interpret

TRAPS = {"HY5101", "HY5102", "HY5103", "HY5104", "HY5105"}


def outcome(program: Program, arguments: list[object]) -> object:
    try:
        return interpret(program, arguments)
    except HyperionError as error:
        if error.code not in TRAPS or error.span is None:
            raise
        return error.code


def check(kind: Type, value: object, sizes: dict[str, int]) -> None:
    """The value is one of the type, and a size name stands for one number."""
    match kind:
        case ArrayType():
            level = [value]
            for size in kind.shape:
                for row in level:
                    assert isinstance(row, list)
                    known = sizes.setdefault(size, len(row)) if isinstance(size, str) else size
                    assert len(row) == known
                level = [item for row in level for item in row]
            assert all(holds(kind.element, item) for item in level)
        case TupleType():
            assert isinstance(value, tuple)
            for element, item in zip(kind.elements, value, strict=True):
                check(element, item, sizes)
        case _:
            assert holds(kind, value)


@pytest.mark.parametrize("everything", [False, True])
@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_outcomes(everything: bool, seed: int) -> None:
    random = Random(seed)
    program = random_program(random, random.randrange(1, 25), everything)
    arguments = random_arguments(random, program.main, largest=4)
    got = outcome(program, arguments)
    assert repr(outcome(parse_program(print_program(program)), arguments)) == repr(got)
    if isinstance(got, tuple):
        sizes: dict[str, int] = {}
        for value, variable in zip([*arguments, *got], [*program.main.parameters, *program.main.results], strict=True):
            check(variable.type, value, sizes)
