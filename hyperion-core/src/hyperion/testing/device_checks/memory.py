"""Memory: zeroed, its owner's alone, aligned, limited, and given back."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from hyperion.buffers.host import allocate_view
from hyperion.errors import BufferError_, DeviceError
from hyperion.interfaces.buffer import Buffer, BufferView
from hyperion.metrics import Metrics
from hyperion.testing.device_checks.subject import DeviceSubject, blank, code_of, fetch, put, skip
from hyperion.testing.programs import attempt

SIZES = (1, 63, 64, 4096, (1 << 20) + 3)


def _bytes(count: int, value: int) -> BufferView:
    made = allocate_view("u8", (count,))
    made.host()[:] = bytes([value]) * count
    return made


class MemoryChecks(DeviceSubject):
    def test_new_memory_is_a_zeroed_buffer(self) -> None:
        with self.opened() as device:
            for memory in device.info.memories:
                for size in SIZES:
                    buffer = device.allocate(size, memory.kind)
                    assert isinstance(buffer, Buffer)
                    assert buffer.device == device.info.address
                    assert buffer.memory_kind == memory.kind
                    assert buffer.nbytes == size
                    assert not buffer.readonly
                    assert buffer.address is None or buffer.address % memory.alignment == 0
                    seen = BufferView(buffer, "u8", (size,), (1,))
                    assert bytes(fetch(device, seen).host()) == bytes(size), f"{memory.kind} memory is not zeroed"

    def test_without_a_kind_it_is_the_first_memory(self) -> None:
        with self.opened() as device:
            assert device.allocate(8).memory_kind == device.info.memories[0].kind

    def test_each_buffer_has_bytes_of_its_own(self) -> None:
        with self.opened() as device:
            views = [put(device, _bytes(100, value)) for value in range(1, 6)]
            for value, view in enumerate(views, 1):
                assert bytes(fetch(device, view).host()) == bytes([value]) * 100

    def test_memory_that_comes_back_is_zeroed_again(self) -> None:
        with self.opened() as device:
            for size in SIZES:
                used = put(device, _bytes(size, 255))
                assert device.synchronize(60)
                used.buffer.free()
                del used
                assert bytes(fetch(device, blank(device, "u8", (size,))).host()) == bytes(size)

    def test_its_gauges_are_some_that_metrics_take(self) -> None:
        with self.opened() as device:
            gauges = getattr(device, "gauges", None)
            if gauges is None:
                skip("the device measures nothing of itself")
            for _ in range(2):
                read = Metrics()
                for name, labels, value in gauges():
                    read.gauge(name, lambda value=value: float(value), **labels)
                assert len(read.snapshot().values) == len(list(gauges())), "two have one name and the same labels"

    def test_no_bytes_are_memory_too(self) -> None:
        with self.opened() as device:
            for memory in device.info.memories:
                buffer = device.allocate(0, memory.kind)
                assert buffer.nbytes == 0
                assert fetch(device, BufferView(buffer, "i64", (0, 3), (24, 8))).shape == (0, 3)
                buffer.free()

    def test_a_negative_size_is_refused(self) -> None:
        with self.opened() as device:
            for memory in device.info.memories:
                error = attempt(lambda kind=memory.kind: device.allocate(-1, kind))
                assert isinstance(error, BufferError_), "it allocated -1 bytes"
                assert error.code == "HY2004"

    def test_an_unknown_kind_is_refused(self) -> None:
        with self.opened() as device:
            error = attempt(lambda: device.allocate(8, "no such memory"))
            assert isinstance(error, DeviceError)
            assert error.code == "HY5015"
            for memory in device.info.memories:
                assert memory.kind in str(error), "the message lists the kinds"

    def test_too_much_is_refused_and_harms_nothing(self) -> None:
        with self.opened() as device:
            for memory in device.info.memories:
                for size in (1 << 60, 1 << 100):
                    error = attempt(lambda kind=memory.kind, size=size: device.allocate(size, kind))
                    assert isinstance(error, DeviceError), f"{size} bytes were there"
                    assert error.code == "HY5001"
                assert device.allocate(8, memory.kind).nbytes == 8

    def test_full_memory_is_refused_and_comes_back(self) -> None:
        if not self.fillable:
            skip("`fillable` does not let the tests fill the device's memory")
        piece = max(1, self.fillable // 8)
        with self.opened() as device:
            for _ in range(3):
                taken: list[Buffer] = []
                error: object = None
                while error is None and len(taken) <= 1000:
                    found = attempt(lambda: device.allocate(piece))
                    if isinstance(found, Exception):
                        error = found
                    else:
                        taken.append(found)
                assert isinstance(error, DeviceError), "the memory is never full"
                assert error.code == "HY5001"
                assert len(taken) >= 7, "the memory is full too soon"
                taken.pop().free()
                assert device.allocate(piece).nbytes == piece, "freed memory did not come back"

    def test_the_host_reaches_what_it_is_said_to_reach(self) -> None:
        with self.opened() as device:
            for memory in device.info.memories:
                buffer = device.allocate(16, memory.kind)
                if not memory.host:
                    assert code_of(buffer.host) == "HY2002"
                    continue
                assert bytes(buffer.host()) == bytes(16)
                buffer.host()[3] = 7
                assert bytes(fetch(device, BufferView(buffer, "u8", (16,), (1,))).host())[3] == 7

    def test_memory_of_the_device_is_no_array_of_the_host(self) -> None:
        import numpy as np

        with self.opened() as device:
            for memory in device.info.memories:
                view: Any = blank(device, "f64", (3,), memory.kind)  # Any: NumPy's stubs know capsules only
                if memory.host:
                    assert np.asarray(view).tolist() == [0.0, 0.0, 0.0]
                    continue
                for read in (np.asarray, np.array, np.from_dlpack, view.__class__.copy):
                    assert code_of(lambda read=read, view=view: read(view)) == "HY2002"

    def test_freed_memory_is_not_used(self) -> None:
        with self.opened() as device:
            view, host = blank(device, "u8", (8,)), allocate_view("u8", (8,))
            view.buffer.free()
            view.buffer.free()
            assert code_of(view.buffer.host) == "HY2007"
            assert code_of(lambda: device.copy(view, host)) == "HY2007"
            assert code_of(lambda: device.copy(host, view)) == "HY2007"
            assert view.buffer.nbytes == 8

    def test_nothing_is_kept_of_memory_that_went(self) -> None:
        with self.opened() as device:
            assert device.synchronize(60)
            before = self.used(device)
            view = put(device, _bytes(4096, 1))
            fetch(device, view)
            gone = weakref.ref(view)
            if before is not None:
                assert (self.used(device) or 0) >= before + 4096, "memory that is taken is not counted"
            del view
            gc.collect()
            assert gone() is None, "the device keeps views that nobody else has"
            assert self.used(device) == before, "memory was not given back"
