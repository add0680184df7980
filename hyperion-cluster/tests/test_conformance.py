"""The executor follows its interface, on the processors and on devices with memory of their own."""

from __future__ import annotations

import hyperion as hp
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor
from hyperion.ir.function import Program
from hyperion.ir.printer import print_program
from hyperion.testing.executor import ExecutorConformance

_compiled: dict[str, CompiledFunction] = {}


class TestOnTheProcessors(ExecutorConformance):
    def make(self) -> Executor:
        return hp.default_instance().executor(["cpu:0"])

    def compile(self, program: Program) -> CompiledFunction:
        text = print_program(program)
        if text not in _compiled:
            _compiled[text] = hp.default_instance().compile_program(program)
        return _compiled[text]


class TestOnVirtualDevices(TestOnTheProcessors):
    def make(self) -> Executor:
        return hp.default_instance().executor(["virtual:0", "virtual:1"])
