"""The device `cpu:0`: the processors and the memory that this process may use."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from hyperion.buffers.host import HostBuffer, copy_into, view
from hyperion.errors import DeviceError
from hyperion.interfaces.buffer import Buffer, BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import DeviceInfo, DeviceState, MemoryInfo
from hyperion.tokens import Token
from hyperion_cpu.pool import thread_count
from hyperion_llvm import host

ADDRESS = "cpu:0"
NOTABLE = ("avx512f", "avx2", "sse4.2", "sve", "neon")


class CpuDriver:
    """Implements `DeviceDriver`."""

    kind = "cpu"

    def devices(self) -> Sequence[DeviceInfo]:
        return (self.describe(ADDRESS),)

    def describe(self, address: str) -> DeviceInfo:
        if address != ADDRESS:
            raise DeviceError("HY5010", f"there is no device {address!r}")
        spec = host()
        present = set(spec.features.split(","))
        features = {
            "triple": spec.triple,
            "llvm": spec.cpu,
            "vector": next((name for name in NOTABLE if f"+{name}" in present), "baseline"),
        }
        memory = memory_bytes()
        memories = (MemoryInfo("host", memory, host=True),)
        return DeviceInfo(
            ADDRESS, "cpu", processor_name(), thread_count(), memory, features, target="cpu", memories=memories
        )

    def together(self, addresses: Sequence[str]) -> Sequence[str]:
        return addresses

    def open(self, address: str, options: Mapping[str, object]) -> CpuDevice:
        return CpuDevice(self.describe(address))


class CpuDevice:
    """Implements `Device` over ordinary host memory."""

    takes_arrays = True

    def __init__(self, info: DeviceInfo) -> None:
        self.info = info
        self.state: DeviceState = "open"

    def allocate(self, nbytes: int, kind: str = "") -> Buffer:
        try:
            return HostBuffer.allocate(nbytes, self.info.address)
        except (MemoryError, OverflowError) as error:
            raise DeviceError("HY5001", f"{self.info.address} has no {nbytes} bytes left") from error

    def copy(self, source: BufferView, target: BufferView) -> None:
        copy_into(target, source)

    def run(self, function: CompiledFunction, arguments: Sequence[object], token: Token) -> tuple[object, ...]:
        result = function(*[np.asarray(x) if isinstance(x, BufferView) else x for x in arguments])
        results = cast("tuple[object, ...]", result) if isinstance(result, tuple) else (result,)
        return tuple(view(x) if isinstance(x, np.ndarray) else x for x in results)

    def synchronize(self, timeout: float | None = None) -> bool:
        return True

    def close(self) -> None:
        self.state = "closed"


def processor_name() -> str:
    """The name that the operating system gives, else the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []  # not Linux
    names = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model")))
    return next((name for name in names if name), platform.processor() or platform.machine() or "unknown processor")


def memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0  # the system does not say
