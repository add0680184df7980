"""On random programs each pass keeps results, traps and their order, with evidence that the checker accepts."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import HyperionError
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.types import ArrayType, BoolType, FloatType, Type
from hyperion.ir.verifier import verify
from hyperion.logic import checking
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion.pipeline import OptimizerPipeline, with_main
from hyperion.testing.programs import random_program
from hyperion_interp.interpreter import interpret
from hyperion_passes import meaning
from hyperion_passes.canonicalize import Canonicalize
from hyperion_passes.constant_folding import ConstantFolding
from hyperion_passes.cse import CommonSubexpressions
from hyperion_passes.dce import DeadCode

PASSES: tuple[CompilerPass, ...] = (Canonicalize(), ConstantFolding(), CommonSubexpressions(), DeadCode())
SEEDS = st.integers(0, 2**32)
TRAPS = {"HY5101", "HY5102", "HY5103", "HY5104", "HY5105"}


def argument(random: Random, kind: Type) -> object:
    match kind:
        case ArrayType():
            return [argument(random, kind.element) for _ in range(random.randrange(4))]
        case BoolType():
            return random.random() < 0.5
        case FloatType():
            return random.choice((2.5, 0.0, -0.0, float("inf"), float("nan")))
        case _:
            return random.choice((0, 1, 2, 126, 127))


def outcome(program: Program, arguments: list[object]) -> str:
    """The results, or the trap and the place of the equation that trapped."""
    try:
        return repr(interpret(program, arguments))
    except HyperionError as error:
        if error.code not in TRAPS:
            raise
        return f"{error.code} at {error.span}"


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_the_interpreter_sees_no_difference(seed: int) -> None:
    random = Random(seed)
    built = random_program(random, size=random.randrange(1, 25))
    program = after = parse_program(print_program(built))  # the parser gives every equation its place
    for each in PASSES:
        result = each.run(after, PassContext())
        after = with_main(after, result.function)
        verify(after)
    for _ in range(3):
        arguments = [argument(random, p.type) for p in program.main.parameters]
        assert outcome(after, arguments) == outcome(program, arguments)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_the_checker_accepts_the_evidence(seed: int) -> None:
    program = random_program(Random(seed), size=12)
    OptimizerPipeline(PASSES).run(program)  # raises where evidence is missing or refused
    for each in PASSES:
        result = each.run(program, PassContext())
        left, right = denote(program.main), denote(result.function)
        if result.theorem is None:
            assert left is right
            continue
        checked = checking.check(result.theorem)
        assert (checked.left, checked.right, checked.hypotheses) == (digest(left), digest(right), 0)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_second_run_changes_nothing(seed: int) -> None:
    program = random_program(Random(seed), size=12)
    for each in PASSES:
        once = with_main(program, each.run(program, PassContext()).function)
        assert each.run(once, PassContext()).function == once.main


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_every_rewrite_has_a_proof(seed: int) -> None:
    """A rewrite without one would be given up silently, and the pass would do nothing."""
    program = random_program(Random(seed), size=12)
    refused: list[object] = []
    equal = meaning.equal

    def noting(left: meaning.Term, right: meaning.Term, check: Any = None) -> meaning.Theorem | None:
        found = equal(left, right, check)
        refused.extend([] if found else [program])
        return found

    meaning.equal = noting
    try:
        for each in PASSES:
            each.run(program, PassContext())
    finally:
        meaning.equal = equal
    assert not refused
