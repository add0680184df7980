"""What happens in an Instance, told to `hyperion_on_event`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` is `compiled`, `derived`, `refused`, `plugin` or `progress`; `fields` are plain values for logs."""

    kind: str
    message: str
    fields: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
