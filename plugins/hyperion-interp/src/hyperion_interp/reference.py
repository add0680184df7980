"""The interpreter as the hook `hyperion_interpreters` registers it."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Program
from hyperion_interp.interpreter import interpret


class ReferenceInterpreter:
    """Follows `hyperion.interfaces.interpreter.Interpreter`."""

    @property
    def name(self) -> str:
        return "reference"

    def run(self, program: Program, arguments: Sequence[object]) -> tuple[object, ...]:
        return interpret(program, arguments)
