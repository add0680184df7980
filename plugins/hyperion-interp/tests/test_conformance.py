"""The reference interpreter passes the suite that every interpreter must pass."""

from __future__ import annotations

from hyperion.interfaces.interpreter import Interpreter
from hyperion.testing import InterpreterConformance
from hyperion_interp.reference import ReferenceInterpreter


class TestReference(InterpreterConformance):
    def make(self) -> Interpreter:
        return ReferenceInterpreter()
