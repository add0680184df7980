"""What every pass must do, and the text that each makes of its golden file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.pipeline import OptimizerPipeline
from hyperion.testing import CompilerPassConformance
from hyperion_passes.algebraic import Algebraic
from hyperion_passes.bounds_checks import BoundsChecks
from hyperion_passes.canonicalize import Canonicalize
from hyperion_passes.constant_folding import ConstantFolding
from hyperion_passes.cse import CommonSubexpressions
from hyperion_passes.dce import DeadCode
from hyperion_passes.fuse import Fuse
from hyperion_passes.index_loops import IndexLoops
from hyperion_passes.inline import Inline
from hyperion_passes.licm import LoopInvariantCode
from hyperion_passes.loops_to_scans import LoopsToScans
from hyperion_passes.strength_reduction import StrengthReduction

GOLDEN = Path(__file__).parent / "golden"
SEPARATOR = "// ----\n"
PASSES: tuple[CompilerPass, ...] = (
    Algebraic(),
    BoundsChecks(),
    Canonicalize(),
    ConstantFolding(),
    CommonSubexpressions(),
    DeadCode(),
    Fuse(),
    IndexLoops(),
    Inline(),
    LoopInvariantCode(),
    LoopsToScans(),
    StrengthReduction(),
)


class TestAlgebraic(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return Algebraic()


class TestBoundsChecks(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return BoundsChecks()


class TestCanonicalize(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return Canonicalize()


class TestConstantFolding(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return ConstantFolding()


class TestCommonSubexpressions(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return CommonSubexpressions()


class TestDeadCode(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return DeadCode()


class TestFuse(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return Fuse()


class TestIndexLoops(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return IndexLoops()


class TestInline(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return Inline()


class TestLoopInvariantCode(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return LoopInvariantCode()


class TestLoopsToScans(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return LoopsToScans()


class TestStrengthReduction(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return StrengthReduction()


@pytest.mark.parametrize("each", PASSES, ids=lambda p: p.name)
def test_text(each: CompilerPass) -> None:
    file = GOLDEN / f"{each.name}.hir"
    text, _, expected = file.read_text(encoding="utf-8").partition(SEPARATOR)
    got = print_program(OptimizerPipeline((each,)).run(parse_program(text, file.name)).program)
    if os.environ.get("HYPERION_UPDATE_GOLDEN") == "1":
        file.write_text(text + SEPARATOR + got, encoding="utf-8")
    else:
        assert got == expected, "if the new text is right, run again with HYPERION_UPDATE_GOLDEN=1"


@pytest.mark.parametrize("op", ["add.trap", "floordiv.wrap", "mod.sat", "shl.wrap", "shr"])
def test_an_unused_operation_that_may_trap_stays(op: str) -> None:
    program = parse_program(f"func @f(%x: i64, %y: i64) -> i64 {{ %z = {op} %x, %y : i64  return %x }}")
    assert OptimizerPipeline(PASSES).run(program).program == program


@pytest.mark.parametrize(
    "text",
    [
        "%m = const 127 : i8  %r = add.trap %m, %m : i8  return %m",
        "%m = const 1 : i8  %z = const 0 : i8  %r = floordiv.wrap %m, %z : i8  return %m",
        "%m = const 1 : i8  %z = const -1 : i8  %r = shl.wrap %m, %z : i8  return %m",
    ],
)
def test_an_operation_that_always_traps_is_not_folded(text: str) -> None:
    program = parse_program(f"func @f() -> i8 {{ {text} }}")
    assert ConstantFolding().run(program, PassContext()).function == program.main


@pytest.mark.parametrize(
    "text",
    [
        "%z = const 0x0p+0 : f64  %r = add %x, %z : f64  return %r",  # -0.0 + 0.0 is 0.0
        "%z = const 0x0p+0 : f64  %r = mul %x, %z : f64  return %r",
        "%r = sub %x, %x : f64  return %r",
        "%c = eq %x, %x  %r = select %c, %x, %x : f64  %s = sub %r, %x : f64  return %s",
    ],
)
def test_floats_have_no_laws(text: str) -> None:
    program = parse_program(f"func @f(%x: f64) -> f64 {{ {text} }}")
    after = OptimizerPipeline(PASSES).run(program).program.main
    assert [e.op for e in after.equations][-1] == [e.op for e in program.main.equations][-1]


def test_a_saturating_sum_with_zero_has_no_evidence_and_stays() -> None:
    program = parse_program("func @f(%x: i8) -> i8 { %z = const 0 : i8  %r = add.sat %x, %z : i8  return %r }")
    assert Canonicalize().run(program, PassContext()).function == program.main


def test_a_function_that_calls_another_has_evidence_too() -> None:
    text = "%a = add.wrap %x, %x : i64  %b = call @f(%a) : i64  %c = call @f(%a) : i64  %d = mul.wrap %b, %c : i64"
    program = parse_program(f"func @g(%x: i64) -> i64 {{ {text}  return %d }} func @f(%x: i64) -> i64 {{ return %x }}")
    outcome = OptimizerPipeline((CommonSubexpressions(),)).run(program)
    assert [s.evidence for s in outcome.steps] == ["theorem"]
    assert [e.op for e in outcome.program.main.equations] == ["add.wrap", "call", "mul.wrap"]
    assert outcome.program.functions["f"] == program.functions["f"]


def test_terms_of_any_depth() -> None:
    lines = ["%v0 = add.wrap %x, %x : i64"]
    lines += [f"%v{i} = {'mul.trap' if i % 3 else 'sub.wrap'} %x, %v{i - 1} : i64" for i in range(1, 150)]
    lines.append("%sum = add.trap %v149, %x : i64")
    program = parse_program(f"func @f(%x: i64) -> i64 {{ {'  '.join(lines)}  return %sum }}")
    steps = OptimizerPipeline((Canonicalize(),)).run(program).steps
    assert [s.evidence for s in steps] == ["theorem"]
