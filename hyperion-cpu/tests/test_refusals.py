"""What the CPU target does not compile it refuses with a code and a place: never a crash, never a wrong answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import CodegenError, HyperionError
from hyperion.ir import Builder, Program, parse_program
from hyperion.ir.op_table import OpDef
from hyperion.ir.ops import CORE
from hyperion.ir.places import located
from hyperion.ir.type_rules import is_machine_integer, uniform
from hyperion.ir.types import BF16, C64, C128, F16, F64, I64, ArrayType, ExtensionType, TupleType, Type
from hyperion.testing.random_arguments import random_arguments
from hyperion.testing.random_programs import random_program
from hyperion_cpu.target import CpuTarget

reference = pytest.importorskip("hyperion_interp.interpreter")

BEYOND = [
    BF16, C64, C128, ArrayType(BF16, ("n",)), ArrayType(C64, ("n",)), ArrayType(F64, ("n", "m", "k")),
    TupleType((I64, F64)), ExtensionType("money.amount"), ArrayType(ExtensionType("money.amount"), ("n",)),
]  # fmt: skip


def refused(program: Program, code: str, says: str) -> CodegenError:
    with pytest.raises(CodegenError) as caught:
        CpuTarget().compile(program)
    assert caught.value.code == code
    assert says in caught.value.message
    assert caught.value.hints
    return caught.value


@pytest.mark.parametrize("kind", BEYOND, ids=str)
def test_types_without_a_form(kind: Type) -> None:
    b = Builder("f")
    x = b.parameter("x", kind)
    refused(Program({"f": b.build([x])}, "f"), "HY8002", f"%x : {kind} of @f has no form in Python")
    b = Builder("f")
    b.parameter("x", kind)
    refused(Program({"f": b.build([b.const(1, I64)])}, "f"), "HY8002", str(kind))


def test_a_value_inside_is_refused_at_its_place() -> None:
    program = parse_program("""func @f(%x: f32) -> f32 {
  %y = cast.round %x : bf16
  %z = cast %y : f32
  return %z
}""")
    error = refused(program, "HY8002", "%y: a value of type bf16 has no machine form")
    assert error.span is not None
    assert error.span.line == 2


def test_two_formats_of_16_bits_are_not_taken_for_each_other() -> None:
    program = parse_program("func @f(%x: f16) -> f16 { %y = cast.round %x : bf16 %z = cast.round %y : f16 return %z }")
    refused(program, "HY8002", "bf16")
    half = parse_program("func @f(%x: f16) -> f16 { %y = add %x, %x : f16 return %y }")
    assert CpuTarget().compile(half)(np.float16(0.1)) == float(np.float16(0.2))
    assert F16 != BF16


@pytest.mark.parametrize("op", ["popcount", "clz", "ctz"])
def test_ops_without_a_lowering(op: str) -> None:
    program = parse_program(f"func @f(%x: i64) -> i64 {{\n  %y = {op} %x : i64\n  return %y\n}}")
    error = refused(program, "HY8001", f"the op {op} cannot be compiled")
    assert error.span is not None
    assert error.span.line == 2


def test_a_plugins_op_is_refused_with_what_its_author_can_do() -> None:
    op = OpDef(
        "nt.same", "T -> T", "x.", uniform(1, is_machine_integer, "machine integers"), evaluate=lambda v, *_: v[0]
    )
    registry = CORE.extended("nt", [op])
    b = Builder("f", registry)
    result = b.op("nt.same", b.parameter("x", I64))
    error = refused(Program({"f": b.build([result])}, "f", registry), "HY8001", "the op nt.same cannot be compiled")
    assert "expansion" in error.hints[0]


@pytest.mark.parametrize(("count", "result"), [(3, [7, 7, 7]), (2, "HY5104"), (-1, "HY5104")])
def test_a_declared_number_is_compared(count: int, result: object) -> None:
    program = parse_program("func @f(%n: i64, %v: i64) -> i64[3] { %a = fill %n, %v : i64[3] return %a }")
    assert outcome(lambda: CpuTarget().compile(program)(count, 7)) == result


def test_unchecked_elements_are_those_of_the_checked_ops() -> None:
    program = parse_program("""func @f(%xs: i64[n], %i: i64) -> (i64, i64[n]) {
  %x = get.unchecked %xs, %i
  %ys = update.unchecked %xs, %i, %i
  return %x, %ys
}""")
    x, ys = CpuTarget().compile(program)(np.array([5, 6, 7]), 2)
    assert (x, ys.tolist()) == (7, [5, 6, 2])


def outcome(run: Any) -> object:
    try:
        found = run()
    except HyperionError as error:
        return error.code
    return found.tolist() if isinstance(found, np.ndarray) else found


def alike(x: object, y: object) -> bool:
    match x, y:
        case ((float() | np.floating()), (float() | np.floating())):
            return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1, x) == math.copysign(1, y))
        case ((list() | tuple()), (list() | tuple())):
            return len(x) == len(y) and all(map(alike, x, y))
        case np.ndarray(), _:
            return alike(x.tolist(), y)
        case _:
            return x == y


def given_to_code(argument: object, kind: Type, sizes: Mapping[object, int]) -> object:
    """The argument as code takes it; `sizes` are those that vectors show."""
    if not isinstance(kind, ArrayType):
        return argument
    name = str(kind.element)
    array = np.array(argument, dtype=name if name == "bool" else f"{name[0]}{int(name[1:]) // 8}")
    return array.reshape(0, sizes.get(kind.shape[1], 0)) if len(kind.shape) == 2 and not len(array) else array


def compiled(program: Program) -> Any:
    try:
        return CpuTarget().compile(program)
    except CodegenError as error:
        return error.code


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_program_over_everything_is_refused_or_right(seed: int) -> None:
    random = Random(seed)
    program = located(random_program(random, random.randrange(1, 8), everything=random.random() < 0.7))
    code = compiled(program)
    if code in ("HY8001", "HY8002"):
        return
    arguments = random_arguments(random, program.main)
    expected = outcome(lambda: reference.interpret(program, arguments))
    kinds = [p.type for p in program.main.parameters]
    sizes = {k.shape[0]: len(x) for k, x in zip(kinds, arguments, strict=True) if isinstance(k, ArrayType)}
    got = outcome(lambda: code(*(given_to_code(x, k, sizes) for x, k in zip(arguments, kinds, strict=True))))
    expected = expected[0] if isinstance(expected, tuple) and len(program.main.results) == 1 else expected
    assert alike(got, expected)
