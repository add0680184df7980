"""Products of many factors: long ones are rewritten in pieces, and no proof is no crash."""

from __future__ import annotations

from random import Random
from typing import Any  # conftest's classes, which a test cannot import

import pytest

from hyperion.interfaces.compiler_pass import PassContext
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.logic.denote import denote
from hyperion.logic.terms import Term
from hyperion.pipeline import OptimizerPipeline, with_main
from hyperion_interp.interpreter import interpret
from hyperion_passes.dce import live
from hyperion_passes.evidence import Evidence, Rewrite
from hyperion_passes.strength_reduction import StrengthReduction


def chain(count: int, random: Random | None = None) -> Program:
    """A product of so many multiplications, one after the other."""
    factors = [random.choice("xyz") if random else "y" if i % 3 == 0 else "x" for i in range(count)]
    lines = ["%v0 = mul.wrap %x, %x : i64"]
    lines += [f"%v{i} = mul.wrap %v{i - 1}, %{factors[i]} : i64" for i in range(1, count)]
    return parse_program(f"func @f(%x: i64, %y: i64, %z: i64) -> i64 {{ {'  '.join(lines)}  return %v{count - 1} }}")


def same(after: Program, before: Program) -> bool:
    runs = [(3, 5, 7), (-1, 1 << 62, 3), (1, 1, 1), ((1 << 63) - 1, -3, 9), (0, 5, 1)]
    return all(interpret(after, run) == interpret(before, run) for run in runs)


@pytest.mark.parametrize("count", [3, 14, 15, 16, 17, 31, 1_000])
def test_a_product_of_any_length_has_fewer_multiplications(count: int) -> None:
    program = chain(count)
    outcome = OptimizerPipeline((StrengthReduction(),)).run(program)  # raises where the pass is refused
    assert [s.evidence for s in outcome.steps] == ["theorem"]
    assert same(outcome.program, program)
    assert len(live(outcome.program.main)) < count * (1 if count < 14 else 0.6)


def test_two_thousand_multiplications() -> None:
    program = chain(2_000)
    result = StrengthReduction().run(program, PassContext())
    after = with_main(program, result.function)
    assert len(live(result.function)) < 1_000
    assert same(after, program)
    assert result.theorem is not None
    assert not result.theorem.hypotheses
    assert result.theorem.left is denote(program.main)
    assert result.theorem.right is denote(result.function)


def test_random_factors() -> None:
    for seed in range(6):
        random = Random(seed)
        count = random.randrange(4, 60)
        program = chain(count, random)
        after = OptimizerPipeline((StrengthReduction(),)).run(program).program
        assert same(after, program)
        assert len(live(after.main)) < count or count < 16


def test_a_rule_that_recurses_too_deep_is_no_proof_and_no_crash() -> None:
    program = chain(4)
    halved = parse_program("func @f(%x: i64, %y: i64, %z: i64) -> i64 { return %x }").main

    def endless(x: Term, facts: Any) -> Any:
        return endless(x, facts)

    def rewritten(refused: Any) -> Rewrite:
        return Rewrite(program.main if refused else halved, () if refused else ("v3",), {"ofZ.i64": (endless,)})

    result = Evidence(program, PassContext()).largest(rewritten, "rewritten")
    assert result.function == program.main
    assert result.theorem is None
