"""Programs are made smaller as long as they show the fault."""

from __future__ import annotations

from random import Random

from hyperion.ir.function import Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.verifier import verify
from hyperion.testing.every_op import every_op_program
from hyperion.testing.shrinking import shrunk

NESTED = parse_program("""
func @f(%x: i64, %n: i64) -> (i64, i64) {
  %zero = const 0 : i64
  %one = const 1 : i64
  %a = add.wrap %x, %one : i64
  %s = for %zero, %n, %one, (%a) {
    ^(%i: i64, %t: i64):
      %u = mul.wrap %t, %i : i64
      %v = sub.wrap %u, %one : i64
      yield %v
  }
  return %s, %a
}""")


def uses(op: str, program: Program) -> bool:
    return any(e.op == op for f in program.functions.values() for e in walk(f.equations))


def test_only_what_shows_the_fault_is_left() -> None:
    small = shrunk(NESTED, lambda p: uses("mul.wrap", p))
    assert (
        print_program(small)
        == """func @f(%x: i64, %n: i64) -> i64 {
  %s = for %n, %n, %n, (%n) {
    ^(%i: i64, %t: i64):
      %u = mul.wrap %t, %i : i64
      yield %u
  }
  return %x
}
"""
    )


def test_a_fault_of_the_parameters_alone_leaves_no_equation() -> None:
    assert shrunk(NESTED, lambda p: True).main.equations == ()


def test_programs_stay_valid_and_the_number_of_tries_is_bounded() -> None:
    for seed in range(10):
        program = every_op_program(Random(seed))
        ops = {e.op for e in walk(program.main.equations)}
        op = min(ops)
        small = shrunk(program, lambda p, op=op: uses(op, p))
        verify(small)
        assert uses(op, small)
        assert len(list(walk(small.main.equations))) <= len(list(walk(program.main.equations)))
        asked: list[Program] = []
        shrunk(program, lambda p, asked=asked: bool(asked.append(p)) or True, most=3)
        assert len(asked) <= 3
