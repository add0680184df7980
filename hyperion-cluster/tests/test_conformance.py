"""The executor follows its interface, on the processors."""

from __future__ import annotations

import hyperion as hp
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor
from hyperion.ir.function import Program
from hyperion.testing.executor import ExecutorConformance


class TestOnTheProcessors(ExecutorConformance):
    def make(self) -> Executor:
        return hp.default_instance().executor(["cpu:0"])

    def compile(self, program: Program) -> CompiledFunction:
        return hp.default_instance().compile_program(program)
