"""A cluster is an ordered set of open devices with what is known of the ways between them."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal, Protocol, runtime_checkable

from hyperion.errors import DeviceError
from hyperion.interfaces.device import Device

Source = Literal["measured", "described", "assumed"]
HOST: Final = "host"
"""Stands for the host's memory among the addresses of a topology."""


@dataclass(frozen=True, slots=True)
class Link:
    """The way from one memory to another: `latency` in seconds, `bandwidth` in bytes per second, `shared` where both
    are one memory, so that nothing is moved.

    `source` says how it is known: "measured" here, "described" by the user or by a device's driver, or "assumed".
    Raises `DeviceError` (HY5039) for a negative or endless latency, for a bandwidth that is not positive, for NaN, and
    for a shared memory that takes time.
    """

    latency: float = 0.0
    bandwidth: float = math.inf
    shared: bool = False
    source: Source = "described"

    def __post_init__(self) -> None:
        if not (_is_number(self.latency) and 0 <= self.latency < math.inf):
            raise DeviceError("HY5039", f"a latency is a number of seconds, 0 or more, not {self.latency!r}")
        if not (_is_number(self.bandwidth) and self.bandwidth > 0):
            raise DeviceError("HY5039", f"a bandwidth is more than 0 bytes per second, not {self.bandwidth!r}")
        if self.source not in _KNOWN:
            raise DeviceError("HY5039", f"a link is known as one of {', '.join(_KNOWN)}, not {self.source!r}")
        if self.shared and (self.latency or self.bandwidth < math.inf):
            hints = ["leave out latency and bandwidth, or `shared`"]
            raise DeviceError("HY5039", "through shared memory nothing is moved: it takes no time", hints=hints)

    def seconds(self, nbytes: float) -> float:
        """What moving so many bytes takes."""
        return 0.0 if self.shared else self.latency + nbytes / self.bandwidth

    def then(self, other: Link) -> Link:
        """Both ways, one after the other; known as well as the less well known of the two."""
        source = self.source if _KNOWN.index(self.source) > _KNOWN.index(other.source) else other.source
        if self.shared or other.shared:
            return replace(other if self.shared else self, source=source)
        latency = min(self.latency + other.latency, sys.float_info.max)
        low, high = sorted((self.bandwidth, other.bandwidth))
        bandwidth = low if high == math.inf else low / (1 + low / high) or low
        return Link(latency, bandwidth, source=source)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KNOWN: Final[tuple[Source, ...]] = ("measured", "described", "assumed")
ASSUMED: Final = Link(10e-6, 10e9, source="assumed")
"""What is taken for the way between the host and a device where nobody said or measured it: a card on a PCIe bus."""
_NOWHERE: Final = Link(shared=True)


@dataclass(frozen=True, slots=True)
class Topology:
    """Links by their two addresses, each for one direction; `HOST` is an address too.

    Raises `DeviceError` (HY5039) for a link from an address to itself.
    """

    links: Mapping[tuple[str, str], Link] = field(default_factory=dict[tuple[str, str], Link])

    def __post_init__(self) -> None:
        loop = next((source for source, target in self.links if source == target), None)
        if loop is not None:
            raise DeviceError("HY5039", f"a link leads from {loop!r} to itself")
        object.__setattr__(self, "links", MappingProxyType(dict(sorted(self.links.items()))))

    def __hash__(self) -> int:
        return hash(tuple(self.links.items()))

    def __iter__(self) -> Iterator[tuple[str, str, Link]]:
        return ((source, target, link) for (source, target), link in self.links.items())

    def link(self, source: str, target: str) -> Link:
        """The way between these addresses: the link that is listed, else the way through the host's memory. What
        nobody said or measured is `ASSUMED`, and says so."""
        if source == target:
            return _NOWHERE
        found = self.links.get((source, target))
        if found is not None:
            return found
        if HOST in (source, target):
            return ASSUMED
        return self.link(source, HOST).then(self.link(HOST, target))

    def host_link(self, address: str) -> Link:
        """The way from the host's memory to the device."""
        return self.link(HOST, address)


@runtime_checkable
class Cluster(Protocol):
    """Immutable: replacing a device gives another cluster."""

    @property
    def devices(self) -> tuple[Device, ...]: ...

    @property
    def topology(self) -> Topology: ...
