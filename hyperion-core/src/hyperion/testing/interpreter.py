"""What every interpreter must do."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.interfaces.interpreter import Interpreter
from hyperion.testing.array_examples import ARRAY_EXAMPLES
from hyperion.testing.programs import EXAMPLES, Example, attempt
from hyperion.testing.scalar_examples import SCALAR_EXAMPLES


class InterpreterConformance:
    """Subclass with `make`."""

    def make(self) -> Interpreter:
        raise NotImplementedError

    def examples(self) -> Sequence[Example]:
        return (*EXAMPLES, *SCALAR_EXAMPLES, *ARRAY_EXAMPLES)

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), Interpreter)

    def test_results_and_traps(self) -> None:
        interpreter = self.make()
        for example in self.examples():
            example.compare(attempt(lambda e=example: interpreter.run(e.program, e.arguments)))

    def test_arguments_as_arrays(self) -> None:
        """NumPy arrays mean what lists mean. Needs NumPy."""
        interpreter = self.make()
        for example in self.examples():
            example.compare(attempt(lambda e=example: interpreter.run(e.program, e.arrays())))
