"""Ends: waiting with a limit, closing, and the loss of a device."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

from hyperion.buffers.host import allocate_view
from hyperion.errors import DeviceError, DeviceLostError
from hyperion.interfaces.device import Device
from hyperion.testing.device_checks.runs import IN_ORDER, SCALED
from hyperion.testing.device_checks.subject import DeviceSubject, blank, code_of, fetched, put, ran
from hyperion.testing.programs import attempt, same
from hyperion.tokens import NOTHING


class EndChecks(DeviceSubject):
    def test_waiting_for_nothing_is_done_at_once(self) -> None:
        with self.opened() as device:
            for timeout in (None, 0, 0.001, 1.0):
                assert device.synchronize(timeout) is True

    def test_closing_twice_is_closing_once(self) -> None:
        device = self.make()
        device.close()
        assert device.state == "closed"
        device.close()
        assert device.state == "closed"

    def test_closing_waits_for_the_work(self) -> None:
        import numpy as np

        device = self.make()
        host = allocate_view("f64", (1000,))
        try:
            there = put(device, np.arange(1000.0))
            device.copy(there, host)
        finally:
            device.close()
        assert np.asarray(host).tolist() == np.arange(1000.0).tolist()

    def test_nothing_works_after_closing(self) -> None:
        device = self.make()
        there, host = blank(device, "u8", (4,)), allocate_view("u8", (4,))
        device.close()
        for use in _uses(device, lambda: device.copy(there, host), lambda: device.copy(host, there)):
            error = attempt(use)
            assert isinstance(error, DeviceError)
            assert not isinstance(error, DeviceLostError)
            assert error.code == "HY5014"
        assert device.info.address in _message(device)
        there.buffer.free()

    def test_nothing_runs_after_closing(self) -> None:
        function = self.compiled(SCALED)
        device = self.make()
        device.close()
        assert code_of(lambda: device.run(function, [], NOTHING)) == "HY5014"

    def test_it_opens_again(self) -> None:
        import numpy as np

        for _ in range(3):
            with self.opened() as device:
                assert device.state == "open"
                assert fetched(device, put(device, np.arange(3))).tolist() == [0, 1, 2]

    def test_two_of_them_keep_apart(self) -> None:
        import numpy as np

        with self.opened() as first, self.opened() as second:
            views = [put(device, np.full(4, n)) for n, device in enumerate((first, second))]
            first.close()
            assert fetched(second, views[1]).tolist() == [1] * 4

    def test_a_device_that_nobody_has_goes(self) -> None:
        device = self.make()
        put(device, allocate_view("u8", (100,)))
        gone = weakref.ref(device)
        device.close()
        del device
        gc.collect()
        assert gone() is None, "something keeps closed devices"

    def test_a_lost_device_says_so(self) -> None:
        device = self.make()
        there, host = blank(device, "u8", (4,)), allocate_view("u8", (4,))
        try:
            info = device.info
            self.lose(device)
            assert device.state == "lost"
            assert device.info == info
            for use in _uses(device, lambda: device.copy(there, host), lambda: device.copy(host, there)):
                error = attempt(use)
                assert isinstance(error, DeviceLostError), f"{error!r}"
                assert error.code == "HY5012"
                assert info.address in error.message
            assert code_of(there.buffer.host) == "HY5012"
            there.buffer.free()
        finally:
            device.close()
        device.close()

    def test_nothing_runs_on_a_lost_device(self) -> None:
        function = self.compiled(IN_ORDER)
        with self.opened() as device:
            assert same(ran(device, function, IN_ORDER.arrays()), IN_ORDER.results)
            self.lose(device)
            assert code_of(lambda: device.run(function, [], NOTHING)) == "HY5012"
        with self.opened() as device:
            assert same(ran(device, function, IN_ORDER.arrays()), IN_ORDER.results)


def _uses(device: Device, *others: Callable[[], object]) -> tuple[Callable[[], object], ...]:
    return (lambda: device.allocate(8), lambda: device.allocate(0), device.synchronize, *others)


def _message(device: Device) -> str:
    return str(attempt(device.synchronize))
