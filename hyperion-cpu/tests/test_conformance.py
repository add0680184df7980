"""The target and the device follow their interfaces."""

from __future__ import annotations

from hyperion.testing.codegen import CodegenTargetConformance
from hyperion.testing.device import DeviceConformance
from hyperion_cpu.device import CpuDevice, CpuDriver
from hyperion_cpu.target import CpuTarget


class TestTarget(CodegenTargetConformance):
    def make(self) -> CpuTarget:
        return CpuTarget()


class TestDevice(DeviceConformance):
    def make(self) -> CpuDevice:
        return CpuDriver().open("cpu:0", {})
