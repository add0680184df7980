"""What is remembered of denotations is what `denote` says."""

from __future__ import annotations

from random import Random

from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.logic.denote import denote
from hyperion.testing.programs import random_program
from hyperion_passes.denoted import denoted


def test_what_is_remembered_is_what_denote_says() -> None:
    made = [random_program(Random(seed), size=8) for seed in range(12)]
    random = Random(0)
    for _ in range(60):
        program = random.choice(made)
        assert denoted(program.main, program) is denote(program.main, program)


def constant(text: str, kind: str) -> Program:
    return parse_program(f"func @f() -> {kind} {{ %c = const {text} : {kind}  return %c }}")


def test_constants_that_python_calls_equal_are_told_apart() -> None:
    texts = [("0x0p+0", "f64"), ("-0x0p+0", "f64"), ("0x1p+0", "f64"), ("1", "i64"), ("true", "bool")]
    for program in [constant(*pair) for pair in texts] * 2:
        assert denoted(program.main, program) is denote(program.main)


def test_a_call_means_what_the_program_says() -> None:
    programs = [
        parse_program(
            f"func @f(%x: i64) -> i64 {{ %y = call @g(%x) : i64 return %y }} func @g(%x: i64) -> i64 {{ {b} }}"
        )
        for b in ("return %x", "%y = neg.wrap %x : i64 return %y")
    ]
    for program in programs * 2:
        assert denoted(program.main, program) is denote(program.main, program)
