"""The target, device and executor follow their interfaces."""

from __future__ import annotations

from hyperion.ir.function import Program
from hyperion.testing.codegen import CodegenTargetConformance
from hyperion.testing.device import DeviceConformance
from hyperion.testing.executor import ExecutorConformance
from hyperion_cpu.device import CpuDevice
from hyperion_cpu.executor import CpuExecutor
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget


class TestTarget(CodegenTargetConformance):
    def make(self) -> CpuTarget:
        return CpuTarget()


class TestDevice(DeviceConformance):
    def make(self) -> CpuDevice:
        return CpuDevice()


class TestExecutor(ExecutorConformance):
    def make(self) -> CpuExecutor:
        return CpuExecutor()

    def compile(self, program: Program) -> CpuFunction:
        return CpuTarget().compile(program)
