"""An immutable, ordered set of open devices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hyperion.interfaces.cluster import Topology
from hyperion.interfaces.device import Device


@dataclass(frozen=True, slots=True)
class DeviceCluster:
    """Follows `hyperion.interfaces.cluster.Cluster`; made by `Instance.cluster`."""

    devices: tuple[Device, ...]
    topology: Topology

    def __len__(self) -> int:
        return len(self.devices)

    def __iter__(self) -> Iterator[Device]:
        return iter(self.devices)

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(device.info.address for device in self.devices)
