"""From IR text to LLVM IR text: what is emitted and what is refused."""

from __future__ import annotations

import random

import pytest

from hyperion.errors import CodegenError
from hyperion.ir.function import Equation, Function, Program, Value
from hyperion.ir.parser import parse_program
from hyperion.ir.types import F16, F32, F64, I64
from hyperion_llvm import assembly, host, object_code, optimise, parse, write_module
from hyperion_llvm.ranges import arithmetic
from hyperion_llvm.text import Writer, float_literal, literal
from hyperion_llvm.transpose import columns

FOLD = """
func @total(%xs: i32[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i32, %s: i64):
      %w = cast %x : i64
      %t = add.MODE %s, %w : i64
      yield %t
  }
  return %sum
}
"""
IN_PLACE = """
func @ones(%n: i64) -> i64[m] {
  %zero = const 0 : i64
  %one = const 1 : i64
  %a = fill %n, %zero : i64[m]
  %b = for %zero, %n, %one, (%a) {
    ^(%i: i64, %c: i64[m]):
      %d = update %c, %i, %one : i64[m]
      yield %d
  }
  return %b
}
"""


def optimised(text: str) -> str:
    module = write_module(parse_program(text), host())
    visible = module.text.replace(f"define internal i32 @{module.kernel}", f"define i32 @{module.kernel}")
    parsed = parse(visible, "f", host())
    optimise(parsed, host())
    assert object_code(parsed, host())
    assert assembly(parsed, host()) == assembly(parsed, host())
    return str(parsed)


def test_a_trap_is_a_site_with_its_place() -> None:
    module = write_module(parse_program(FOLD.replace("MODE", "trap")), host())
    (site,) = module.sites
    assert site.kind == "overflow"
    assert site.span is not None
    assert site.span.line == 7
    assert "sadd.with.overflow" in module.text


def test_a_loop_without_traps_is_vectorised() -> None:
    text = optimised(FOLD.replace("MODE", "wrap"))
    assert " x i64>" in text
    assert write_module(parse_program(FOLD.replace("MODE", "wrap")), host()).sites == ()


def test_an_array_that_nobody_else_reads_is_changed_in_place() -> None:
    module = write_module(parse_program(IN_PLACE), host())
    assert "memcpy" not in module.text


def test_an_array_that_is_read_again_is_copied() -> None:
    text = IN_PLACE.replace("-> i64[m]", "-> (i64[m], i64[m])").replace("return %b", "return %b, %a")
    text = text.replace(
        "%a = fill %n, %zero : i64[m]", "%e = fill %n, %zero : i64[m]\n  %a = update %e, %zero, %one : i64[m]"
    )
    assert write_module(parse_program(text), host()).text.count("@llvm.memcpy") == 1


def test_a_filled_array_takes_memory_where_it_is_written() -> None:
    text = write_module(parse_program(IN_PLACE), host()).text
    assert text.count("call noalias ptr @hyperion.allocate") == 1
    only_read = "func @f(%n: i64) -> i64 {\n  %a = fill %n, %n : i64[m]\n  %x = get %a, %n\n  return %x\n}"
    assert "call noalias ptr @hyperion.allocate" not in write_module(parse_program(only_read), host()).text


def test_the_same_program_gives_the_same_text() -> None:
    text = FOLD.replace("MODE", "sat")
    assert write_module(parse_program(text), host()) == write_module(parse_program(text), host())


def test_an_unknown_op_names_its_place() -> None:
    x = Value("x", I64)
    equation = Equation((Value("y", I64),), "acme.twist", (x,), span=None)
    function = Function("f", (x,), (equation,), (Value("y", I64),))
    with pytest.raises(CodegenError, match=r"acme\.twist") as caught:
        write_module(Program({"f": function}, "f"), host())
    assert caught.value.code == "HY8001"
    assert "while compiling @f" in caught.value.notes


def test_a_trapping_op_in_a_parallel_region_is_refused() -> None:
    text = """
func @f(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %r = par.reduce (%xs), (%zero) {lanes = 4, piece = 8} {
    ^(%x: i64):
      yield %x
  } {
    ^(%a: i64, %b: i64):
      %c = add.trap %a, %b : i64
      yield %c
  } {
    ^(%t: i64, %s: i64):
      %u = add.wrap %t, %s : i64
      yield %u
  }
  return %r
}
"""
    with pytest.raises(CodegenError, match="must be total") as caught:
        write_module(parse_program(text), host())
    assert caught.value.code == "HY8004"


def test_calls_in_a_circle_are_refused() -> None:
    call = Equation((Value("y", I64),), "call", (Value("x", I64),), (("callee", "f"),))
    function = Function("f", (Value("x", I64),), (call,), (Value("y", I64),))
    with pytest.raises(CodegenError, match="calls itself"):
        write_module(Program({"f": function}, "f"), host())


def test_bad_text_is_an_error_of_the_function() -> None:
    with pytest.raises(CodegenError, match="@broken") as caught:
        parse("define i32 @f() { ret i64 0 }", "broken", host())
    assert caught.value.code == "HY8010"
    assert caught.value.notes


def test_literals() -> None:
    assert float_literal(F64, -0.0) == "0x8000000000000000"
    assert float_literal(F32, float("nan")) == "0x7FF8000000000000"
    assert float_literal(F16, 1.0) == "0xH3C00"
    assert literal(I64, -5, 4) == "splat (i64 -5)"


@pytest.mark.parametrize("op", ["add", "sub", "mul", "max", "min", "neg", "abs", "floordiv", "mod"])
def test_intervals_hold_every_value(op: str) -> None:
    evaluate = {
        "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "max": max, "min": min,
        "neg": lambda x, y: -x, "abs": lambda x, y: abs(x), "floordiv": lambda x, y: x // y if y else 0,
        "mod": lambda x, y: x % y if y else x,
    }[op]  # fmt: skip
    source = random.Random(op)
    for _ in range(300):
        a, c = source.randint(-9, 9), source.randint(-9, 9)
        b, d = a + source.randint(0, 5), c + source.randint(0, 5)
        low, high = arithmetic(op, [(a, b)] if op in ("neg", "abs") else [(a, b), (c, d)])
        assert all(low <= evaluate(x, y) <= high for x in range(a, b + 1) for y in range(c, d + 1))


@pytest.mark.parametrize("lanes", [2, 4, 8, 16, 32])
@pytest.mark.parametrize("width", [2, 4, 8, 16])
def test_rows_become_columns(lanes: int, width: int) -> None:
    rows = {f"%r{i}": [(i, j) for j in range(width)] for i in range(lanes)}
    text = Writer()
    names = columns(text, list(rows), "i32", width)
    values: dict[str, list[object]] = {**rows, "poison": [None] * width}
    for line in text.lines:
        name, _, expression = line.strip().partition(" = shufflevector ")
        first, second, mask = expression.split(", <")[0], expression.split(", <")[1], expression.split("> <")[-1]
        x, y = first.split("> ")[1], second.split("> ")[1].rstrip(",")
        both = values[x] + (values[y] if y in values and y != "poison" else [None] * len(values[x]))
        values[name] = [both[int(i.split()[1].rstrip(">"))] for i in mask.split(", ")]
    assert [values[n] for n in names] == [[(i, j) for i in range(lanes)] for j in range(width)]


def test_what_else_may_end_a_call_cannot_be_in_an_attempt() -> None:
    text = """
func @f(%xs: i64[n], %a: i64) -> bool {
  %ok, %v = attempt %a {
    %ys = map (%xs) {
      ^(%x: i64):
        yield %x
    }
    %y = get %ys, %a
    yield %y
  }
  return %ok
}
"""
    with pytest.raises(CodegenError, match="map cannot be in an attempt") as caught:
        write_module(parse_program(text), host())
    assert caught.value.code == "HY8004"
