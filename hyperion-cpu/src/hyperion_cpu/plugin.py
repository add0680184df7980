"""Registers the codegen target, the device and the executor of this machine's processors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.codegen import CodegenTarget
    from hyperion.interfaces.device import Device
    from hyperion.interfaces.executor import Executor

HYPERION_API = (0, 1)


def _target() -> CodegenTarget:
    from hyperion_cpu.target import CpuTarget

    return CpuTarget()


def _device() -> Device:
    from hyperion_cpu.device import CpuDevice

    return CpuDevice()


def _executor() -> Executor:
    from hyperion_cpu.executor import CpuExecutor

    return CpuExecutor()


@hookimpl
def hyperion_codegen_targets() -> dict[str, Callable[[], CodegenTarget]]:
    return {"cpu": _target}


@hookimpl
def hyperion_devices() -> dict[str, Callable[[], Device]]:
    return {"cpu:0": _device}


@hookimpl
def hyperion_executors() -> dict[str, Callable[[], Executor]]:
    return {"cpu": _executor}
