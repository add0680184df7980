"""The driver: it knows its devices without opening one."""

from __future__ import annotations

from hyperion.errors import DeviceError
from hyperion.interfaces.device import Device, DeviceDriver
from hyperion.testing.device_checks.subject import DeviceSubject, code_of, skip
from hyperion.testing.programs import attempt


class DriverChecks(DeviceSubject):
    def test_the_driver_follows_its_interface(self) -> None:
        driver = self.driver()
        assert isinstance(driver, DeviceDriver)
        assert driver.kind
        assert ":" not in driver.kind

    def test_it_lists_the_devices_that_are_here(self) -> None:
        driver = self.driver()
        listed = driver.devices()
        assert len({info.address for info in listed}) == len(listed), "two devices have one address"
        for info in listed:
            assert info.address.startswith(f"{driver.kind}:")
            assert info.kind == driver.kind
            assert not info.absent, f"{info.address} is listed and not here: {info.absent}"
            assert driver.describe(info.address) == info
        assert driver.devices() == listed, "the devices of a machine do not change by being asked for"

    def test_it_says_what_a_device_is(self) -> None:
        for info in self.driver().devices():
            assert info.description
            assert info.workers >= 1
            assert info.memory >= 0
            assert info.memories, f"{info.address} has no memory"
            assert len({memory.kind for memory in info.memories}) == len(info.memories)
            for memory in info.memories:
                assert memory.kind
                assert memory.nbytes >= 0
                assert memory.alignment >= 1
                assert memory.alignment & (memory.alignment - 1) == 0, "an alignment is a power of two"

    def test_other_addresses_are_refused(self) -> None:
        driver = self.driver()
        kind = driver.kind
        for address in ("", kind, f"{kind}:", f"{kind}:moon", f"{kind}:-1", f"{kind}:0:0", f"not-{kind}:0", "0"):
            asked = attempt(lambda a=address: driver.describe(a)), attempt(lambda a=address: driver.open(a, {}))
            for error in asked:
                assert isinstance(error, DeviceError), f"{address!r} was taken"
                assert error.code == "HY5010"

    def test_an_absent_device_is_described_and_does_not_open(self) -> None:
        if not self.absent:
            skip("`absent` names no address of an absent device")
        driver = self.driver()
        info = driver.describe(self.absent)
        assert info.address == self.absent
        assert info.absent, "an absent device has a reason"
        assert info.target == driver.devices()[0].target, "code is made for absent devices too"
        assert all(other.address != self.absent for other in driver.devices())
        error = attempt(lambda: driver.open(self.absent, {}))
        assert isinstance(error, DeviceError)
        assert error.code == "HY5011"
        assert self.absent in error.message

    def test_unknown_options_are_refused(self) -> None:
        driver = self.driver()
        address = driver.devices()[0].address
        assert code_of(lambda: driver.open(address, {"no such option": 1})) == "HY5013"

    def test_devices_of_one_cluster_are_told_apart(self) -> None:
        driver = self.driver()
        addresses = [info.address for info in driver.devices()]
        for some in ([], addresses[:1], addresses):
            meant = list(driver.together(some))
            assert len(meant) == len(some)
            assert len(set(meant)) == len(meant)
            for address in meant:
                assert not driver.describe(address).absent

    def test_an_open_device_is_the_one_described(self) -> None:
        driver = self.driver()
        with self.opened() as device:
            assert isinstance(device, Device)
            assert device.state == "open"
            described = driver.describe(device.info.address)
            assert (described.kind, described.target) == (device.info.kind, device.info.target)
            assert described.identity == device.info.identity
            assert [m.kind for m in described.memories] == [m.kind for m in device.info.memories]
