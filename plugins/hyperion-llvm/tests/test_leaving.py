"""Which loops are left early: those whose whole body keeps the state once a flag of the state is set."""

from __future__ import annotations

import pytest

from hyperion.ir.parser import parse_program
from hyperion_llvm import host, write_module
from hyperion_llvm.leaving import exit_place

LOOP = """
func @first(%xs: i64[n]) -> (bool, i64) {
  %no = const false : bool
  %zero = const 0 : i64
  %done, %found = fold (%xs), (%no, %zero) {
    ^(%x: i64, %d: bool, %f: i64):
      %d1, %f1 = if %d {
        yield %d, %f
      } {
        %hit = gt %x, %f
        yield %hit, %x
      }
      yield %d1, %f1
  }
  return %done, %found
}
"""


def test_the_flag_may_stand_anywhere_in_the_state() -> None:
    (fold,) = (e for e in parse_program(LOOP).main.equations if e.op == "fold")
    assert exit_place(fold.regions[0], 1) == 0
    turned = LOOP.replace("%d: bool, %f: i64", "%f: i64, %d: bool").replace("(%no, %zero)", "(%zero, %no)")
    turned = turned.replace("%done, %found =", "%found, %done =").replace("%d1, %f1 =", "%f1, %d1 =")
    turned = turned.replace("yield %d, %f", "yield %f, %d").replace("yield %hit, %x", "yield %x, %hit")
    turned = turned.replace("yield %d1, %f1", "yield %f1, %d1")
    (fold,) = (e for e in parse_program(turned).main.equations if e.op == "fold")
    assert exit_place(fold.regions[0], 1) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("yield %d, %f\n", "yield %d, %x\n"),
        ("yield %d, %f\n", "%t = add.trap %f, %x : i64\n        yield %d, %f\n"),
        ("yield %d1, %f1", "%t = add.trap %f1, %x : i64\n      yield %d1, %t"),
        ("%d1, %f1 = if %d {", "%e = not %d : bool\n      %d1, %f1 = if %e {"),
    ],
    ids=["changes the state", "may trap", "works after it", "another condition"],
)
def test_a_turn_that_does_more_is_run(before: str, after: str) -> None:
    (fold,) = (e for e in parse_program(LOOP.replace(before, after)).main.equations if e.op == "fold")
    assert exit_place(fold.regions[0], 1) is None


def test_the_flag_is_read_between_two_turns() -> None:
    text = write_module(parse_program(LOOP), host()).text
    assert "left" in text
    assert "left" not in write_module(parse_program(LOOP.replace("yield %d, %f\n", "yield %d, %x\n")), host()).text
