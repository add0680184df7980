"""A cluster as far as it is known without opening anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from hyperion.clusters.description import (
    DescribedDevice,
    DescribedLink,
    Description,
    made_of_the_same,
    raise_all,
    twice,
)
from hyperion.clusters.rendering import document, listing
from hyperion.diagnostics import json_text
from hyperion.errors import RAISED, DeviceError, HyperionError, PluginError
from hyperion.interfaces.cluster import HOST, Link, Topology
from hyperion.interfaces.device import DeviceDriver, DeviceInfo

T = TypeVar("T")


class Drivers(Protocol):
    def driver(self, address: str) -> DeviceDriver:
        """Raises `DeviceError` (HY5010) for an address of no kind."""
        ...


@dataclass(frozen=True, slots=True)
class DescribedCluster:
    """Devices in their order, here or absent, and what is known of the links between them.

    `description` is what was asked for: its addresses are names here, since a driver may take them to mean something
    else together (`cpu:0` and `cpu:1` are halves of the processors).
    """

    devices: tuple[DeviceInfo, ...]
    topology: Topology
    description: Description = field(compare=False)

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def missing(self) -> tuple[DeviceInfo, ...]:
        """The devices that are not here; `absent` says why."""
        return tuple(info for info in self.devices if info.absent)

    def describe(self) -> str:
        """Devices and links as text."""
        return listing(self.name, self.devices, [_state(info) for info in self.devices], self.topology)

    def json(self) -> dict[str, object]:
        """The same as values that JSON has; bandwidths without a limit are None."""
        return document(self.name, self.devices, [_state(info) for info in self.devices], self.topology)

    def to_json(self) -> str:
        return json_text(self.json())

    def to_toml(self) -> str:
        """A file that describes this cluster: the text that `Instance.cluster` reads."""
        return self.description.to_toml()


def _state(info: DeviceInfo) -> str:
    return "absent" if info.absent else "here"


def described(drivers: Drivers, said: Description) -> DescribedCluster:
    """Opens nothing. Raises `DeviceError`: HY5010 for addresses that no device can have, HY5030 where two of them mean
    one device or are made of the same parts, HY5039 for memory that is said to be shared and is not."""
    addresses = _together(drivers, said.devices)
    raise_all(list(twice(addresses, said.devices)))
    infos: list[DeviceInfo] = []
    errors: list[DeviceError] = []
    for address, device in zip(addresses, said.devices, strict=True):
        try:
            infos.append(device.device.info if device.device else _info(drivers.driver(address), address))
        except DeviceError as error:
            errors.append(_placed(error, device))
    raise_all(errors)
    raise_all(list(made_of_the_same(infos, [device.span for device in said.devices])))
    meant = dict(zip([d.address for d in said.devices], addresses, strict=True))
    return DescribedCluster(tuple(infos), _topology(infos, said.links, {HOST: HOST, **meant}), said)


def _info(driver: DeviceDriver, address: str) -> DeviceInfo:
    info = _answer(address, lambda: driver.describe(address))
    if info.address != address:
        hints = ["tell the author of its plugin"]
        raise PluginError("HY1006", f"the driver of {address} describes {info.address}", hints=hints)
    return info


def _answer(address: str, ask: Callable[[], T]) -> T:
    """What a driver answers; an error that none should raise names it."""
    try:
        return ask()
    except HyperionError:
        raise
    except RAISED as error:
        message = f"the driver of {address} raised {type(error).__name__}: {error}"
        raise PluginError("HY1006", message, hints=["tell the author of its plugin"]) from error


def _placed(error: DeviceError, device: DescribedDevice) -> DeviceError:
    error.span = error.span or device.span
    return error


def _together(drivers: Drivers, devices: Sequence[DescribedDevice]) -> list[str]:
    """Each address as its driver means it among the others of its kind; open devices keep theirs."""
    meant = [d.address for d in devices]
    kinds: dict[str, list[int]] = {}
    for number, device in enumerate(devices):
        if device.device is None:
            kinds.setdefault(device.address.partition(":")[0], []).append(number)
    errors: list[DeviceError] = []
    for numbers in kinds.values():
        addresses = [meant[n] for n in numbers]
        try:
            driver = drivers.driver(addresses[0])
            found = _answer(addresses[0], lambda driver=driver, asked=addresses: list(driver.together(asked)))
            if len(found) != len(numbers):
                message = f"the driver of {addresses[0]} takes {len(numbers)} devices for {len(found)}"
                raise PluginError("HY1006", message, hints=["tell the author of its plugin"])
            for number, address in zip(numbers, found, strict=True):
                meant[number] = address
        except DeviceError as error:
            errors.append(_placed(error, devices[numbers[0]]))
    raise_all(errors)
    return meant


def _topology(infos: Sequence[DeviceInfo], links: Sequence[DescribedLink], meant: Mapping[str, str]) -> Topology:
    in_host = {HOST} | {info.address for info in infos if reads_host_memory(info)}
    errors: list[DeviceError] = []
    for said in links:
        if said.link.shared and not {meant[said.source], meant[said.target]} <= in_host:
            message = f"{said.source} and {said.target} do not share memory: the host does not read both in place"
            hints = ["leave out `shared`, and say latency and bandwidth"]
            errors.append(DeviceError("HY5039", message, said.span, hints=hints))
    raise_all(errors)
    return completed(infos, {(meant[said.source], meant[said.target]): said.link for said in links})


def reads_host_memory(info: DeviceInfo) -> bool:
    """Whether what the device makes lies where the host reads it."""
    return bool(info.memories) and info.memories[0].host


def completed(infos: Sequence[DeviceInfo], links: Mapping[tuple[str, str], Link]) -> Topology:
    """The links, and memory that is shared with the host as the drivers say."""
    shared = Link(shared=True)
    in_host = [info.address for info in infos if reads_host_memory(info)]
    ways = {way: shared for address in in_host for way in ((HOST, address), (address, HOST))}
    return Topology({**ways, **links})
