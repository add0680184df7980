"""Short inner loops, and loops over their counter: what they become, with which evidence, and that nothing shows."""

from __future__ import annotations

from random import Random
from typing import Any  # conftest's classes, which a test cannot import

import pytest

from hyperion.evidence import authorise
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import walk
from hyperion.ir.parser import parse_program
from hyperion.ir.types import BOOL, I64, ArrayType
from hyperion.logic import checking
from hyperion.pipeline import OptimizerPipeline, with_main
from hyperion.policy import Policy
from hyperion_interp.interpreter import interpret
from hyperion_passes import unroll_lemmas
from hyperion_passes.counter_loops import CounterLoops
from hyperion_passes.unroll import Unroll

NESTED = """func @f(%xs: i64[n], %k: i64) -> i64 {{
  %zero = const 0 : i64
  %lo = const {lo} : i64
  %hi = const {hi} : i64
  %by = const {by} : i64
  %r = fold (%xs), (%zero) {{
    ^(%x: i64, %s: i64):
      %r1 = for %lo, %hi, %by, (%s) {{
        ^(%i: i64, %t: i64):
          %u = {op} %t, %i
          %odd = lt %u, %x
          %v = if %odd {{
            %w = mul.wrap %u, %k
            yield %w
          }} {{
            yield %u
          }}
          yield %v
      }}
      yield %r1
  }}
  return %r
}}"""


@pytest.mark.parametrize("each", [unroll_lemmas.first_round(), unroll_lemmas.no_round()])
def test_the_checker_accepts_what_unrolling_rests_on(each: Any) -> None:
    assert checking.check(each).hypotheses == 0


@pytest.mark.parametrize("op", ["add.wrap", "add.trap", "sub.trap"])
@pytest.mark.parametrize(
    ("lo", "hi", "by", "rounds"),
    [(0, 8, 1, 8), (5, -4, -3, 3), (3, 3, 1, 0), (0, 16, 1, 16), (0, 17, 1, None), (0, 4, 0, None), (4, 40, 7, 6)],
)
def test_inner_loops_of_few_rounds(lo: int, hi: int, by: int, rounds: int | None, op: str) -> None:
    program = parse_program(NESTED.format(lo=lo, hi=hi, by=by, op=op))
    result = Unroll().run(program, PassContext())
    ops = [e.op for e in walk(result.function.equations)]
    assert ops.count("for") == (rounds is None)
    assert ops.count(op) == (1 if rounds is None else rounds)
    after = with_main(program, result.function)
    if rounds is not None:
        assert authorise(after, program, result.theorem, Policy()).checked
    if by:
        for xs in ([], [7], [-3, 5, 100], [2**62] * 3):
            for k in (3, -(2**61)):
                assert _outcome(after, xs, k) == _outcome(program, xs, k)


def _outcome(program: Any, *arguments: object) -> object:
    try:
        return interpret(program, list(arguments))
    except OverflowError as error:
        return type(error)


def test_a_loop_that_would_be_too_large_stays() -> None:
    program = parse_program(NESTED.format(lo=0, hi=16, by=1, op="add.wrap"))
    assert Unroll(max_equations=79).run(program, PassContext()).function == program.main
    assert Unroll(max_equations=80).run(program, PassContext()).function != program.main


@pytest.mark.parametrize(("each", "share"), [(Unroll(), 0.1), (CounterLoops(), 0.2)], ids=["unroll", "counter"])
def test_the_interpreter_sees_no_difference(each: CompilerPass, share: float, programs: Any, comparison: Any) -> None:
    for seed in range(100):
        random = Random(seed)
        made = programs(random)
        comparison(each, program_of(made.function(size=10, parameters=[I64, BOOL])), random, 4)
    assert comparison.fired > comparison.seen * share


def test_the_evidence_holds(programs: Any) -> None:
    for seed in range(12):
        made = programs(Random(seed))
        program = program_of(made.function(size=12, parameters=[I64, BOOL, ArrayType(made.element, ("n",))]))
        outcome = OptimizerPipeline((Unroll(), CounterLoops())).run(program)
        authorise(outcome.program, program, outcome.theorem, Policy())  # raises where it does not justify


COUNTED = """func @f(%n: i64, %xs: i64[m]) -> i64 {{
  %zero = const 0 : i64
  %two = const 2 : i64
  %r = for %zero, %n, %two, (%zero) {{
    ^(%i: i64, %s: i64):
      {body}
      yield %t
  }}
  return %r
}}"""


@pytest.mark.parametrize(
    ("body", "op"),
    [
        ("%t = add.trap %s, %i", "fold"),
        ("%t = add.trap %s, %n", "for"),
        ("%x = get %xs, %i %t = add.trap %s, %x", "for"),
        ("%t = len %xs : i64", "for"),
    ],
)
def test_which_loops_go_over_their_counter(body: str, op: str) -> None:
    program = parse_program(COUNTED.format(body=body))
    after = CounterLoops().run(program, PassContext()).function
    assert [e.op for e in after.equations if e.op in ("for", "fold")] == [op]
    assert [e.op for e in after.equations if e.op == "progression"] == ["progression"] * (op == "fold")
