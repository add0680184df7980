"""Inlining keeps results, traps and their places, and valid IR."""

from __future__ import annotations

import pytest

from hyperion.errors import HyperionError
from hyperion.ir.function import walk
from hyperion.ir.inline import inline_calls
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion_interp.interpreter import interpret

TEXT = """
func @main(%xs: i64[n], %k: i64) -> (i64, i64) {
  %zero = const 0 : i64
  %s = fold (%xs), (%zero) {
    ^(%x: i64, %a: i64):
      %y = call @scaled(%x, %k) : i64
      %b = add.trap %a, %y : i64
      yield %b
  }
  %ys = call @copies(%k) : i64[c]
  %n = len %ys : i64
  %t = call @scaled(%n, %s) : i64
  return %s, %t
}
func @scaled(%x: i64, %k: i64) -> i64 {
  %c = const 2 : i64
  %y = mul.trap %x, %k : i64
  %z = call @half(%y, %c) : i64
  return %z
}
func @half(%x: i64, %c: i64) -> i64 {
  %y = floordiv.trap %x, %c : i64
  return %y
}
func @copies(%n: i64) -> i64[m] {
  %a = fill %n, %n : i64[m]
  %zero = const 0 : i64
  %b = update %a, %zero, %n : i64[m]
  return %b
}
"""


@pytest.mark.parametrize(("xs", "k"), [([], 1), ([1, 2, 3], 4), ([2**62, 2**62], 2), ([1], 0), ([5], -1)])
def test_inlined_programs_mean_the_same(xs: list[int], k: int) -> None:
    program = parse_program(TEXT)
    inlined = inline_calls(program)
    verify(inlined)
    assert not any(e.op == "call" for e in walk(inlined.main.equations))
    assert list(inlined.functions) == ["main"]

    def outcome(p: object) -> object:
        try:
            return interpret(p, (xs, k))  # type: ignore[arg-type]  both are programs
        except HyperionError as error:
            return error.code, error.span

    assert outcome(inlined) == outcome(program)


def test_a_program_without_calls_stays_itself() -> None:
    program = parse_program("func @f(%x: i64) -> i64 {\n  return %x\n}")
    assert inline_calls(program) is program


def test_exponential_growth_keeps_the_calls() -> None:
    layers = ["func @f0(%x: i64) -> i64 {\n  %y = add.wrap %x, %x : i64\n  return %y\n}"]
    for i in range(1, 16):
        calls = f"  %a = call @f{i - 1}(%x) : i64\n  %b = call @f{i - 1}(%a) : i64\n  return %b\n"
        layers.insert(0, f"func @f{i}(%x: i64) -> i64 {{\n{calls}}}")
    program = parse_program("\n".join(layers))
    assert inline_calls(program) is program
