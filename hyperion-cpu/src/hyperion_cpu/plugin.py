"""Registers the codegen target and the devices of this machine's processors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.codegen import CodegenTarget
    from hyperion.interfaces.device import DeviceDriver

HYPERION_API = (1, 0)


def _target() -> CodegenTarget:
    from hyperion_cpu.target import CpuTarget

    return CpuTarget()


def _driver() -> DeviceDriver:
    from hyperion_cpu.device import CpuDriver

    return CpuDriver()


@hookimpl
def hyperion_codegen_targets() -> dict[str, Callable[[], CodegenTarget]]:
    return {"cpu": _target}


@hookimpl
def hyperion_devices() -> dict[str, Callable[[], DeviceDriver]]:
    return {"cpu": _driver}
