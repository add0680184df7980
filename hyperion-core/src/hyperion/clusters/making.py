"""Clusters from addresses, open devices and files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from hyperion.clusters.cluster import DeviceCluster
from hyperion.clusters.described import DescribedCluster, described
from hyperion.clusters.description import DescribedDevice, DescribedLink, Description
from hyperion.clusters.reading import read_description
from hyperion.errors import DeviceError
from hyperion.interfaces.cluster import Link
from hyperion.interfaces.device import Device
from hyperion.opened import Opened

Devices = str | os.PathLike[str] | Sequence[str | Device]
"""The path of a description, or devices in their order: addresses, and open ones."""
Links = Mapping[tuple[str, str], Link]
"""Links by their two addresses, each for one direction; `host` is an address too."""


def described_cluster(opened: Opened, devices: Devices, links: Links | None) -> DescribedCluster:
    """What is known of a cluster without opening it. Raises as `Instance.describe` does."""
    return described(opened, _description(devices, links or {}))


def cluster_of(opened: Opened, devices: Devices, links: Links | None, measure: bool) -> DeviceCluster:
    """Opens what is not open. Raises as `Instance.cluster` does."""
    known = described_cluster(opened, devices, links)
    _all_here(known)
    said = known.description.devices
    found = tuple(_opened(opened, info.address, device) for info, device in zip(known.devices, said, strict=True))
    options = {info.address: device.options for info, device in zip(known.devices, said, strict=True)}
    names = tuple(device.address for device in said)
    reopen = partial(opened.device, options={})
    cluster = DeviceCluster(found, known.topology, names, known.name, options, reopen)
    return cluster.measured() if measure else cluster


def _description(devices: Devices, links: Links) -> Description:
    if isinstance(devices, str | os.PathLike):
        said = read_description(devices)
        if links:
            raise DeviceError(
                "HY5036", "links are given, and the file describes its own", hints=["leave one of them out"]
            )
        return said
    _check_given(devices, links)
    ways = tuple(DescribedLink(source, target, link) for (source, target), link in links.items())
    return Description(tuple(_device(device) for device in devices), ways)


def _check_given(devices: object, links: Mapping[tuple[str, str], object]) -> None:
    if isinstance(devices, Mapping) or not isinstance(devices, Iterable):
        hints = ['cluster(["cpu:0", instance.device(address, **options)]); a file has options too']
        raise DeviceError("HY5034", f"{devices!r} is no list of devices", hints=hints)
    for ends, link in links.items():
        if not isinstance(link, Link) or len(ends) != 2:
            hints = ['links={("host", "virtual:0"): Link(latency, bandwidth)}']
            raise DeviceError("HY5034", f"{ends!r}: {link!r} is no link of a cluster", hints=hints)


def _device(given: object) -> DescribedDevice:
    if isinstance(given, str):
        return DescribedDevice(given)
    if not isinstance(given, Device):
        hints = ['name it by its address, such as "cpu:0", or give what `instance.device(address)` gives']
        raise DeviceError("HY5034", f"{given!r} is no device of a cluster", hints=hints)
    if given.state == "closed":
        raise DeviceError(
            "HY5014", f"{given.info.address} is closed", hints=["open it again: instance.device(address)"]
        )
    return DescribedDevice(given.info.address, device=given)


def _all_here(cluster: DescribedCluster) -> None:
    missing = cluster.missing
    if missing:
        said = cluster.description.devices[cluster.devices.index(missing[0])]
        message = f"{len(missing)} of the cluster's {len(cluster.devices)} devices are not here"
        reasons = [f"{info.address}: {info.absent}" for info in missing]
        hints = ["`hyperion devices` lists those that are; `instance.describe` takes a cluster that is not here"]
        raise DeviceError("HY5011", message, said.span, reasons, hints)


def _opened(opened: Opened, address: str, said: DescribedDevice) -> Device:
    if said.device is not None:
        return said.device
    try:
        return opened.device(address, said.options)
    except DeviceError as error:
        error.span = error.span or said.span
        raise
