"""An immutable, ordered set of open devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import overload

from hyperion.clusters.described import completed
from hyperion.clusters.description import DescribedDevice, DescribedLink, Description, made_of_the_same, raise_all
from hyperion.clusters.rendering import document, listing
from hyperion.diagnostics import json_text
from hyperion.errors import DeviceError
from hyperion.interfaces.cluster import HOST, Link, Topology
from hyperion.interfaces.device import Device, DeviceInfo

Which = int | str | Device
"""A device of a cluster: by its place, by its address or the name that it was asked for by, or itself."""


def _unable(address: str) -> Device:
    hints = ["give an open device, or make the cluster by `Instance.cluster`"]
    raise DeviceError("HY5010", f"no Instance made this cluster, so that {address!r} cannot be opened", hints=hints)


def _none() -> Mapping[str, Mapping[str, object]]:
    return {}


@dataclass(frozen=True, slots=True, repr=False)
class DeviceCluster:
    """Devices in their order, and the links between them; made by `Instance.cluster`.

    Follows `hyperion.interfaces.cluster.Cluster`. Nothing of it changes but the states of its devices: `replaced`,
    `only` and `measured` give other clusters. Two are equal where they have the same open devices in one order, and
    equal links. `names` are the addresses that were asked for, where those of the devices differ: `cpu:0` of
    `cluster(["cpu:0", "cpu:1"])` is the device `cpu:0/2`. `options` are those that were asked for, by address; `opener`
    opens an address for `replaced`.

    Raises `DeviceError` (HY5030) for no device, one that is named twice, or two that are made of the same parts.
    """

    devices: tuple[Device, ...]
    topology: Topology
    names: tuple[str, ...] = field(default=(), compare=False)
    name: str = field(default="", compare=False)
    options: Mapping[str, Mapping[str, object]] = field(default_factory=_none, compare=False)
    opener: Callable[[str], Device] = field(default=_unable, compare=False)

    def __post_init__(self) -> None:
        Description(tuple(DescribedDevice(a) for a in self.addresses))  # which refuses none, and one twice
        infos = [device.info for device in self.devices]
        raise_all(list(made_of_the_same(infos, [None] * len(infos))))
        object.__setattr__(self, "topology", completed(infos, self.topology.links))
        object.__setattr__(self, "names", self.names or self.addresses)

    def __hash__(self) -> int:
        return hash((self.addresses, self.topology))

    def __repr__(self) -> str:
        shown = (
            a if d.state == "open" else f"{a} ({d.state})" for a, d in zip(self.addresses, self.devices, strict=True)
        )
        return f"<DeviceCluster {' '.join(shown)}>"

    def __len__(self) -> int:
        return len(self.devices)

    def __iter__(self) -> Iterator[Device]:
        return iter(self.devices)

    def __contains__(self, device: object) -> bool:
        """Whether it has this device, or one of this address or name."""
        return device in (*self.addresses, *self.names) if isinstance(device, str) else device in self.devices

    @overload
    def __getitem__(self, which: int | str) -> Device: ...
    @overload
    def __getitem__(self, which: slice) -> DeviceCluster: ...
    def __getitem__(self, which: int | str | slice) -> Device | DeviceCluster:
        """The device of that place, address or name; for a slice a cluster. Raises as `index`, and HY5030 for an empty
        slice."""
        if isinstance(which, slice):
            return self.only(*range(len(self))[which])
        return self.devices[self.index(which)]

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(device.info.address for device in self.devices)

    @property
    def alive(self) -> tuple[Device, ...]:
        """The devices that are open now."""
        return tuple(device for device in self.devices if device.state == "open")

    @property
    def lost(self) -> tuple[Device, ...]:
        """The devices that are lost now."""
        return tuple(device for device in self.devices if device.state == "lost")

    def index(self, which: Which) -> int:
        """The place of a device. Raises `DeviceError` (HY5038) where the cluster has no such device."""
        if isinstance(which, int):
            found = [which % len(self)] if -len(self) <= which < len(self) else []
        elif isinstance(which, str):
            found = [n for names in (self.addresses, self.names) for n, name in enumerate(names) if name == which]
        else:
            found = [n for n, device in enumerate(self.devices) if device is which]
        if not found:
            what = which.info.address if isinstance(which, Device) else which
            hints = [f"it has 0 to {len(self) - 1}: {', '.join(self.addresses)}"]
            raise DeviceError("HY5038", f"the cluster has no device {what!r}", hints=hints)
        return found[0]

    def link(self, source: Which, target: Which) -> Link:
        """The way between two devices, or from or to `"host"`. Raises as `index`."""
        return self.topology.link(self._end(source), self._end(target))

    def _end(self, which: Which) -> str:
        return HOST if which == HOST else self.addresses[self.index(which)]

    def only(self, *which: Which) -> DeviceCluster:
        """The cluster of these of the devices, in this order. Raises as `index`, and HY5030 for none, or one twice."""
        places = [self.index(w) for w in which]
        devices = tuple(self.devices[n] for n in places)
        names = tuple(self.names[n] for n in places)
        return replace(self, devices=devices, names=names, topology=_among(self.topology, devices))

    def replaced(self, lost: Which, new: str | Device) -> DeviceCluster:
        """The cluster with `new` in the place of `lost`: an open device, or an address, which the Instance opens, again
        where it was lost. Links of `lost` hold for `new` only where it has the same address.

        Raises as `index`, HY5030 where the cluster has `new` or parts of it already, and as `Instance.device` for an
        address.
        """
        place = self.index(lost)
        device = self.opener(new) if isinstance(new, str) else new
        devices = (*self.devices[:place], device, *self.devices[place + 1 :])
        same = device.info.address == self.addresses[place]
        name = self.names[place] if same else device.info.address
        names = (*self.names[:place], name, *self.names[place + 1 :])
        left = devices if same else (*devices[:place], *devices[place + 1 :])
        return replace(self, devices=devices, names=names, topology=_among(self.topology, left))

    def measured(self) -> DeviceCluster:
        """The cluster with the links between the host and its devices as they are measured now, by copies of some
        milliseconds. Links between devices that were described stay as they are. Raises as `Device.copy`."""
        from hyperion.clusters.measuring import measured_links

        links = {way: link for device in self.alive for way, link in measured_links(device).items()}
        return replace(self, topology=Topology({**self.topology.links, **links}))

    def describe(self) -> str:
        """Devices and links as text."""
        return listing(self.name, self._infos, self._states, self.topology)

    def json(self) -> dict[str, object]:
        """The same as values that JSON has; bandwidths without a limit are None."""
        return document(self.name, self._infos, self._states, self.topology)

    def to_json(self) -> str:
        return json_text(self.json())

    def to_toml(self) -> str:
        """A file that describes this cluster: the text that `Instance.cluster` reads."""
        devices = tuple(DescribedDevice(address, self.options.get(address, {})) for address in self.addresses)
        links = tuple(DescribedLink(a, b, link) for a, b, link in self.topology if not link.shared)
        return Description(devices, links, self.name).to_toml()

    @property
    def _infos(self) -> list[DeviceInfo]:
        return [device.info for device in self.devices]

    @property
    def _states(self) -> list[str]:
        return [device.state for device in self.devices]


def _among(topology: Topology, devices: tuple[Device, ...]) -> Topology:
    ends = {HOST, *(device.info.address for device in devices)}
    return Topology({(a, b): link for a, b, link in topology if {a, b} <= ends})
