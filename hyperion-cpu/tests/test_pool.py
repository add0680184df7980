"""The thread pool, called directly."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hyperion_cpu import blocks, pool, runs, stack
from hyperion_llvm import host, parse

MANY_SHORT_WORKS = """
import ctypes
from hyperion_cpu.runtime import runtime

from hyperion_cpu.pool import FIELDS

symbols = runtime().symbols
ctypes.c_int32.from_address(symbols["hyperion_pool"] + FIELDS["threads"]).value = 4
work = ctypes.cast(ctypes.CDLL(None).labs, ctypes.c_void_p)
run = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(symbols["hyperion_parallel"])
for turn in range(400_000):
    run(work, None, 1 + turn % 7)
"""


@pytest.mark.skipif(not pool.has_threads(host().architecture), reason="no threads here")
def test_a_thread_that_is_late_takes_nothing_of_the_next_work() -> None:
    """It would be done twice, and the caller would wait for ever."""
    subprocess.run([sys.executable, "-c", MANY_SHORT_WORKS], check=True, timeout=120)


@pytest.mark.parametrize(
    ("platform", "architecture"), [("linux", "riscv64"), ("darwin", "aarch64"), ("freebsd14", "x86_64")]
)
def test_what_other_systems_get_is_code(monkeypatch: pytest.MonkeyPatch, platform: str, architecture: str) -> None:
    """There everything runs on the calling thread."""
    monkeypatch.setattr(sys, "platform", platform)
    own = runs.text() + stack.text() + pool.text(architecture)
    for name in ("poll", "back", "run", "stack_floor", "parallel", "pool_end"):
        assert f"@hyperion_{name}(" in own
    assert "@pthread_create" not in own
    assert ("@pthread_get_stackaddr_np" in own) == (platform == "darwin")
    parse(own, "other", host())
    parse(blocks.text(), "other", host())
