"""What a function denotes, run as a program, gives what the interpreter gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.testing.random_arguments import random_arguments
from hyperion.testing.random_programs import random_program

Denotes = Callable[[Program, Sequence[object]], None]


@pytest.mark.parametrize("part", range(4))
@given(st.integers(0, 2**32))
@settings(max_examples=500, deadline=None)
def test_random_programs_denote_what_the_interpreter_computes(denotes: Denotes, part: int, seed: int) -> None:
    """2,000 programs over all ops of the core, on scalars of all types, tuples and arrays of several dimensions."""
    random = Random(4 * seed + part)
    source = random_program(random, size=random.randrange(1, 20), everything=True)
    denotes(source, random_arguments(random, source.main))


EDGES: dict[str, list[object]] = {
    "i8": [-128, -127, -1, 0, 1, 7, 9, 127],
    "u8": [0, 1, 7, 9, 127, 128, 255],
    "bool": [False, True],
    "f32": [0.0, -0.0, 1.5, -3.0, float("inf"), float("-inf"), float("nan"), 3.4028234663852886e38, 2.0**-149],
}
BINARY = {
    "i8": [f"{op}.{mode}" for op in ("add", "sub", "mul", "floordiv", "mod", "shl") for mode in ("wrap", "trap", "sat")]
    + ["max", "min", "and", "or", "xor", "shr", "eq", "ne", "lt", "le", "gt", "ge"],
    "bool": ["and", "or", "xor", "eq", "ne"],
    "f32": ["add", "sub", "mul", "div", "div.trap", "eq", "ne", "lt", "le", "gt", "ge"],
}
BINARY["u8"] = BINARY["i8"]
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


@pytest.mark.parametrize(("kind", "op"), [(kind, op) for kind, ops in BINARY.items() for op in ops])
def test_a_binary_operation_at_the_edges(denotes: Denotes, kind: str, op: str) -> None:
    result = "bool" if op in COMPARISONS else kind
    source = parse_program(f"func @f(%a: {kind}, %b: {kind}) -> {result} {{ %c = {op} %a, %b : {result} return %c }}")
    for a in EDGES[kind]:
        for b in EDGES[kind]:
            denotes(source, [a, b])


UNARY = [(kind, f"{op}.{mode}") for kind in ("i8", "u8") for op in ("neg", "abs") for mode in ("wrap", "trap", "sat")]
UNARY += [("i8", "not"), ("u8", "not"), ("bool", "not"), ("f32", "neg"), ("f32", "abs"), ("f32", "sqrt")]


@pytest.mark.parametrize(("kind", "op"), UNARY)
def test_a_unary_operation_at_the_edges(denotes: Denotes, kind: str, op: str) -> None:
    source = parse_program(f"func @f(%a: {kind}) -> {kind} {{ %c = {op} %a : {kind} return %c }}")
    for a in EDGES[kind]:
        denotes(source, [a])


CASTS = [
    ("cast", "i8", "i64"), ("cast", "u8", "i16"), ("cast", "bool", "i8"), ("cast", "bool", "u8"),
    ("cast", "f32", "f64"),
    ("cast.wrap", "i8", "u8"), ("cast.wrap", "u8", "i8"), ("cast.wrap", "i8", "u64"), ("cast.trap", "i8", "u8"),
    ("cast.trap", "u8", "i8"), ("cast.round", "i8", "f32"), ("cast.round", "f32", "f16"), ("cast.exact", "u8", "f16"),
    ("cast.truncate", "f32", "i8"), ("cast.truncate", "f32", "u8"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "kind", "result"), CASTS)
def test_a_cast_at_the_edges(denotes: Denotes, op: str, kind: str, result: str) -> None:
    source = parse_program(f"func @f(%a: {kind}) -> {result} {{ %c = {op} %a : {result} return %c }}")
    for a in EDGES[kind]:
        denotes(source, [a])
