"""What every frontend must do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hyperion.errors import TypeCheckError
from hyperion.interfaces.frontend import CompileOptions, Frontend
from hyperion.interfaces.interpreter import Interpreter
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.types import ArrayType
from hyperion.ir.verifier import verify
from hyperion.testing.programs import attempt, same

Case = tuple[object, tuple[Any, ...], tuple[Any, ...]]  # Any: source, arguments and results of the language at hand


class FrontendConformance:
    """Subclass with `make`, `accepted` and `refused`; `interpreter` makes the meaning testable too."""

    def make(self) -> Frontend:
        raise NotImplementedError

    def accepted(self) -> Sequence[Case]:
        """Sources with arguments and the results that they give."""
        raise NotImplementedError

    def refused(self) -> Sequence[tuple[object, tuple[Any, ...]]]:
        """Sources with arguments that must be refused, each with a place in the source."""
        raise NotImplementedError

    def interpreter(self) -> Interpreter | None:
        return None

    def test_it_follows_the_interface(self) -> None:
        frontend = self.make()
        assert isinstance(frontend, Frontend)
        assert frontend.name

    def test_signatures_are_stable_keys(self) -> None:
        frontend = self.make()
        for _, arguments, _ in self.accepted():
            first, second = frontend.signature(arguments), frontend.signature(arguments)
            assert first == second
            assert hash(first) == hash(second)
            assert len(first) == len(arguments)

    def test_array_sizes_are_named_by_position(self) -> None:
        for _, arguments, _ in self.accepted():
            for i, parameter in enumerate(self.make().signature(arguments)):
                assert not isinstance(parameter, ArrayType) or parameter.shape == (f"n{i}",)

    def test_what_is_accepted_is_valid_and_round_trips(self) -> None:
        frontend = self.make()
        for source, arguments, _ in self.accepted():
            program = frontend.lower(source, frontend.signature(arguments), CompileOptions())
            verify(program)
            assert program.entry in program.functions
            assert tuple(p.type for p in program.main.parameters) == frontend.signature(arguments)
            assert parse_program(print_program(program)) == program

    def test_lowering_twice_gives_the_same_program(self) -> None:
        frontend = self.make()
        for source, arguments, _ in self.accepted():
            signature = frontend.signature(arguments)
            first = frontend.lower(source, signature, CompileOptions())
            assert frontend.lower(source, signature, CompileOptions()) == first

    def test_the_meaning_is_that_of_the_source(self) -> None:
        interpreter, frontend = self.interpreter(), self.make()
        if interpreter is None:
            return
        for source, arguments, results in self.accepted():
            program = frontend.lower(source, frontend.signature(arguments), CompileOptions())
            assert same(interpreter.run(program, arguments), results)

    def test_a_refusal_names_the_place_and_a_way_out(self) -> None:
        frontend = self.make()
        for source, arguments in self.refused():
            error = attempt(lambda s=source, a=arguments: frontend.lower(s, frontend.signature(a), CompileOptions()))
            assert isinstance(error, TypeCheckError), f"{source} was not refused: {error}"
            assert error.span is not None, str(error)
            assert error.span.text, str(error)
            assert error.hints, str(error)
