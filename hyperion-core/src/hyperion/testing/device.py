"""What every device must do."""

from __future__ import annotations

from hyperion.errors import HyperionError
from hyperion.interfaces.buffer import Buffer
from hyperion.interfaces.device import Device
from hyperion.testing.programs import attempt


class DeviceConformance:
    """Subclass with `make`, which opens the device."""

    def make(self) -> Device:
        raise NotImplementedError

    def test_it_follows_the_interface(self) -> None:
        device = self.make()
        assert isinstance(device, Device)
        device.close()

    def test_it_says_what_it_is(self) -> None:
        device = self.make()
        info = device.info
        assert info.address.startswith(f"{info.kind}:")
        assert info.workers >= 1
        assert info.memory >= 0
        assert info.description
        device.close()

    def test_new_memory_is_zeroed_and_its_own(self) -> None:
        device = self.make()
        first, second = device.allocate(100), device.allocate(100)
        assert isinstance(first, Buffer)
        assert first.device == device.info.address
        assert bytes(first.host()) == bytes(100)
        first.host()[0] = 1
        assert second.host()[0] == 0
        device.close()

    def test_no_memory_of_negative_size(self) -> None:
        device = self.make()
        error = attempt(lambda: device.allocate(-1))
        device.close()
        assert isinstance(error, HyperionError), "it allocated -1 bytes"

    def test_closing_twice_is_closing_once(self) -> None:
        device = self.make()
        device.close()
        device.close()
