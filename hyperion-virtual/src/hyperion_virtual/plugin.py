"""Registers the driver of virtual devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.device import DeviceDriver

HYPERION_API = (1, 0)


def _driver() -> DeviceDriver:
    from hyperion_virtual.driver import VirtualDriver

    return VirtualDriver()


@hookimpl
def hyperion_devices() -> dict[str, Callable[[], DeviceDriver]]:
    return {"virtual": _driver}
