"""A device runs compiled code and owns memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from hyperion.interfaces.buffer import Buffer


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What is known without opening the device. `memory` is in bytes, 0 where unknown."""

    address: str  # "cpu:0"
    kind: str  # "cpu"
    description: str
    workers: int
    memory: int = 0
    features: Mapping[str, str] = field(default_factory=dict[str, str])


@runtime_checkable
class Device(Protocol):
    """Registered by the hook `hyperion_devices`."""

    @property
    def info(self) -> DeviceInfo: ...

    def allocate(self, nbytes: int) -> Buffer:
        """New memory, zeroed; raises `DeviceError` (HY5001) where there is none left."""
        ...

    def close(self) -> None:
        """Gives back what the device holds; a second call does nothing."""
        ...
