"""What a function denotes, run as a program, gives what the interpreter gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest

from hyperion.ir.function import Program, walk
from hyperion.ir.ops import OPS
from hyperion.ir.parser import parse_program
from hyperion.ir.traps import TRAPS
from hyperion.ir.types import BF16, F16, F32, F64, Type
from hyperion.testing.denotation_runs import REGROUPED, Comparison, Disagreement, regrouped
from hyperion.testing.every_op import every_op_arguments, every_op_program, real_program
from hyperion_interp.logical import ready

Denotes = Callable[[Program, Sequence[object]], None]

PARTS = 4
REAL_FORMATS = (F16, BF16, F32, F64)


@pytest.mark.parametrize("part", range(PARTS))
def test_random_programs_denote_what_the_interpreter_computes(part: int) -> None:
    """1,000 programs in each part over every op of the core: each op where there was a value, and each kind of trap.

    `fuzz/denotation.py` runs as many others as there is time for.
    """
    comparison = Comparison(ready)
    for number in range(1000):
        random = Random(f"denotation {part} {number}")
        source = every_op_program(random)
        comparison.compare(source, every_op_arguments(random, source.main))
    counts = comparison.counts
    assert counts.programs == 1000
    assert counts.values > 600
    assert counts.too_large < 10
    assert {op: counts.ops[op] for op in OPS if counts.ops[op] < 3} == {}
    too_deep = "HY5111"  # after 2**64 calls, which no run makes
    assert set(counts.traps) == {code for code, _, _ in TRAPS.values()} - {too_deep}


@pytest.mark.parametrize("kind", REAL_FORMATS, ids=str)
def test_random_programs_over_the_reals(kind: Type) -> None:
    """The interpreter computes with fractions what a function with fp="reassoc" denotes."""
    comparison = Comparison(ready)
    for number in range(300):
        random = Random(f"{kind} {number}")
        exact = real_program(random)
        source = regrouped(exact, kind)
        if any(e.attribute("fp") for e in walk(source.main.equations)):
            comparison.compare(source, every_op_arguments(random, exact.main), computed=exact)
    counts = comparison.counts
    assert counts.values > 80
    assert {op: counts.ops[op] for op in (*REGROUPED, "lt", "select", "fold", "for") if counts.ops[op] < 4} == {}


def test_a_wrong_denotation_is_found() -> None:
    """The comparison can fail: another program is not what this one computes."""
    one, other = (
        parse_program(f"func @f(%x: i8) -> i8 {{ %y = {op} %x, %x : i8 return %y }}") for op in ("add.wrap", "add.sat")
    )
    Comparison(ready).compare(one, [3], computed=other)
    with pytest.raises(Disagreement, match=r"denotes .*-56"):
        Comparison(ready).compare(one, [100], computed=other)


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
