"""Every op that can make much asks before it does; every loop takes fuel; traps and limits name their place."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hyperion.errors import HyperionError, InternalError, TrapIndexError, TrapOverflowError
from hyperion.ir.builder import Builder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Program, Value
from hyperion.ir.parser import parse_program
from hyperion.ir.types import I64, ArrayType
from hyperion.testing.single_op import single_op
from hyperion_interp.interpreter import Interpreter, interpret

HUGE = 2**62
ADD = (["i64", "i64"], lambda b, x, y: [b.op("add.wrap", x, y)])
IDENTITY = (["i64"], lambda b, x: [x])

TOO_LARGE: list[tuple[Program, list[object]]] = [
    (single_op("fill", ["i64", "i64"], "i64[m]"), [HUGE, 0]),
    (single_op("fill", ["i64", "i64", "i64"], "i64[p, q]"), [HUGE, 0, 7]),
    (single_op("fill", ["i64", "i64", "i64"], "i64[p, q]"), [2**15, 2**15, 7]),
    (single_op("iota", ["i64"], "i64[m]"), [HUGE]),
    (single_op("build", ["i64", "i64"], "i64[p, q]", {}, [ADD]), [2**31, 2**31]),
    (single_op("array", ["i64"] * 11, "i64[11]"), list(range(11))),
    (single_op("reshape", ["i64[n]", "i64", "i64"], "i64[p, q]"), [[], HUGE, 0]),
    (single_op("concat", ["i64[n]", "i64[m]"], "i64[k]", {"axis": 0}), [[1] * 6, [2] * 5]),
    (single_op("gather", ["i64[n, m]", "i64[k]"], None, {"axis": 0}), [[[1, 2]], [0] * 6]),
    (single_op("contract", ["i64[n]", "i64[m]", "i64"], None, {}, [ADD, ADD]), [[1] * 3, [1] * 4, 0]),
]


def op_of(case: object) -> str:
    return case.main.equations[0].op if isinstance(case, Program) else ""


@pytest.mark.parametrize(("program", "arguments"), TOO_LARGE, ids=op_of)
def test_what_is_too_large_is_refused_before_it_is_made(program: Program, arguments: list[object]) -> None:
    with pytest.raises(HyperionError, match="HY5108") as caught:
        interpret(program, arguments, most_elements=10)
    assert caught.value.span is not None


def test_numbers_without_bounds_are_bounded() -> None:
    text = """func @f(%n: i64, %x: KIND) -> KIND { %zero = const 0 : i64 %one = const 1 : i64
      %y = for %zero, %n, %one, (%x) { ^(%i: i64, %a: KIND): %b = mul %a, %a : KIND yield %b } return %y }"""
    for kind in ("int", "real"):
        program = parse_program(text.replace("KIND", kind))
        assert interpret(program, [5, 3]) == (3**32,)
        with pytest.raises(HyperionError, match="HY5108") as caught:
            interpret(program, [100, 3])
        assert caught.value.span is not None
        assert interpret(program, [100, 1]) == (1,)


def loop(op: str, operands: Sequence[str], attributes: dict[str, object], regions: Sequence[object]) -> Program:
    return single_op(op, operands, None, attributes, regions)


STEP = (["i64", "i64"], lambda b, x, s: [b.op("add.wrap", x, s)])
CUTS = {"arrays": 1, "lanes": 2, "piece": 2}
LOOPS: list[tuple[Program, list[object], int]] = [
    (loop("for", ["i64"] * 4, {}, [STEP]), [0, 7, 1, 0], 7),
    (loop("fold", ["i64[n]", "i64"], {"arrays": 1}, [STEP]), [[1] * 5, 0], 5),
    (loop("scan", ["i64[n]", "i64"], {"arrays": 1}, [STEP]), [[1] * 5, 0], 5),
    (loop("map", ["i64[n, m]"], {"arrays": 1}, [IDENTITY]), [[[1, 2], [3, 4]]], 4),
    (single_op("build", ["i64", "i64"], "i64[p, q]", {}, [ADD]), [3, 5], 15),
    (loop("contract", ["i64[n, k]", "i64[k, m]", "i64"], {"left": (1,), "right": (0,)}, [ADD, ADD]),
     [[[1, 2]] * 3, [[1] * 5] * 2, 0], 30),
    (loop("scatter", ["i64[n]", "i64[k]", "i64[k]"], {"axis": 0}, [ADD]), [[1, 2], [0, 1, 1], [5, 6, 7]], 3),
    (loop("par.reduce", ["i64[n]", "i64"], CUTS, [IDENTITY, ADD, STEP]), [[1] * 9, 0], 9),
    (loop("par.scan", ["i64[n]", "i64"], CUTS, [STEP, IDENTITY, ADD, STEP]), [[1] * 9, 0], 9),
]  # fmt: skip


@pytest.mark.parametrize(("program", "arguments", "runs"), LOOPS, ids=op_of)
def test_every_loop_takes_fuel(program: Program, arguments: list[object], runs: int) -> None:
    assert interpret(program, arguments, fuel=runs) == interpret(program, arguments)
    with pytest.raises(HyperionError, match="HY5106") as caught:
        interpret(program, arguments, fuel=runs - 1)
    assert caught.value.span is not None


def test_a_long_counted_loop_is_refused_at_once() -> None:
    with pytest.raises(HyperionError, match="HY5106"):
        interpret(LOOPS[0][0], [-(2**63), 2**63 - 1, 1, 0], fuel=10**6)


def test_unchecked_elements_are_checked_here() -> None:
    get = single_op("get.unchecked", ["i64[n, m]", "i64", "i64"])
    update = single_op("update.unchecked", ["i64[n, m]", "i64", "i64", "i64"])
    assert interpret(get, [[[1, 2]], 0, 1]) == (2,)
    assert interpret(update, [[[1, 2]], 0, 1, 5]) == ([[1, 5]],)
    for indices in ((0, 2), (1, 0), (-1, 0), (0, -1)):
        for program, values in ((get, ()), (update, (5,))):
            with pytest.raises(InternalError, match="HY9101") as caught:
                interpret(program, [[[1, 2]], *indices, *values])
            assert caught.value.span is not None
    with pytest.raises(TrapIndexError):
        interpret(single_op("get", ["i64[n, m]", "i64", "i64"]), [[[1, 2]], 0, 2])


def test_a_trap_shows_the_calls_that_led_there() -> None:
    text = """func @f(%xs: i64[n]) -> i64[n] {
  %ys = map (%xs) {
    ^(%x: i64):
      %y = call @twice(%x) : i64
      yield %y
  }
  return %ys
}
func @twice(%x: i64) -> i64 { %y = call @sum(%x, %x) : i64 return %y }
func @sum(%a: i64, %b: i64) -> i64 {
  %z = add.trap %a, %b : i64
  return %z
}"""
    interpreter = Interpreter(parse_program(text, "f.hir"))
    assert interpreter.run([[1, 2]]) == ([2, 4],)
    for _ in range(2):
        with pytest.raises(TrapOverflowError) as caught:
            interpreter.run([[1, HUGE]])
        assert caught.value.span.line == 11
        assert [label.span.line for label in caught.value.labels] == [9, 4]


def test_regions_of_every_kind_may_be_deep() -> None:
    """As many levels as a program may have, of each kind of region in turn."""
    builder = Builder("f")
    zero, one = (builder.const(value, I64) for value in (0, 1))

    def nested(level: int, x: Value) -> Value:
        """x + x, found `level` regions further in."""
        if level == 0:
            return builder.op("add.wrap", x, x)
        shape = ArrayType(I64, (1,))
        single = builder.op("array", x, type=shape)
        kinds = ("for", "fold", "scan", "map", "build", "contract", "if")
        op = kinds[level % len(kinds)]
        operands = {
            "for": (zero, one, one, zero), "fold": (single, zero), "scan": (single, zero), "map": (single,),
            "build": (one,), "contract": (single, single, zero), "if": (builder.op("eq", x, x),),
        }[op]  # fmt: skip
        blocks = []
        for number in range({"contract": 2, "if": 2}.get(op, 1)):
            count = {"map": 1, "build": 1, "if": 0}.get(op, 2)
            with builder.region(*(("p", I64),) * count) as block:
                found = nested(level - 1, x) if number == 0 else x
                if op == "contract" and number == 1:
                    found = builder.op("add.wrap", *block.parameters)
                block.yields(*[found] * (2 if op == "scan" else 1))
            blocks.append(block)
        arrays = [("arrays", 1)] if op in ("fold", "scan", "map") else []
        axes = [("left", (0,)), ("right", (0,))] if op == "contract" else []
        results = builder.equation(op, operands, arrays + axes, blocks, shape if op == "build" else None)
        return builder.op("get", results[0], zero) if isinstance(results[0].type, ArrayType) else results[0]

    x = builder.parameter("x", I64)
    program = program_of(builder.build([nested(98, x)]))
    assert interpret(program, [21]) == (42,)
