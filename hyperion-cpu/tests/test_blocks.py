"""Large arrays: where their memory comes from, waits and goes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import DeviceError, OutOfMemoryError
from hyperion.testing.apart import at_once, right_in_child
from hyperion_cpu import blocks
from hyperion_cpu.runtime import runtime

Fill = Callable[[int], Any]  # Any: an array of int64


@pytest.fixture(scope="module")
def fill() -> Fill:
    def fill(n: int) -> Any:
        out = np.empty(n, dtype=np.int64)
        for i in range(n):
            out[i] = i ^ 5
        return out

    compiled = hp.jit(fill)
    compiled(3)
    return compiled


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    runtime().trim()
    yield
    runtime().trim()


mapped_here = pytest.mark.skipif(blocks.text() == blocks.PLAIN, reason="large blocks are mapped on Linux only")


@mapped_here
@pytest.mark.parametrize("n", [1 << 15, (1 << 15) + 1, 100_001, (1 << 19) - 1, 1 << 19, (1 << 20) + 3])
def test_large_arrays_are_aligned_and_their_memory_is_taken_again(fill: Fill, n: int) -> None:
    before = runtime().memory
    assert before.kept == 0
    for _ in range(3):
        array = fill(n)
        assert array.ctypes.data % blocks.ALIGNMENT == 0
        assert (array == np.arange(n) ^ 5).all()
        held = runtime().memory.mapped - before.mapped
        assert 8 * n <= held <= 10 * n + (1 << 16)
        del array
    after = runtime().memory
    assert after.reused == before.reused + 2
    assert after.kept == after.mapped - before.mapped == held
    runtime().trim()
    assert runtime().memory.mapped == before.mapped


@mapped_here
def test_arrays_alive_together_have_memory_of_their_own(fill: Fill) -> None:
    arrays = [fill(50_000 + i) for i in range(20)]
    for array in arrays[::2]:
        array[:] = -1
    for i, array in enumerate(arrays):
        assert (array == (-1 if i % 2 == 0 else np.arange(50_000 + i) ^ 5)).all()


@mapped_here
def test_no_more_waits_than_the_limit(fill: Fill) -> None:
    memory = runtime()._memory  # pyright: ignore[reportPrivateUsage]
    usual = memory[0]
    memory[0] = 1 << 20
    try:
        arrays = [fill(60_000) for _ in range(5)]
        before = runtime().memory
        del arrays
        after = runtime().memory
        assert 0 < after.kept <= 1 << 20
        assert after.mapped == before.mapped - 5 * 524288 + after.kept
    finally:
        memory[0] = usual


@pytest.mark.parametrize("n", [(1 << 43) - 8, 1 << 43, 1 << 50])  # the first is the least that has no list
def test_more_than_there_is_is_refused_and_the_next_call_works(fill: Fill, n: int) -> None:
    kept = fill(1 << 20)
    with pytest.raises(OutOfMemoryError, match="HY5109"):
        fill(n)
    assert (fill(1 << 20) == kept).all()


def test_arrays_of_several_threads(fill: Fill) -> None:
    def work(seed: int) -> list[int]:
        wrong: list[int] = []
        for i in range(30):
            n = 40_000 + 5_000 * ((seed * 7 + i) % 11)
            array = fill(n)
            if not (array == np.arange(n) ^ 5).all():
                wrong.append(n)
        return wrong

    assert at_once(work, 4) == [[]] * 4
    runtime().trim()
    assert runtime().memory.kept == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_of_a_fork_has_its_own(fill: Fill) -> None:
    array = fill(100_000)
    del array
    assert right_in_child(lambda: bool((fill(100_000) == np.arange(100_000) ^ 5).all()))
    assert (fill(100_000) == np.arange(100_000) ^ 5).all()


def test_arrays_that_outlive_everything_go_in_peace(tmp_path: Path) -> None:
    program = tmp_path / "outlive.py"
    program.write_text(
        "import sys\nimport numpy as np\nimport hyperion as hp\n\n@hp.jit\ndef fill(n):\n"
        "    out = np.empty(n, dtype=np.int64)\n    for i in range(n):\n        out[i] = i\n    return out\n\n"
        "sys.kept = fill(10**6)[::7]\n"
    )
    run = subprocess.run([sys.executable, program], capture_output=True, text=True, check=False, timeout=120)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("text", ["-1", "1 GiB", "0x10", str(1 << 63)])
def test_a_wrong_limit_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HYPERION_KEPT_MEMORY", text)
    with pytest.raises(DeviceError, match="HY5003"):
        blocks.most_kept(1 << 34)


def test_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYPERION_KEPT_MEMORY", raising=False)
    assert blocks.most_kept(1 << 40) == blocks.MOST_KEPT
    assert blocks.most_kept(1 << 30) == 1 << 26
    assert blocks.most_kept(0) == 0
    monkeypatch.setenv("HYPERION_KEPT_MEMORY", "4096")
    assert blocks.most_kept(1 << 40) == 4096
