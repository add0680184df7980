"""Random programs over all types and ops are valid, and end in values of their types or in a trap with a place."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import HyperionError
from hyperion.ir import parse_program, print_program, verify
from hyperion.ir.expansion import expand
from hyperion.ir.function import Program, walk
from hyperion.ir.inline import inline_calls
from hyperion.ir.ops import OPS
from hyperion.ir.rebuild import rebuilt
from hyperion.ir.scalars import holds
from hyperion.ir.types import ArrayType, TupleType, Type
from hyperion.testing.random_arguments import random_arguments
from hyperion.testing.random_programs import random_program
from hyperion_interp.interpreter import interpret

TRAPS = {"HY5101", "HY5102", "HY5103", "HY5104", "HY5105"}


def fits(kind: Type, value: Any) -> bool:
    match kind:
        case ArrayType(element, (size, *rest)):
            inner = ArrayType(element, tuple(rest)) if rest else element
            return isinstance(value, list) and size in (len(value), str(size)) and all(fits(inner, v) for v in value)
        case TupleType(elements):
            return isinstance(value, tuple) and all(map(fits, elements, value))
        case _:
            return holds(kind, value)


def outcome(program: Program, arguments: list[object]) -> object:
    try:
        return interpret(program, arguments)
    except HyperionError as error:
        if error.code not in TRAPS:
            raise
        return error.code


@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_values_have_their_types(seed: int) -> None:
    random = Random(seed)
    program = random_program(random, random.randrange(1, 25), everything=True)
    verify(program)
    assert rebuilt(program.main) == program.main
    assert inline_calls(program) is program
    assert expand(program) is program
    text = print_program(program)
    assert parse_program(text) == program
    assert print_program(parse_program(text)) == text
    for _ in range(3):
        found = outcome(program, random_arguments(random, program.main))
        if isinstance(found, tuple):
            for value, variable in zip(found, program.main.results, strict=True):
                assert fits(variable.type, value), (variable.type, value)


def test_every_op_comes_up_and_most_programs_end_in_values() -> None:
    random, seen, ends = Random(1), Counter[str](), Counter[bool]()
    for _ in range(600):
        program = random_program(random, 20, everything=True)
        seen.update(e.op for e in walk(program.main.equations))
        ends[isinstance(outcome(program, random_arguments(random, program.main)), tuple)] += 1
    unchecked = {name for name, op in OPS.items() if op.unchecked}
    left_out = {"attempt", "while", "call", "recurse", "self", "par.reduce", "par.scan", "par.windows", "par.power"}
    left_out |= {"pieces.summaries", "pieces.scan"}
    left_out |= {"floordiv", "mod"}  # for `int`
    assert set(OPS) - set(seen) == unchecked | left_out
    assert ends[True] > 100
