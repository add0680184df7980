"""What one Instance opened: devices by address, executors and networks. Closed in reverse order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from hyperion._nearest import nearest
from hyperion.errors import DeviceError
from hyperion.plugins import PluginHost

if TYPE_CHECKING:
    from hyperion.interfaces.cluster import Cluster
    from hyperion.interfaces.device import Device, DeviceDriver, DeviceInfo
    from hyperion.interfaces.executor import Executor, ExecutorFactory, Services
    from hyperion.interfaces.network import Network, NetworkProvider


class Closes(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closes)


class Opened:
    """Every method may be called from any thread. `host` gives the plugins, or raises after the Instance was closed."""

    def __init__(self, host: Callable[[], PluginHost]) -> None:
        self._host = host
        self._lock = threading.RLock()
        self._devices: dict[str, Device] = {}
        self._things: list[Closes] = []

    def infos(self) -> dict[str, DeviceInfo]:
        """The devices that are here, by address; nothing is opened."""
        drivers: Mapping[str, DeviceDriver] = self._host().all("hyperion_devices")
        return {info.address: info for driver in drivers.values() for info in driver.devices()}

    def driver(self, address: str) -> DeviceDriver:
        """The driver of the address's kind. Raises `DeviceError` (HY5010) for an address without one."""
        kind, colon, number = address.partition(":")
        kinds = self._host().names("hyperion_devices")
        if not colon or not number or kind not in kinds:
            near = [f"did you mean {k}:0?" for k in nearest(kind, kinds)]
            hints = [*near, f"kinds of devices here: {', '.join(kinds) or 'none; see `hyperion plugins`'}"]
            raise DeviceError("HY5010", f"there is no device {address!r}: an address is KIND:NUMBER", hints=hints)
        return self._host().get("hyperion_devices", kind)

    def device(self, address: str, options: Mapping[str, object]) -> Device:
        """The open device; opened now if it is not, or was lost. Raises as `DeviceDriver.open`, and `DeviceError`
        (HY5018) for options where it is open already."""
        driver = self.driver(address)
        with self._lock:
            found = self._devices.get(address)
            if found is None or found.state != "open":
                found = self._devices[address] = self._keep(driver.open(address, options))
            elif options:
                raise DeviceError("HY5018", f"{address} is open already, and was not opened with these options")
            return found

    def executor(self, name: str, cluster: Cluster, services: Services) -> Executor:
        factory: ExecutorFactory = self._host().get("hyperion_executors", name)
        return self._keep(factory.create(cluster, services))

    def networks(self, name: str, size: int) -> Sequence[Network]:
        provider: NetworkProvider = self._host().get("hyperion_networks", name)
        return [self._keep(end) for end in provider.connect(size)]

    def _keep(self, thing: C) -> C:
        with self._lock:
            self._things.append(thing)
        return thing

    def close(self) -> list[Exception]:
        """Closes everything, the newest first; what went wrong."""
        with self._lock:
            things, self._things = self._things, []
            self._devices = {}
        failures: list[Exception] = []
        for thing in reversed(things):
            try:
                thing.close()
            except Exception as error:
                failures.append(error)
        return failures
