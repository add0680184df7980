"""A cluster from addresses and devices."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.clusters.cluster import DeviceCluster
from hyperion.errors import DeviceError
from hyperion.interfaces.cluster import Topology
from hyperion.interfaces.device import Device
from hyperion.opened import Opened


def cluster_of(opened: Opened, devices: Sequence[str | Device]) -> DeviceCluster:
    """The devices in this order. Raises `DeviceError` (HY5030) for none, or one that is named twice."""
    meant = _together(opened, devices)
    found = tuple(d if isinstance(d, Device) else opened.device(d, {}) for d in meant)
    addresses = [device.info.address for device in found]
    twice = next((a for a in addresses if addresses.count(a) > 1), None)
    if twice or not found:
        raise DeviceError(
            "HY5030", f"the cluster names {twice} twice" if twice else "a cluster has at least one device"
        )
    return DeviceCluster(found, Topology({}))


def _together(opened: Opened, devices: Sequence[str | Device]) -> list[str | Device]:
    """Each address as its driver means it among the others of its kind."""
    meant = list(devices)
    kinds = dict.fromkeys(d.partition(":")[0] for d in devices if isinstance(d, str))
    for kind in kinds:
        places = [n for n, d in enumerate(devices) if isinstance(d, str) and d.partition(":")[0] == kind]
        addresses = [str(devices[n]) for n in places]
        for place, address in zip(places, opened.driver(addresses[0]).together(addresses), strict=True):
            meant[place] = address
    return meant
