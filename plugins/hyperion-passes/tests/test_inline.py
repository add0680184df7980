"""Inlining: calls go, traps keep their places, and what does not fit stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any  # conftest's classes, which a test cannot import

import pytest

from hyperion.interfaces.compiler_pass import PassContext
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Function, Program, Value, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.types import I8, U8, ArrayType
from hyperion.pipeline import OptimizerPipeline
from hyperion_passes.inline import Inline


def calls(function: Function) -> list[str]:
    return [str(e.attribute("callee")) for e in walk(function.equations) if e.op == "call"]


def call_of(callees: Sequence[Function]) -> Callable[[Any], Sequence[Value]]:
    def emit(programs: Any) -> Sequence[Value]:
        if not callees:
            return ()
        callee = programs.random.choice(callees)
        return programs.builder.call(callee, *(programs.any(p.type) for p in callee.parameters))

    return emit


def with_calls(random: Random, programs: Any) -> Program:
    functions: list[Function] = []
    for i in range(3):
        made = programs(random, call_of(tuple(functions)))
        kinds = [random.choice((I8, U8)) for _ in range(random.randrange(1, 3))]
        functions.append(made.function(f"f{i}", random.randrange(1, 5), kinds, results=random.randrange(1, 3)))
    main = programs(random, call_of(functions)).main(random.randrange(2, 7))
    return program_of(main, *functions)


def test_the_interpreter_sees_no_difference(programs: Any, comparison: Any) -> None:
    inlined = 0
    for seed in range(50):
        random = Random(seed)
        after = comparison(Inline(), with_calls(random, programs), random)
        inlined += not calls(after.main)
    assert comparison.fired > comparison.seen * 0.6
    assert inlined == comparison.seen  # whatever a function does, a proof is found


def test_the_checker_accepts_the_evidence(programs: Any) -> None:
    for seed in range(25):
        program = with_calls(Random(seed), programs)
        for step in OptimizerPipeline((Inline(),)).run(program).steps:
            assert step.evidence == ("theorem" if calls(program.main) else "unchanged")


LAYERS = """func @main(%x: i64) -> i64 { %a = call @big(%x) : i64  %b = call @small(%a) : i64  return %b }
func @big(%x: i64) -> i64 {
  %a = mul.trap %x, %x : i64  %b = mul.trap %a, %a : i64  %c = call @small(%b) : i64  %d = add.trap %c, %b : i64
  return %d
}
func @small(%x: i64) -> i64 { %a = add.trap %x, %x : i64  return %a }"""


@pytest.mark.parametrize(
    ("each", "left"),
    [
        (Inline(), []),
        (Inline(max_callee=1), ["big"]),
        (Inline(max_callee=0), ["big", "small"]),
        (Inline(max_equations=5), ["big"]),
        (Inline(max_equations=2), ["big", "small"]),
    ],
)
def test_limits(each: Inline, left: list[str]) -> None:
    assert calls(each.run(parse_program(LAYERS), PassContext()).function) == left


def test_exponential_growth_stops_at_the_limit() -> None:
    layers = ["func @f0(%x: i64) -> i64 { %y = add.wrap %x, %x : i64  return %y }"]
    for i in range(1, 16):
        layers.insert(
            0,
            f"func @f{i}(%x: i64) -> i64 {{ %a = call @f{i - 1}(%x) : i64  %b = call @f{i - 1}(%a) : i64  return %b }}",
        )
    program = parse_program("\n".join(layers))
    after = Inline(max_equations=300).run(program, PassContext()).function
    assert len(set(calls(after))) == 1  # one layer stays
    whole = Inline(max_equations=300).run(Program(program.functions, "f6"), PassContext()).function
    assert calls(whole) == []


def test_a_callee_that_always_traps_or_never_ends() -> None:
    text = """func @main(%x: i64) -> i64 { %a = call @trap(%x) : i64  %b = call @loop(%x) : i64  return %x }
    func @trap(%x: i64) -> i64 { %z = const 0 : i64  %a = floordiv.trap %x, %z : i64  return %a }
    func @loop(%x: i64) -> i64 {
      %a = while (%x) { ^(%w: i64): %t = const true : bool  yield %t } { ^(%v: i64): yield %v }
      return %a
    }"""
    outcome = OptimizerPipeline((Inline(),)).run(parse_program(text))
    assert [e.op for e in outcome.program.main.equations] == ["const", "floordiv.trap", "while"]


def test_sizes_that_a_callee_makes_get_names_of_their_own() -> None:
    text = """func @main(%n: i64, %x: i8) -> (i8[a], i8[b]) {
      %p = call @copies(%n, %x) : i8[a]  %q = call @copies(%n, %x) : i8[b]  return %p, %q }
    func @copies(%n: i64, %x: i8) -> i8[m] {
      %t = fill %n, %x : i8[other]  %u = fill %n, %x : i8[m]  return %u }"""
    outcome = OptimizerPipeline((Inline(),)).run(parse_program(text))
    types = [e.result.type for e in outcome.program.main.equations]
    assert len(set(types)) == 4
    assert [v.type for v in outcome.program.main.results] == [ArrayType(I8, ("a",)), ArrayType(I8, ("b",))]
