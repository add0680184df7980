"""Registration is light; the factories give what the hooks promise."""

from __future__ import annotations

import subprocess
import sys

from hyperion.hookspecs import API_VERSION
from hyperion.interfaces.codegen import CodegenTarget
from hyperion.interfaces.device import DeviceDriver
from hyperion_cpu import plugin


def test_registration_imports_nothing_heavy() -> None:
    script = (
        "import sys, hyperion_cpu.plugin; print(*{'numpy', 'llvmlite', 'ctypes', 'hyperion_llvm'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert not done.stdout.strip()


def test_the_hooks() -> None:
    assert plugin.HYPERION_API[0] == API_VERSION[0]
    assert plugin.HYPERION_API <= API_VERSION
    assert isinstance(plugin.hyperion_codegen_targets()["cpu"](), CodegenTarget)
    assert isinstance(plugin.hyperion_devices()["cpu"](), DeviceDriver)


def test_the_device_describes_the_processor() -> None:
    (info,) = plugin.hyperion_devices()["cpu"]().devices()
    assert info.address == "cpu:0"
    assert info.workers >= 1
    assert {"triple", "llvm", "vector"} <= set(info.features)
