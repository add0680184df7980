"""The processors as devices: addresses, groups, states, memory."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import BufferError_, DeviceError, HyperionError
from hyperion.interfaces.buffer import BufferView
from hyperion.ir.parser import parse_program
from hyperion.tokens import NOTHING
from hyperion_cpu import blocks, processors
from hyperion_cpu.device import CpuDevice, CpuDriver
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget

TWICE = """
func @twice(%xs: i64[n], %rows: i32[m, k]) -> (i64[n], i32[m, k], i64) {
  %two = const 2 : i64
  %ys = map (%xs) {
    ^(%x: i64):
      %y = mul.wrap %x, %two : i64
      yield %y
  }
  %zero = const 0 : i64
  %minus = const -7 : i32
  %zs = update %rows, %zero, %zero, %minus
  %n = len %xs : i64
  return %ys, %zs, %n
}
"""
mapped_here = pytest.mark.skipif(blocks.text() == blocks.PLAIN, reason="large blocks are mapped on Linux only")
driver = CpuDriver()


@pytest.fixture(scope="module")
def twice() -> CpuFunction:
    return CpuTarget().compile(parse_program(TWICE))


@pytest.fixture
def device() -> CpuDevice:
    return driver.open("cpu:0", {})


def refusal(address: str) -> HyperionError:
    with pytest.raises(DeviceError) as caught:
        driver.open(address, {})
    return caught.value


# Addresses and groups


def test_only_all_processors_are_listed() -> None:
    (info,) = driver.devices()
    assert (info.address, info.absent, info.target) == ("cpu:0", "", "cpu")
    assert info.identity == driver.describe("cpu:0").identity
    assert str(info.features["huge pages"]) in ("always", "madvise", "never", "unknown")


@pytest.mark.parametrize("number", ["1", "17"])
def test_a_plain_number_says_how_groups_are_called(number: str) -> None:
    error = refusal(f"cpu:{number}")
    assert error.code == "HY5010"
    assert f"cpu:{number}/{int(number) + 1} " in error.hints[0]


@pytest.mark.parametrize(
    "address", ["cpu:2/2", "cpu:0/0", "cpu:01/2", "cpu:1/02", "cpu:-1/2", "cpu:0/1/2", "cpu:1234567/2"]
)
def test_no_group_has_such_an_address(address: str) -> None:
    error = refusal(address)
    assert error.code == "HY5010"
    assert "cpu:1/2" in error.hints[-1]


def test_groups_of_more_than_there_are_processors_are_absent() -> None:
    count = len(processors.usable())
    address = f"cpu:0/{count + 1}"
    assert f"{count} processor" in driver.describe(address).absent
    error = refusal(address)
    assert error.code == "HY5011"
    assert f"too few for {count + 1} groups" in error.message


def test_numbers_that_stand_together_are_groups() -> None:
    assert driver.together(["cpu:1", "cpu:0"]) == ["cpu:1/2", "cpu:0/2"]
    for alone in (["cpu:0"], ["cpu:1"], [], ["cpu:0", "cpu:2"], ["cpu:0", "cpu:0"], ["cpu:0", "cpu:1/2"]):
        assert driver.together(alone) == alone


@pytest.mark.skipif(len(processors.usable()) < 2, reason="one processor has no halves")
def test_a_cluster_of_numbers_has_groups() -> None:
    with hp.Instance() as instance:
        cluster = instance.cluster(["cpu:0", "cpu:1"])
        assert cluster.addresses == ("cpu:0/2", "cpu:1/2")
        halves = [device.info.features["processors"].split(",") for device in cluster]
        assert not set(halves[0]) & set(halves[1])


def places(cores: dict[int, tuple[int, int, int]]) -> dict[int, tuple[int, int, int, int]]:
    return {n: (*place, n) for n, place in cores.items()}


def test_siblings_and_sockets_stay_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sockets of two cores of two threads each, numbered as Linux does: the second threads after all the first."""
    known = places({n: (n % 4 // 2, n % 4 // 2, n % 4) for n in range(8)})
    monkeypatch.setattr(processors, "_place", known.__getitem__)
    monkeypatch.setattr(processors, "thread_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert processors.usable() == (0, 4, 1, 5, 2, 6, 3, 7)
    assert [processors.group(i, 2) for i in range(2)] == [(0, 4, 1, 5), (2, 6, 3, 7)]
    assert [processors.group(i, 3) for i in range(3)] == [(0, 4), (1, 5), (2, 6, 3, 7)]
    assert [processors.group(i, 8) for i in range(8)] == [(n,) for n in processors.usable()]
    assert processors.group(0, 9) == ()
    monkeypatch.setattr(processors, "thread_count", lambda: 2)
    assert [processors.group(i, 2) for i in range(2)] == [(0,), (4,)]


def test_describing_starts_nothing() -> None:
    program = """
        from hyperion_cpu.device import CpuDriver
        from hyperion_cpu import runtime
        CpuDriver().devices(), CpuDriver().describe("cpu:7/800")
        assert not runtime._made
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, timeout=60)


# States


def test_a_closed_device_says_so(device: CpuDevice, twice: CpuFunction) -> None:
    given = [hp.view(np.arange(3)), hp.view(np.ones((1, 2), "i4"))]
    device.close()
    device.close()
    uses = (
        lambda: device.allocate(8),
        lambda: device.copy(given[0], given[0]),
        lambda: device.run(twice, given, NOTHING),
        lambda: device.synchronize(),
    )
    for use in uses:
        with pytest.raises(DeviceError, match="HY5014: cpu:0 is closed"):
            use()


def test_options_and_kinds_of_memory_that_do_not_exist(device: CpuDevice) -> None:
    with pytest.raises(DeviceError, match="HY5013: cpu:0 has no option 'colour'"):
        driver.open("cpu:0", {"colour": "red"})
    with pytest.raises(DeviceError, match="HY5015: cpu:0 has no memory of kind 'moon'"):
        device.allocate(8, "moon")
    assert device.allocate(8, "host").memory_kind == "host"


def test_functions_of_another_target_are_refused(device: CpuDevice) -> None:
    with pytest.raises(DeviceError, match="HY5017: cpu:0 runs code of the target cpu, not a builtin"):
        device.run(len, [], NOTHING)  # pyright: ignore[reportArgumentType]  what is refused


# Arguments and results


def arrays(results: tuple[object, ...]) -> list[np.ndarray]:
    return [np.asarray(x) for x in results if isinstance(x, BufferView)]


def test_views_of_any_layout_are_read_and_none_is_changed(device: CpuDevice, twice: CpuFunction) -> None:
    xs, rows = np.arange(20), np.arange(12, dtype="i4").reshape(3, 4)
    frozen = np.arange(5)
    frozen.setflags(write=False)
    cases = [
        (xs, rows), (xs[::-1], rows.T), (xs[3:15:4], rows[:, ::2]), (xs[:0], rows[:1]), (frozen, rows[::-1, ::-1]),
        (np.lib.stride_tricks.as_strided(xs, (7,), (0,)), rows[:, 1:2]),
    ]  # fmt: skip
    for first, second in cases:
        results = device.run(twice, [hp.view(first), hp.view(second)], NOTHING)
        ys, zs = arrays(results)
        assert ys.tolist() == (2 * first).tolist()
        assert zs.tolist() == [[-7, *second[0, 1:].tolist()], *second[1:].tolist()]
        assert results[2] == len(first)
    assert (xs.tolist(), rows.ravel().tolist()) == (list(range(20)), list(range(12)))


def test_results_are_views_of_memory_of_their_own(device: CpuDevice, twice: CpuFunction) -> None:
    ys, zs, _ = device.run(twice, [hp.view(np.arange(5)), hp.view(np.ones((2, 3), "i4"))], NOTHING)
    assert isinstance(ys, BufferView)
    assert isinstance(zs, BufferView)
    assert (ys.dtype, ys.shape, ys.device, ys.readonly) == ("i64", (5,), "cpu:0", False)
    assert (zs.dtype, zs.shape, zs.contiguous) == ("i32", (2, 3), True)
    array = np.asarray(ys)
    array[0] = 77
    assert np.asarray(ys)[0] == 77, "the elements are not copied"
    assert array.ctypes.data == ys.buffer.address
    donated = hp.view(ys, mode="donate")
    with pytest.raises(BufferError_, match="HY2007"):
        ys.host()
    del ys, array
    gc.collect()
    assert np.asarray(donated).tolist() == [77, 2, 4, 6, 8]


@mapped_here
def test_memory_goes_with_its_last_reader(device: CpuDevice, twice: CpuFunction) -> None:
    small = hp.view(np.ones((1, 1), "i4"))

    def held() -> int:
        gc.collect()
        return device.memory.mapped - device.memory.kept

    before = held()
    ys, _, _ = device.run(twice, [hp.view(np.arange(100_000)), small], NOTHING)
    assert isinstance(ys, BufferView)
    assert held() > before
    array = np.asarray(ys)[5:]
    ys.buffer.free()
    del ys
    assert held() > before, "the array still reads it"
    assert array[0] == 10
    del array
    assert held() == before
    ys, _, _ = device.run(twice, [hp.view(np.arange(100_000)), small], NOTHING)
    del ys
    assert held() == before


@mapped_here
def test_large_memory_is_aligned_reused_and_zeroed(device: CpuDevice) -> None:
    device.trim()
    for nbytes in (1 << blocks.SMALLEST, 3_000_000, (8 << 20) + 1):
        before = device.memory
        buffer = device.allocate(nbytes)
        assert (buffer.nbytes, buffer.device, (buffer.address or 1) % 64) == (nbytes, "cpu:0", 0)
        memory = np.frombuffer(buffer.host(), "u1")
        assert memory.nbytes == nbytes
        assert not memory.any()
        memory[:] = 255
        first = buffer.address
        del memory
        buffer.free()
        with pytest.raises(BufferError_, match="HY2007"):
            buffer.host()
        again = device.allocate(nbytes)
        assert again.address == first, "memory that waits is taken first"
        assert device.memory.reused == before.reused + 1
        assert not np.frombuffer(again.host(), "u1").any(), "what was written before is to be seen"
        del again, buffer
    device.trim()
    assert device.memory.kept == 0


@mapped_here
def test_an_interrupt_loses_no_memory(device: CpuDevice) -> None:
    before, heard = device.memory.mapped - device.memory.kept, 0
    usual = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for n in range(200):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-5 + n % 20 * 5e-6)
                for _ in range(20):
                    device.allocate(1 << 20)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                heard += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)
    assert heard > 20
    assert device.memory.mapped - device.memory.kept == before


REFUSED = """
import resource
import numpy as np
from hyperion.errors import DeviceError
from hyperion_cpu.device import CpuDriver

device = CpuDriver().open("cpu:0", {})
for size in (1 << 62, 1 << 46, 1 << 100):
    try:
        device.allocate(size)
    except DeviceError as error:
        assert error.code == "HY5001", error
    else:
        raise AssertionError(size)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 28), resource.RLIM_INFINITY))
for turn in range(2):
    held = []
    try:
        while True:
            held.append(device.allocate(20_000_000))
            held[-1].host()[-1] = 7
    except DeviceError as error:
        assert error.code == "HY5001", error
    assert 5 < len(held) < 14, len(held)
    assert all(buffer.host()[-1] == 7 for buffer in held)
    held.clear()
    small = device.allocate(1000)
    small.host()[:] = bytes(1000)
mapped = device.memory.mapped
device.trim()
assert device.memory.mapped == 0, device.memory
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no limit of memory here")
def test_memory_is_given_until_there_is_none_and_comes_back() -> None:
    subprocess.run([sys.executable, "-c", REFUSED], check=True, timeout=60)


@mapped_here
def test_metrics_tell_of_large_arrays_once_for_all_devices(device: CpuDevice) -> None:
    device.trim()
    nbytes = 64 << 20
    with hp.Instance(plugins=["cpu"]) as instance:
        one = instance.device("cpu:0")
        instance.device("cpu:0/1")
        before = instance.metrics
        held = one.allocate(nbytes)
        with_it = instance.metrics
        grown = with_it.total("process_array_bytes") - before.total("process_array_bytes")
        assert nbytes <= grown <= nbytes * 1.25
        assert with_it.total("process_array_peak_bytes") >= with_it.total("process_array_bytes")
        held.free()
        del held
        after = instance.metrics
        assert after.total("process_array_bytes") == before.total("process_array_bytes")
        assert after.total("process_array_peak_bytes") == with_it.total("process_array_peak_bytes")
        assert after.total("process_array_kept_bytes") == device.memory.kept
        again = one.allocate(nbytes)
        assert instance.metrics.total("process_array_peak_bytes") == with_it.total("process_array_peak_bytes")
        del again
    device.trim()
