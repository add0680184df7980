"""A cluster is an ordered set of open devices with what is known of the ways between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from hyperion.interfaces.device import Device

Source = Literal["measured", "described", "assumed"]


@dataclass(frozen=True, slots=True)
class Link:
    """The way from one device to another: `latency` in seconds, `bandwidth` in bytes per second, `shared` where both
    read one memory, so that nothing is moved."""

    latency: float = 0.0
    bandwidth: float = math.inf
    shared: bool = False
    source: Source = "assumed"


@dataclass(frozen=True, slots=True)
class Topology:
    """The links by addresses, in both directions. What is not listed goes by way of the host."""

    links: Mapping[tuple[str, str], Link]

    def link(self, source: str, target: str) -> Link | None:
        return self.links.get((source, target))


@runtime_checkable
class Cluster(Protocol):
    """Immutable: replacing a device gives another cluster."""

    @property
    def devices(self) -> tuple[Device, ...]: ...

    @property
    def topology(self) -> Topology: ...
