"""The token of the work is looked at between the runs of regions, and within long operations without one."""

from __future__ import annotations

import numpy as np
import pytest

from hyperion.errors import DeadlineError, WorkCancelledError
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.testing.single_op import single_op
from hyperion.tokens import Token
from hyperion_interp.arguments import values_of_arguments
from hyperion_interp.interpreter import Interpreter, interpret
from hyperion_interp.looking import PART
from hyperion_interp.meanings import sorting
from hyperion_interp.target import ReferenceTarget

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


class Counting(Token):
    """Says how often it was looked at, and stops the work at one of the looks."""

    def __init__(self, stop: int = 0) -> None:
        super().__init__()
        self.looks, self.stop = 0, stop

    def check(self, stage: str = "") -> None:
        self.looks += 1
        if self.looks == self.stop:
            self.cancel("seen enough")
        super().check(stage)


N = 2 * PART
FLAT = np.arange(N)
WIDE, TALL = FLAT.reshape(2, -1), FLAT.reshape(-1, 2)
LONG: dict[str, tuple[Program, list[object]]] = {
    "fill": (single_op("fill", ["i64", "i64"], "i64[m]"), [N, 7]),
    "iota": (single_op("iota", ["i64"], "i64[m]"), [N]),
    "progression": (single_op("progression", ["i64"] * 3, "i64[m]"), [0, 2 * N, 2]),
    "slice": (single_op("slice", ["i64[n]", "i64", "i64"], "i64[m]"), [FLAT, 0, N]),
    "reverse": (single_op("reverse", ["i64[n]"], None, {"axes": (0,)}), [FLAT]),
    "transpose, wide": (single_op("transpose", ["i64[n, m]"], None, {"permutation": (1, 0)}), [WIDE]),
    "transpose, tall": (single_op("transpose", ["i64[n, m]"], None, {"permutation": (1, 0)}), [TALL]),
    "broadcast": (single_op("broadcast", ["i64[n]", "i64[n, m]"], None, {"axes": (0,)}), [FLAT[: N // 2], TALL]),
    "broadcast of a number": (single_op("broadcast", ["i64", "i64[n]"], None, {"axes": ()}), [7, FLAT]),
    "concat": (single_op("concat", ["i64[n, m]"] * 2, "i64[n, k]", {"axis": 1}), [TALL, TALL]),
    "gather": (single_op("gather", ["i64[n]", "i64[k]"], None, {"axis": 0}), [FLAT, FLAT[::-1]]),
    "gather of rows": (single_op("gather", ["i64[n, m]", "i64[k]"], None, {"axis": 0}), [WIDE, np.array([1, 0])]),
    "scatter": (single_op("scatter", ["i64[n]", "i64[k]", "i64[k]"], None, {"axis": 0}), [FLAT, FLAT, FLAT[::-1]]),
    "sort": (single_op("sort", ["i64[n]", "i64[n]"], None, {"axis": 0}), [FLAT * 7 % 11, FLAT]),
    "sort, descending": (single_op("sort", ["i64[n]", "i64[n]"], None, {"axis": 0, "descending": True}),
                         [FLAT * 7 % 11, FLAT]),
    "reduce": (single_op("reduce", ["i64[n]"], "i64", {"axes": (0,), "monoid": "max"}), [FLAT]),
    "reduce of short rows": (single_op("reduce", ["i64[n, m]"], "i64[n]", {"axes": (1,), "monoid": "max"}), [TALL]),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_long_operations_look_at_their_token(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "RUN", PART)
    program, arguments = LONG[name]
    interpreter = Interpreter(program)
    alone = interpreter.run(arguments)
    with Counting().active() as before:
        values_of_arguments(program.main, arguments, N)
    with Counting().active() as watched:
        found = interpreter.run(arguments)
    assert found == alone
    assert 2 <= watched.looks - before.looks - 1 <= 20  # one before the function begins
    with Counting(watched.looks).active(), pytest.raises(WorkCancelledError, match="seen enough") as caught:
        interpreter.run(arguments)
    assert caught.value.span is not None


def test_arguments_and_results_are_converted_under_the_token() -> None:
    function = ReferenceTarget().compile(parse_program("func @f(%x: i64[n]) -> i64[n] { return %x }"))
    watched = Counting()
    with watched.active():
        assert np.array_equal(function(FLAT), FLAT)  # type: ignore[call-overload]
    assert watched.looks >= 4
    for stop in (2, watched.looks - 1):
        with Counting(stop).active(), pytest.raises(WorkCancelledError):
            function(FLAT)
