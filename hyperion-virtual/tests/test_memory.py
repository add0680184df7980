"""Memory: addresses of its own, counted until nobody uses it."""

from __future__ import annotations

import gc
from collections.abc import Callable

import numpy as np
import pytest

import hyperion as hp
from hyperion.buffers.host import view
from hyperion.errors import BufferError_, DeviceError, TrapZeroDivisionError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.testing.device_checks.runs import INVERTED
from hyperion.testing.device_checks.subject import blank, fetched, put
from hyperion.testing.held import Held
from hyperion.tokens import NOTHING
from hyperion_virtual.device import VirtualDevice

Open = Callable[..., VirtualDevice]


def test_addresses_are_made_up_and_given_once(opened: Open) -> None:
    devices = [opened("virtual:0"), opened("virtual:0"), opened("virtual:1")]
    seen: set[int] = set()
    for _ in range(3):
        for device in devices:
            buffer = device.allocate(100)
            assert buffer.address is not None
            assert buffer.address >= 1 << 60
            assert buffer.address not in seen
            seen.add(buffer.address)
            buffer.free()


def test_the_memories_have_limits_of_their_own(opened: Open) -> None:
    device = opened(memory=100, pinned=10)
    whole, small = device.allocate(100), device.allocate(10, "pinned")
    assert device.used == {"device": 100, "pinned": 10}
    with pytest.raises(DeviceError, match="virtual:0 has 0 bytes of device memory left, 1 were asked for") as caught:
        device.allocate(1)
    assert caught.value.code == "HY5001"
    assert device.allocate(0).nbytes == 0
    whole.free()
    assert device.used == {"device": 0, "pinned": 10}
    del small
    assert device.used == {"device": 0, "pinned": 0}


def test_an_array_of_the_host_keeps_pinned_memory(opened: Open) -> None:
    device = opened(pinned=64)
    there = blank(device, "f64", (8,), "pinned")
    array = np.asarray(there)
    array[:] = 3
    there.buffer.free()
    del there
    assert device.used["pinned"] == 64
    assert array.tolist() == [3.0] * 8
    with pytest.raises(DeviceError):
        device.allocate(1, "pinned")
    del array
    assert device.allocate(64, "pinned").nbytes == 64


def test_queued_work_keeps_memory(
    opened: Open, held: Callable[..., Held], compiled: Callable[[str], CompiledFunction]
) -> None:
    device = opened(memory=48, asynchronous=True)
    there, other = put(device, np.array([1, 2])), blank(device, "i64", (2,))
    assert device.synchronize(20)
    function = held(compiled(INVERTED.text))
    (result,) = device.run(function, [there], NOTHING)
    assert isinstance(result, BufferView)
    device.copy(result, other)
    result.buffer.free()
    there.buffer.free()
    assert device.used["device"] == 48, "the run reads it and the copy reads its result"
    function.go.set()
    assert fetched(device, other).tolist() == [1, 0]
    assert device.used["device"] == 16


def test_memory_in_circles_comes_back_before_anything_is_refused(opened: Open) -> None:
    device = opened(memory=100)
    gc.disable()
    try:
        circle: list[object] = [device.allocate(60)]
        circle.append(circle)
        del circle
        assert device.used["device"] == 60
        assert device.allocate(50).nbytes == 50
    finally:
        gc.enable()


def test_an_error_keeps_no_memory(opened: Open, compiled: Callable[[str], CompiledFunction]) -> None:
    for asynchronous in (False, True):
        device = opened(memory=1000, asynchronous=asynchronous)
        gc.collect()
        gc.disable()
        try:
            with pytest.raises(TrapZeroDivisionError):
                _fail(device, compiled(INVERTED.text))
            device.run(compiled("func @f(%x: i64) -> i64 { return %x }"), [1], NOTHING)  # the thread goes on
            assert device.used["device"] == 0
        finally:
            gc.enable()


def _fail(device, function: CompiledFunction) -> None:
    device.run(function, [put(device, np.array([1, 0]))], NOTHING)
    device.synchronize(20)


def test_memory_that_was_not_written_is_not_read(opened: Open, compiled: Callable[[str], CompiledFunction]) -> None:
    device = opened(asynchronous=True, faults="raise at copy 1")
    there = put(device, np.array([1, 2]), "pinned")
    with pytest.raises(DeviceError) as caught:
        device.synchronize(20)
    assert caught.value.code == "HY5061"
    with pytest.raises(DeviceError) as again:
        there.buffer.host()
    assert again.value is caught.value
    device.copy(view(np.array([3, 4])), there)
    assert device.synchronize(20)
    assert np.asarray(there).tolist() == [3, 4]


def test_a_view_of_device_memory_does_not_become_an_array(opened: Open) -> None:
    there = put(opened(), np.arange(3.0))
    for read in (np.asarray, np.array, np.from_dlpack, memoryview, bytes):
        with pytest.raises((BufferError_, TypeError)):
            read(there)
    with pytest.raises(BufferError_, match="DLPack has no devices of kind 'virtual'") as caught:
        there.__dlpack_device__()
    assert caught.value.code == "HY2002"
    with pytest.raises(BufferError_, match="the host does not reach the device memory of virtual:0") as caught:
        there.buffer.host()
    assert "device.copy" in caught.value.hints[0]


def test_copies_between_devices_go_by_memory_that_the_host_reaches(opened: Open) -> None:
    first, second = opened("virtual:0"), opened("virtual:1")
    there = put(first, np.arange(5), "pinned")
    assert fetched(second, put(second, there)).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(DeviceError, match="virtual:1 does not reach the device memory of virtual:0") as caught:
        second.copy(put(first, np.arange(5)), blank(second, "i64", (5,)))
    assert caught.value.code == "HY5016"


@pytest.mark.parametrize(
    ("dtype", "bits"), [("bf16", [0x3F80, 0xC040, 0x7FC0, 0x0001]), ("i128", [1, -1, -(1 << 127), (1 << 127) - 1])]
)
def test_elements_that_numpy_does_not_have(opened: Open, compiled: ..., dtype: str, bits: list[int]) -> None:
    size = 2 if dtype == "bf16" else 16
    given = b"".join((b % (1 << 8 * size)).to_bytes(size, "little") for b in bits)
    same = compiled(f"func @same(%xs: {dtype}[n]) -> {dtype}[n] {{ return %xs }}")
    for asynchronous in (False, True):
        device = opened(asynchronous=asynchronous)
        flat = view(given)
        source = BufferView(flat.buffer, dtype, (4,), (size,))
        (result,) = device.run(same, [put(device, source)[::-1]], NOTHING)
        assert isinstance(result, BufferView)
        assert result.dtype == dtype
        back = bytearray(result.nbytes)
        device.copy(result, BufferView(view(back).buffer, dtype, (4,), (size,)))
        assert device.synchronize(20)
        assert back == b"".join(given[k : k + size] for k in range(3 * size, -1, -size))


def test_metrics_tell_what_is_taken_and_the_most_that_was() -> None:
    with hp.Instance(plugins=["virtual"]) as instance:
        device = instance.device("virtual:0", memory=100, pinned=10)
        buffers = [device.allocate(60), device.allocate(10, "pinned")]
        del buffers[0]
        device.allocate(30).free()
        found = instance.metrics
        assert found.total("device_memory_bytes", device="virtual:0", memory="device") == 0
        assert found.total("device_memory_peak_bytes", memory="device") == 60
        assert found.total("device_memory_bytes", memory="pinned") == 10
        assert 'hyperion_device_memory_bytes{device="virtual:0",memory="pinned"} 10' in found.openmetrics()
        device.close()
        assert not [name for name, _ in instance.metrics.values if name.startswith("device_memory")]
