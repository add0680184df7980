"""Results in memory that is given, for devices that say that they take it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hyperion.buffers.host import allocate_view
from hyperion.errors import BufferError_, DeviceError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.device import InPlaceDevice
from hyperion.testing.device_checks.runs import INVERTED, SCALED
from hyperion.testing.device_checks.subject import DeviceSubject, Elsewhere, blank, fetched, put, ran, sent, skip
from hyperion.testing.programs import attempt
from hyperion.tokens import NOTHING


class InPlaceChecks(DeviceSubject):
    def in_place(self) -> InPlaceDevice:
        device = self.make()
        if not isinstance(device, InPlaceDevice):
            device.close()
            skip("the device has no `takes_outs`: its results are new memory")
        return device

    def test_results_are_written_to_given_memory(self) -> None:
        """Also to parts of one array, and to what is not one element after the other; nothing beside them changes."""
        import numpy as np

        function, device = self.compiled(SCALED), self.in_place()
        values = np.arange(40.0)
        given = put(device, values)
        for start, stop, step in ((0, 40, 1), (3, 20, 1), (20, 40, 1), (0, 40, 3), (39, 20, -2), (7, 7, 1)):
            whole, expected = put(device, np.full(40, -1.0)), np.full(40, -1.0)
            out, read = whole[start:stop:step], given[start:stop:step]
            expected[start:stop:step] = values[start:stop:step] * 2.0
            (result,) = device.run(function, [read, 2.0], NOTHING, [out])
            assert result is out
            assert fetched(device, whole).tolist() == expected.tolist(), f"{start}:{stop}:{step}"
            (result,) = device.run(function, [read, 2.0], NOTHING, [None])
            assert isinstance(result, BufferView)
            assert fetched(device, result).tolist() == (values[start:stop:step] * 2.0).tolist()
        device.close()

    def test_the_next_work_reads_what_was_written(self) -> None:
        import numpy as np

        function, device = self.compiled(SCALED), self.in_place()
        there: list[Any] = [put(device, np.arange(100.0)), blank(device, "f64", (100,))]  # Any: objects of the results
        for _ in range(4):
            device.run(function, [there[0], 2.0], NOTHING, [there[1]])
            there.reverse()
        assert fetched(device, there[0]).tolist() == (np.arange(100.0) * 16).tolist()
        device.close()

    def test_memory_that_does_not_fit_is_refused_and_not_written(self) -> None:
        import numpy as np

        function, device = self.compiled(SCALED), self.in_place()
        given, marked = put(device, np.arange(4.0)), np.full(8, -1.0)
        there = put(device, marked)
        wrong: dict[str, list[list[BufferView | None]]] = {
            "HY2001": [[there], [there[:3]], [put(device, np.arange(4))], [], [there[:4], there[4:]]],
            "HY2008": [[given], [given[::-1]], [replace(there[:1], shape=(4,), strides=(0,))]],
            "HY2010": [[there[:4].read_only()]],
        }
        for code, outs in wrong.items():
            for each in outs:
                error = attempt(lambda each=each: device.run(function, [given, 2.0], NOTHING, each))
                assert isinstance(error, BufferError_), f"{each} was taken"
                assert error.code == code, f"{each}: {error}"
        assert fetched(device, there).tolist() == marked.tolist()
        assert fetched(device, given).tolist() == [0.0, 1.0, 2.0, 3.0]
        stranger = BufferView(Elsewhere(), "f64", (4,), (8,))
        error = attempt(lambda: device.run(function, [given, 2.0], NOTHING, [stranger]))
        assert isinstance(error, DeviceError)
        assert error.code == "HY5016"
        device.close()

    def test_a_trap_is_the_same_as_without_memory(self) -> None:
        import numpy as np

        function, device = self.compiled(INVERTED), self.in_place()
        out = blank(device, "i64", (3,))
        error = attempt(lambda: device.run(function, sent(device, INVERTED.arrays()), NOTHING, [out]))
        assert type(error if isinstance(error, Exception) else attempt(device.synchronize)) is INVERTED.trap
        good = np.array([1, 2, 4])
        again = blank(device, "i64", (3,))
        device.run(function, [put(device, good)], NOTHING, [again])
        assert fetched(device, again).tolist() == ran(device, function, [good])[0].tolist()
        device.close()

    def test_memory_that_is_not_cleared_is_memory(self) -> None:
        device = self.in_place()
        for memory in device.info.memories:
            for size in (0, 1, 4096, (1 << 20) + 3):
                buffer = device.allocate(size, memory.kind, cleared=False)
                assert (buffer.nbytes, buffer.memory_kind, buffer.device) == (size, memory.kind, device.info.address)
                written = allocate_view("u8", (size,))
                written.host()[:] = bytes([7]) * size
                there = BufferView(buffer, "u8", (size,), (1,))
                device.copy(written, there)
                assert fetched(device, there).tolist() == [7] * size
        assert bytes(fetched(device, blank(device, "u8", (4096,)))) == bytes(4096), "what is cleared is zeros"
        device.close()
