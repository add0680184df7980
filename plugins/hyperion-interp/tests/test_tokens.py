"""The token of the work is looked at between the runs of regions."""

from __future__ import annotations

import pytest

from hyperion.errors import DeadlineError, WorkCancelledError
from hyperion.ir.parser import parse_program
from hyperion.tokens import Token
from hyperion_interp.interpreter import interpret

ENDLESS = """
func @endless(%x: i64) -> i64 {
  %r = while (%x) {
    ^(%a: i64):
      %go = ge %a, %a
      yield %go
  } {
    ^(%b: i64):
      %c = add.wrap %b, %b : i64
      yield %c
  }
  return %r
}
"""


def test_a_loop_ends_with_its_token() -> None:
    program = parse_program(ENDLESS)
    with Token(seconds=0.005).active(), pytest.raises(DeadlineError) as caught:
        interpret(program, [1])
    assert caught.value.code == "HY5021"
    assert caught.value.span is not None, "it says where it was"
    token = Token()
    token.cancel("not needed")
    with token.active(), pytest.raises(WorkCancelledError, match="not needed"):
        interpret(program, [1])


def test_without_a_token_nothing_ends_it() -> None:
    token = Token()
    token.cancel()
    assert interpret(parse_program("func @f(%x: i64) -> i64 { return %x }"), [3]) == (3,)
