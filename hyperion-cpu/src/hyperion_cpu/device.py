"""The device `cpu:0`: the processors and the memory that this process may use."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from hyperion.buffers.host import HostBuffer
from hyperion.errors import DeviceError
from hyperion.interfaces.buffer import Buffer
from hyperion.interfaces.device import DeviceInfo
from hyperion_cpu.pool import thread_count
from hyperion_llvm import host

ADDRESS = "cpu:0"
NOTABLE = ("avx512f", "avx2", "sse4.2", "sve", "neon")


class CpuDevice:
    """Implements `Device` over ordinary host memory."""

    @property
    def info(self) -> DeviceInfo:
        target = host()
        present = set(target.features.split(","))
        features = {
            "triple": target.triple,
            "llvm": target.cpu,
            "vector": next((name for name in NOTABLE if f"+{name}" in present), "baseline"),
        }
        return DeviceInfo(ADDRESS, "cpu", processor_name(), thread_count(), memory_bytes(), features)

    def allocate(self, nbytes: int) -> Buffer:
        try:
            return HostBuffer.allocate(nbytes, ADDRESS)
        except (MemoryError, OverflowError) as error:
            raise DeviceError("HY5001", f"{ADDRESS} has no {nbytes} bytes left") from error

    def close(self) -> None:
        """Host memory goes with its buffers."""


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
