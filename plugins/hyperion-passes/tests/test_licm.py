"""Loop-invariant code: what moves, what stays, and that nothing can be seen of it."""

from __future__ import annotations

from random import Random
from typing import Any  # conftest's classes, which a test cannot import

import pytest

from hyperion.interfaces.compiler_pass import PassContext
from hyperion.ir.builder import program as program_of
from hyperion.ir.parser import parse_program
from hyperion.pipeline import OptimizerPipeline
from hyperion.testing.programs import random_program
from hyperion_passes.licm import LoopInvariantCode

PASSES = (LoopInvariantCode(), LoopInvariantCode(speculate=True))


@pytest.mark.parametrize("each", PASSES, ids=["licm", "licm-speculate"])
def test_the_interpreter_sees_no_difference(each: LoopInvariantCode, programs: Any, comparison: Any) -> None:
    for seed in range(70):
        random = Random(seed)
        comparison(each, program_of(programs(random).main(random.randrange(2, 8))), random)
        comparison(each, random_program(random, 12), random, 1)
    assert comparison.fired > comparison.seen * 0.3


def test_the_checker_accepts_the_evidence(programs: Any) -> None:
    kinds: set[str] = set()
    for seed in range(40):
        program = program_of(programs(Random(seed)).main(8))
        kinds |= {step.evidence for step in OptimizerPipeline(PASSES).run(program).steps}
    assert kinds == {"same term", "theorem", "unchanged"}


def moved(body: str, parameters: str = "%xs: i64[n], %a: i64, %b: i64, %p: bool") -> list[str]:
    """The operations that left the loop whose body is given."""
    text = f"""func @f({parameters}) -> i64 {{
      %r = fold (%xs), (%a) {{ ^(%x: i64, %s: i64): {body} yield %s }}
      return %r }}"""
    outcome = OptimizerPipeline((LoopInvariantCode(),)).run(parse_program(text))
    return [e.op for e in outcome.program.main.equations][:-1]


@pytest.mark.parametrize(
    ("body", "ops"),
    [
        ("%k = mul.wrap %a, %b : i64", ["mul.wrap"]),
        ("%k = mul.wrap %a, %x : i64", []),
        ("%k = mul.wrap %a, %s : i64", []),
        ("%k = mul.trap %a, %b : i64", []),
        ("%k = get %xs, %a", []),
        ("%k = floordiv.wrap %a, %b : i64", []),
        ("%c = const 3 : i64  %k = floordiv.wrap %a, %c : i64", ["const", "floordiv.wrap"]),
        ("%c = const 3 : i64  %k = mod.sat %a, %c : i64", ["const", "mod.sat"]),
        ("%c = const 0 : i64  %k = floordiv.wrap %a, %c : i64", ["const"]),
        ("%c = const -1 : i64  %k = floordiv.trap %a, %c : i64", ["const"]),  # of the least i64 it traps
        ("%c = const -1 : i64  %k = mod.trap %a, %c : i64", ["const"]),
        ("%c = const 3 : i64  %k = shl.wrap %a, %c : i64", ["const"]),
        ("%c = const 3 : i64  %k = mul.trap %a, %c : i64", ["const"]),
        ("%t = cast.trap %a : i32", []),
        ("%q = if %p { yield %a } { yield %b }", ["if"]),
        ("%q = if %p { %t = add.trap %a, %b : i64 yield %t } { yield %b }", []),
        ("%q = fold (%xs), (%a) { ^(%y: i64, %m: i64): %n = max %y, %m  yield %n }", ["fold"]),
        ("%q = fold (%xs), (%a) { ^(%y: i64, %m: i64): %n = add.trap %y, %m : i64  yield %n }", []),
        ("%q = fold (%xs), (%s) { ^(%y: i64, %m: i64): %n = max %y, %m  yield %n }", []),
        ("%q = while (%a) { ^(%w: i64): yield %p } { ^(%v: i64): yield %v }", []),
        ("%q = for %a, %b, %a, (%a) { ^(%i: i64, %m: i64): yield %m }", []),  # a step of 0 traps
        (
            "%k = add.wrap %a, %b : i64  %l = add.wrap %k, %x : i64  %m = add.wrap %k, %k : i64",
            ["add.wrap", "add.wrap"],
        ),
    ],
)
def test_what_moves(body: str, ops: list[str]) -> None:
    assert moved(body) == ops


def test_out_of_every_loop() -> None:
    text = """func @f(%n: i64, %a: i64) -> i64 {
      %zero = const 0 : i64  %one = const 1 : i64
      %r = for %zero, %n, %one, (%a) { ^(%i: i64, %s: i64):
        %t = for %zero, %i, %one, (%s) { ^(%j: i64, %u: i64):
          %square = mul.wrap %a, %a : i64
          %row = mul.wrap %i, %i : i64
          %v = add.wrap %square, %row : i64
          %w = add.wrap %v, %j : i64
          yield %w }
        yield %t }
      return %r }"""
    context = PassContext()
    result = LoopInvariantCode().run(parse_program(text), context)
    outer = result.function.equations[-1]
    assert [e.op for e in result.function.equations] == ["const", "const", "mul.wrap", "for"]
    assert [e.op for e in outer.regions[0].equations] == ["mul.wrap", "add.wrap", "for"]
    assert dict(context.statistics) == {"moved": 3}


def test_speculation_takes_total_equations_out_of_branches() -> None:
    text = """func @f(%xs: i64[n], %a: i64) -> i64 {
      %r = fold (%xs), (%a) { ^(%x: i64, %s: i64):
        %c = lt %x, %s
        %t = if %c { %k = mul.wrap %a, %a : i64  %l = mul.trap %a, %a : i64  yield %k } { yield %x }
        yield %t }
      return %r }"""
    program = parse_program(text)
    assert LoopInvariantCode().run(program, PassContext()).function == program.main
    after = LoopInvariantCode(speculate=True).run(program, PassContext()).function
    assert [e.op for e in after.equations] == ["mul.wrap", "fold"]


def test_a_place_without_a_proof_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the proof for every loop that moves is taken away."""
    from hyperion_passes import evidence

    prove = evidence.Evidence._proved

    def refuse(self: Any, before: Any, attempt: Any) -> Any:
        return None if any(e.op == "fold" for e in attempt.function.equations[:-1]) else prove(self, before, attempt)

    monkeypatch.setattr(evidence.Evidence, "_proved", refuse)
    body = """%k = mul.wrap %a, %b : i64  %l = max %k, %a
      %q = fold (%xs), (%a) { ^(%y: i64, %m: i64): %n = max %y, %m  yield %n }
      %o = sub.wrap %k, %l : i64"""
    assert moved(body) == ["mul.wrap", "max", "sub.wrap"]
