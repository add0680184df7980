"""What every interpreter must do."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.interfaces.interpreter import Interpreter
from hyperion.testing.programs import EXAMPLES, Example, attempt


class InterpreterConformance:
    """Subclass with `make`."""

    def make(self) -> Interpreter:
        raise NotImplementedError

    def examples(self) -> Sequence[Example]:
        return EXAMPLES

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), Interpreter)

    def test_results_and_traps(self) -> None:
        interpreter = self.make()
        for example in self.examples():
            example.compare(attempt(lambda e=example: interpreter.run(e.program, e.arguments)))
