"""Devices that are closed and functions that are let go on after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hyperion.interfaces.codegen import CompiledFunction
from hyperion.ir.parser import parse_program
from hyperion.testing.held import Held
from hyperion_interp.target import ReferenceTarget
from hyperion_virtual.device import VirtualDevice
from hyperion_virtual.driver import VirtualDriver

Open = Callable[..., VirtualDevice]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens a virtual device with these options."""
    devices: list[VirtualDevice] = []

    def opens(address: str = "virtual:0", **options: object) -> VirtualDevice:
        devices.append(VirtualDriver().open(address, options))
        return devices[-1]

    yield opens
    for device in devices:
        device.lose("the test is over")  # work that a failed test left does not hold up the others
        device.close()


@pytest.fixture
def held() -> Iterator[Callable[[Callable[..., object]], Held]]:
    made: list[Held] = []

    def holds(function: Callable[..., object]) -> Held:
        made.append(Held(function))
        return made[-1]

    yield holds
    for one in made:
        one.go.set()


@pytest.fixture
def compiled() -> Callable[[str], CompiledFunction]:
    return lambda text: ReferenceTarget().compile(parse_program(text))
