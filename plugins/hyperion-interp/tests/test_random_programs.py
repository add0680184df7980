"""Random valid programs end in values of their types or in a trap with a place, never in an internal error."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import HyperionError
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.scalars import holds
from hyperion.ir.types import ArrayType, BoolType, FloatType, Type
from hyperion.testing.programs import random_program
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.interpreter import interpret

TRAPS = {"HY5101", "HY5102", "HY5103", "HY5104", "HY5105"}


def argument(random: Random, kind: Type) -> object:
    match kind:
        case ArrayType():
            return [argument(random, kind.element) for _ in range(random.randrange(5))]
        case BoolType():
            return random.random() < 0.5
        case FloatType():
            return random.choice((random.uniform(-9, 9), 0.0, -0.0, float("inf"), float("nan")))
        case _:
            return random.randrange(128)


def outcome(program: Program, arguments: list[object]) -> object:
    try:
        return interpret(program, arguments)
    except HyperionError as error:
        if error.code not in TRAPS:
            raise
        return error.code


@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_outcomes(seed: int) -> None:
    random = Random(seed)
    program = random_program(random, size=random.randrange(1, 25))
    arguments = [argument(random, p.type) for p in program.main.parameters]
    got = outcome(program, arguments)
    assert repr(outcome(parse_program(print_program(program)), arguments)) == repr(got)
    if isinstance(got, tuple):
        for value, variable in zip(got, program.main.results, strict=True):
            kind = variable.type
            items, scalar = (value, kind.element) if isinstance(kind, ArrayType) else ([value], kind)
            assert all(holds(scalar, item) for item in items)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers()), max_size=40))
def test_persistent_arrays_are_lists_that_are_copied(edits: list[tuple[int, int, int]]) -> None:
    versions = [PersistentArray([0, 1, 2, 3])]
    copies = [[0, 1, 2, 3]]
    for version, index, value in edits:
        base = version % len(versions)
        versions.append(versions[base].updated(index, value))
        copies.append([*copies[base][:index], value, *copies[base][index + 1 :]])
        assert versions[base].item(index) == copies[base][index]
    assert [v.to_list() for v in versions] == copies


def test_a_long_chain_of_versions_is_read_and_freed() -> None:
    first = array = PersistentArray([0])
    for value in range(200_000):
        array = array.updated(0, value)
    assert first.item(0) == 0
    assert array.item(0) == 199_999
    assert first.item(0) == 0
    del array, first
