"""Every scalar op on edge values: compiled code against the op's meaning in the table."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import HyperionError
from hyperion.ir.op_table import OpDef
from hyperion.ir.ops import OPS, Trap, evaluate, is_scalar_op
from hyperion.ir.parser import parse_program
from hyperion.ir.rounding import round_float
from hyperion.ir.type_rules import is_lossless
from hyperion.ir.types import BoolType, FloatType, IntType, Type, scalar_types
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget
from hyperion_llvm.casts import cast_table
from hyperion_llvm.lowering import scalar_emitters

WITHOUT_FORM = ("int", "real", "bf16", "c64", "c128", "index")  # test_refusals.py
TYPES = {name: kind for name, kind in scalar_types().items() if name not in WITHOUT_FORM}
CODES = {"overflow": "HY5101", "zero-division": "HY5102", "index": "HY5103", "value": "HY5104", "inexact": "HY5105"}
SMALL = ("i8", "u8", "i32", "i64", "u64", "i128")


def edges(kind: Type) -> list[object]:
    match kind:
        case BoolType():
            return [False, True]
        case IntType():
            near = [kind.minimum, kind.minimum + 1, -3, -1, 0, 1, 2, 5, 7, kind.width - 1, kind.width, kind.maximum - 1]
            return sorted({x for x in [*near, kind.maximum // 3, kind.maximum] if kind.contains(x)})
        case FloatType():
            big = {16: 65504.0, 32: float(np.finfo("f4").max), 64: float(np.finfo("f8").max)}[kind.width]
            numbers = [0.0, -0.0, 1.0, -1.5, 3.0, 0.1, 2.0**31, -(2.0**63), 2.0**63, 2.0**64, big, math.inf, -math.inf]
            return [round_float(x, kind) for x in numbers] + [math.nan]
        case _:
            raise AssertionError(kind)


def same(x: object, y: object) -> bool:
    if isinstance(x, float) and isinstance(y, float):
        return (math.isnan(x) and math.isnan(y)) or struct.pack("d", x) == struct.pack("d", y)
    return type(x) is type(y) and x == y


def expected(op: str, values: tuple[object, ...], kinds: tuple[Type, ...], result: Type) -> object:
    try:
        return evaluate(op, values, kinds, result)
    except Trap as trap:
        return CODES[trap.kind]


def compiled(op: str, kinds: tuple[Type, ...], result: Type) -> CpuFunction:
    names = [f"%a{i}" for i in range(len(kinds))]
    parameters = ", ".join(f"{n}: {k}" for n, k in zip(names, kinds, strict=True))
    text = f"func @f({parameters}) -> {result} {{\n  %r = {op} {', '.join(names)} : {result}\n  return %r\n}}\n"
    return CpuTarget().compile(parse_program(text))


def outcome(function: CpuFunction, values: tuple[object, ...]) -> object:
    try:
        return function(*values)
    except HyperionError as error:
        return error.code if error.span is not None and error.span.line == 2 else f"{error} at the wrong place"


def check(op: str, kinds: tuple[Type, ...], result: Type) -> None:
    function = compiled(op, kinds, result)
    for values in itertools.product(*map(edges, kinds)):
        want, got = expected(op, values, kinds, result), outcome(function, values)
        assert same(want, got), f"{op} {values} : {kinds} -> {result} gives {got}, expected {want}"


def signatures(op: OpDef) -> Iterator[tuple[tuple[Type, ...], Type]]:
    """Every way to use an op that is no cast, on the types that show its differences."""
    from hyperion.ir.ops import infer

    for name, arity in itertools.product((*SMALL, "bool", "f16", "f32", "f64"), (1, 2)):
        kinds = (TYPES[name],) * arity
        if op.name == "select":
            kinds = (TYPES["bool"], *kinds)
        try:
            yield kinds, infer(op.name, kinds)[0]
        except HyperionError:
            continue


CASTS = [n for n in cast_table() if n in OPS]
ARITHMETIC = [n for n in scalar_emitters() if is_scalar_op(n) and n not in CASTS]


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic(name: str) -> None:
    uses = list(signatures(OPS[name]))
    for kinds, result in uses:
        check(name, kinds, result)
    assert uses or name in ("floordiv", "mod")


@pytest.mark.parametrize("name", CASTS)
def test_casts(name: str) -> None:
    from hyperion.ir.ops import infer

    count = 0
    for source, target in itertools.product(TYPES.values(), TYPES.values()):
        try:
            infer(name, (source,), (), target)
        except HyperionError:
            continue
        assert name != "cast" or is_lossless(source, target)
        check(name, (source,), target)
        count += 1
    assert count


BINARY = ["add.trap", "mul.trap", "floordiv.trap", "mod.wrap", "shl.trap", "sub.sat", "mul.sat", "floordiv.sat", "shr"]
I64 = TYPES["i64"]
FUNCTIONS = {name: compiled(name, (I64, I64), I64) for name in BINARY}
numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-70, 70))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BINARY), numbers, numbers)
def test_any_integers(name: str, x: int, y: int) -> None:
    assert same(expected(name, (x, y), (I64, I64), I64), outcome(FUNCTIONS[name], (x, y)))
