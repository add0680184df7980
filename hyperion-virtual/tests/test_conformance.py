"""Virtual devices follow the interface, whether their work is done at once or later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

from hyperion.interfaces.codegen import CodegenTarget
from hyperion.interfaces.device import Device
from hyperion.testing import BufferConformance, DeviceConformance
from hyperion_interp.target import ReferenceTarget
from hyperion_virtual.device import VirtualDevice
from hyperion_virtual.driver import VirtualDriver


class TestAtOnce(DeviceConformance):
    absent = "virtual:9"
    fillable = 1 << 23
    options: ClassVar[Mapping[str, object]] = {"memory": 1 << 23}
    interrupts = True

    def driver(self) -> VirtualDriver:
        return VirtualDriver()

    def target(self) -> CodegenTarget:
        return ReferenceTarget()

    def used(self, device: Device) -> int:
        return sum(cast(VirtualDevice, device).used.values())

    def lose(self, device: Device) -> None:
        cast(VirtualDevice, device).lose()


class TestLater(TestAtOnce):
    options: ClassVar[Mapping[str, object]] = {"memory": 1 << 23, "asynchronous": True}


class TestDeviceMemory(BufferConformance):
    host = False
    alignment = 256
    kind = "device"

    def make(self, nbytes: int):
        return VirtualDriver().open("virtual:0", {}).allocate(nbytes, self.kind)


class TestPinnedMemory(TestDeviceMemory):
    host = True
    alignment = 64
    kind = "pinned"
