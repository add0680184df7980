"""The target and the devices follow their interfaces."""

from __future__ import annotations

import functools

import pytest

from hyperion.interfaces.codegen import CompiledFunction
from hyperion.ir.parser import parse_program
from hyperion.testing.codegen import CodegenTargetConformance
from hyperion.testing.device import DeviceConformance
from hyperion.testing.programs import Example
from hyperion_cpu import processors
from hyperion_cpu.device import CpuDevice, CpuDriver
from hyperion_cpu.target import CpuTarget


class TestTarget(CodegenTargetConformance):
    def make(self) -> CpuTarget:
        return CpuTarget()


class TestDevice(DeviceConformance):
    absent = "cpu:0/100000"
    interrupts = True

    def driver(self) -> CpuDriver:
        return CpuDriver()

    def target(self) -> CpuTarget:
        return CpuTarget()

    def compiled(self, example: Example) -> CompiledFunction:
        return compiled(example.text)


@functools.cache
def compiled(source: str) -> CompiledFunction:
    """One function for all devices of the processors."""
    return CpuTarget().compile(parse_program(source))


@pytest.mark.skipif(len(processors.usable()) < 2, reason="one processor has no halves")
class TestGroup(TestDevice):
    def make(self) -> CpuDevice:
        return self.driver().open("cpu:1/2", {})
