"""The conformance class accepts a good pass with options, and each of its tests finds a bad one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from hyperion.errors import PassError
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext, PassResult
from hyperion.ir.function import Program
from hyperion.testing import CompilerPassConformance


@dataclass(frozen=True)
class LiteralsFirst:
    """Moves literals to the front."""

    backwards: bool = False
    label: str = ""

    @property
    def name(self) -> str:
        return "literals-first"

    def run(self, program: Program, context: PassContext) -> PassResult:
        context.check()
        main = program.main
        ordered = sorted(main.equations, key=lambda e: e.op != "const")
        literals = [e for e in ordered if e.op == "const"]
        context.count("literals", len(literals))
        if self.backwards:
            ordered = [*reversed(literals), *ordered[len(literals) :]]
        return PassResult(replace(main, equations=tuple(ordered)))


class TestLiteralsFirst(CompilerPassConformance):
    def make(self) -> CompilerPass:
        return LiteralsFirst()

    def variants(self) -> Sequence[CompilerPass]:
        return [LiteralsFirst(), LiteralsFirst(backwards=True, label='two "words"')]


def conformance(make: Callable[[], Any]) -> CompilerPassConformance:
    made = CompilerPassConformance()
    made.make = make  # type: ignore[method-assign]  one class for all the bad ones
    return made


class Nameless(LiteralsFirst):
    name = "no name"  # type: ignore[assignment]  as the test needs it


class Drops(LiteralsFirst):
    def run(self, program: Program, context: PassContext) -> PassResult:
        return PassResult(replace(program.main, results=program.main.parameters[:1]))


class Counts(LiteralsFirst):
    runs = 0

    def run(self, program: Program, context: PassContext) -> PassResult:
        Counts.runs += 1
        context.count("runs", Counts.runs)
        return PassResult(program.main)


class Remembers(LiteralsFirst):
    def run(self, program: Program, context: PassContext) -> PassResult:
        first = "seen" not in self.__dict__
        object.__setattr__(self, "seen", True)
        return LiteralsFirst(backwards=first).run(program, context)


class Breaks(LiteralsFirst):
    def run(self, program: Program, context: PassContext) -> PassResult:
        try:
            context.check()
        except PassError as error:
            raise RuntimeError("lost") from error
        return PassResult(program.main)


@pytest.mark.parametrize(
    ("test", "make"),
    [
        ("test_it_follows_the_interface", Nameless),
        ("test_a_pipelines_text_names_it_with_its_options", lambda: LiteralsFirst(backwards=True)),
        ("test_valid_ir_with_evidence_comes_out", Drops),
        ("test_parameters_and_result_types_stay", Drops),
        ("test_it_is_deterministic", Counts),
        ("test_it_keeps_nothing_from_one_program_to_the_next", Remembers),
        ("test_a_cancelled_run_ends", Breaks),
    ],
)
def test_each_test_finds_a_bad_pass(test: str, make: Callable[[], Any]) -> None:
    with pytest.raises((AssertionError, PassError, RuntimeError)):
        getattr(conformance(make), test)()
    getattr(conformance(LiteralsFirst), test)()
