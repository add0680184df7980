"""What one Instance opened: devices by address, executors and networks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from hyperion import log
from hyperion._exiting import no_exit
from hyperion._nearest import nearest
from hyperion.errors import RAISED, DeviceError, HyperionError, PluginError
from hyperion.metrics import Metrics, Sample, Series
from hyperion.plugins import PluginHost
from hyperion.plugins.tables import missing_members

if TYPE_CHECKING:
    from hyperion.interfaces.cluster import Cluster
    from hyperion.interfaces.device import Device, DeviceDriver, DeviceInfo
    from hyperion.interfaces.executor import Executor, ExecutorFactory, Services
    from hyperion.interfaces.network import Network, NetworkProvider


_log = log.logger("metrics")


class Closes(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closes)


class Opened:
    """Every method may be called from any thread, and none holds a lock of all while it calls a plugin. `host` gives
    the plugins, or raises after the Instance was closed; `metrics` gets what open devices and networks count."""

    def __init__(self, host: Callable[[], PluginHost], metrics: Metrics | None = None) -> None:
        self._host = host
        self._metrics = metrics or Metrics()
        self._lock = threading.Lock()
        self._opening: dict[str, threading.RLock] = {}
        self._devices: dict[str, tuple[Device, Mapping[str, object]]] = {}
        self._kept: tuple[list[Closes], ...] = ([], [], [])  # executors, networks, devices: closed in this order
        self._closed = False
        self._metrics.collect(self, Opened._gauges)

    def infos(self) -> dict[str, DeviceInfo]:
        """The devices that are here, by address, and an absent one for each driver that does not work; nothing is
        opened."""
        found = [info for kind in self._host().names("hyperion_devices") for info in self._infos(kind)]
        return {info.address: info for info in found}

    def _infos(self, kind: str) -> Sequence[DeviceInfo]:
        from hyperion.interfaces.device import DeviceInfo

        try:
            driver: DeviceDriver = self._host().get("hyperion_devices", kind)
            found = cast("Sequence[object]", driver.devices())  # a stranger's
            infos = [info for info in found if isinstance(info, DeviceInfo)]
            if len(infos) < len(found):
                raise TypeError(f"`devices` gave {found!r:.80}, which are not all DeviceInfo")
            return infos
        except RAISED as error:
            why = (
                f"{error.code}: {error.message}"
                if isinstance(error, HyperionError)
                else f"{type(error).__name__}: {error}"
            )
            return [DeviceInfo(f"{kind}:0", kind, "unknown", 0, absent=f"its driver does not work: {why}")]

    def driver(self, address: str) -> DeviceDriver:
        """The driver of the address's kind. Raises `DeviceError` (HY5010) for an address without one."""
        kind, colon, number = str(address).partition(":")
        kinds = self._host().names("hyperion_devices")
        if not colon or not number or kind not in kinds:
            near = [f"did you mean {k}:{number or 0}?" for k in nearest(kind, kinds)]
            hints = [
                *self._host().advice("hyperion_devices", kind),
                *near,
                f"kinds of devices here: {', '.join(kinds) or 'none; see `hyperion plugins`'}",
            ]
            raise DeviceError("HY5010", f"there is no device {address!r}: an address is KIND:NUMBER", hints=hints)
        return self._host().get("hyperion_devices", kind)

    def device(self, address: str, options: Mapping[str, object]) -> Device:
        """The open device; opened now if it is not, or was lost: then with the options that it had, unless others are
        given. Raises as `DeviceDriver.open`, and `DeviceError`
        (HY5018) for options where it is open with others, `PluginError` (HY1006) where its driver opens another one."""
        driver = self.driver(address)
        with self._lock:
            opening = self._opening.setdefault(address, threading.RLock())
        with opening:
            device, had = self._devices.get(address) or (None, options)
            if device is not None and device.state == "open":
                if options and options != had:
                    was = f"with {dict(had)}" if had else "without options"
                    message = f"{address} is open already, {was}, not with {dict(options)}"
                    raise DeviceError("HY5018", message, hints=["give the options where it is first used"])
                return device
            if device is not None and device.state == "lost":
                options = options or had
            opened = _checked(_opened(driver, address, options), address)
            self._keep(opened, 2)
            self._devices[address] = (opened, dict(options))
            return opened

    def executor(self, name: str, cluster: Cluster, services: Services, options: Mapping[str, object]) -> Executor:
        from hyperion.interfaces.executor import Executor

        factory: ExecutorFactory = self._host().get("hyperion_executors", name)
        with no_exit(f"the executors {name!r}"):
            made = factory.create(cluster, services, options)
        return self._keep(_made(made, Executor, f"the executors {name!r} made"), 0)

    def networks(self, name: str, size: int) -> Sequence[Network]:
        from hyperion.interfaces.network import CountingNetwork, Network
        from hyperion.network_counts import NetworkCounts

        provider: NetworkProvider = self._host().get("hyperion_networks", name)
        with no_exit(f"the networks {name!r}"):
            connected = provider.connect(size)
        ends = [_made(end, Network, f"the networks {name!r} made") for end in connected]
        counts = NetworkCounts(self._metrics, name)
        for end in ends:
            if isinstance(end, CountingNetwork):
                end.count_by(counts)
        return [self._keep(end, 1) for end in ends]

    def _keep(self, thing: C, order: int) -> C:
        """Keeps it until it is closed. What comes too late is closed, and HY1008 raised."""
        with self._lock:
            closed = self._closed
            if not closed:
                kept = self._kept[order]
                kept[:] = [other for other in kept if not _is_closed(other)]
                kept.append(thing)
        if closed:
            thing.close()
            self._host()
        return thing

    def _gauges(self) -> Iterator[Sample]:
        devices = [device for device, _ in list(self._devices.values()) if device.state == "open"]
        yield "open_devices", {}, len(devices)
        found: dict[Series, Sample] = {}  # devices that share what they measure tell the same
        for device in devices:
            for name, labels, value in _measured(device):
                found[name, tuple(sorted(labels.items()))] = name, labels, value
        yield from found.values()

    def taken(self) -> list[Closes]:
        """What is to be closed, in this order: executors, networks and devices, of each the newest first. Nothing is
        kept from now on."""
        with self._lock:
            self._closed = True
            things = [thing for kept in self._kept for thing in reversed(kept)]
            for kept in self._kept:
                kept.clear()
            self._devices.clear()
        return things


def _measured(device: Device) -> Sequence[Sample]:
    """What a device measures of itself; nothing where it fails, or was lost meanwhile."""
    gauges = getattr(device, "gauges", None)
    try:
        return [] if gauges is None else list(gauges())
    except RAISED as error:
        _log.warning("the gauges of %s cannot be read: %s: %s", device.info.address, type(error).__name__, error)
        return []


def _opened(driver: DeviceDriver, address: str, options: Mapping[str, object]) -> Device:
    """What the driver opens. Whatever else it raises is the reason why it does not."""
    try:
        return driver.open(address, options)
    except HyperionError:
        raise
    except RAISED as error:
        message = f"{address} does not open: {type(error).__name__}: {error}"
        raise DeviceError("HY5011", message, hints=["see `hyperion devices`, or take another device"]) from error


def _checked(device: object, address: str) -> Device:
    """The device, if it is one, and the one that was asked for: none stands for another."""
    from hyperion.interfaces.device import Device

    hints = ["tell the author of its plugin"]
    device = _made(device, Device, f"the driver of {address} opened")
    found = device.info.address
    if found != address:
        device.close()
        raise PluginError("HY1006", f"the driver of {address} opened {found}", hints=hints)
    return device


def _made(thing: object, interface: type[C], what: str) -> C:
    """The thing, if it is what a plugin's factory promised."""
    if isinstance(thing, interface):
        return thing
    notes = [f"it lacks {missing_members(thing, interface)}"]
    message = f"{what} what is no {interface.__name__}: {thing!r:.80}"
    raise PluginError("HY1006", message, notes=notes, hints=["tell the author of its plugin"])


def _is_closed(thing: Closes) -> bool:
    return getattr(thing, "closed", False) is True or getattr(thing, "state", "") == "closed"
