"""The interpreter and its target pass the suites of their interfaces."""

from __future__ import annotations

import pytest

from hyperion.errors import CodegenError
from hyperion.interfaces.codegen import CodegenTarget
from hyperion.interfaces.interpreter import Interpreter
from hyperion.testing import CodegenTargetConformance, InterpreterConformance
from hyperion_interp.reference import ReferenceInterpreter
from hyperion_interp.target import ReferenceTarget


class TestReference(InterpreterConformance):
    def make(self) -> Interpreter:
        return ReferenceInterpreter()


class TestTarget(CodegenTargetConformance):
    def make(self) -> CodegenTarget:
        return ReferenceTarget()

    @pytest.mark.xfail(reason="an interpreter makes no code", raises=CodegenError)
    def test_code_can_be_read(self) -> None:
        super().test_code_can_be_read()
