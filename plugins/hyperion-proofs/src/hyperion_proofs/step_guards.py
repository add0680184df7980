"""Untrusted. Emits the test that no sum of a counting loop leaves i64."""

from __future__ import annotations

from collections.abc import Iterable

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, INT
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.emission import Emitter


class StepGuard:
    """A conjunction of comparisons."""

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self._tests: dict[Term | None, Value] = {}

    def nonzero(self, step: Value) -> None:
        """The range's step is not 0."""
        e = self._emitter
        self._tests[None] = e.op("ne", BOOL, e.op("cast", INT, step), e.const(0, INT))

    def add(self, tests: Iterable[Term]) -> None:
        """Each test is `le a b`."""
        for x in tests:
            if x not in self._tests:
                self._tests[x] = self._emitter.op("le", BOOL, *(self._emitter.exact(a) for a in arguments(x)[1]))

    def emit(self) -> tuple[Value, int]:
        """The test, and of how many it is the conjunction."""
        *rest, test = self._tests.values()
        for v in reversed(rest):
            test = self._emitter.op("and", BOOL, v, test, hint="fits")
        return test, len(rest) + 1
