"""What happens in an Instance, told to `Instance.on_event` and to the hook `hyperion_on_event`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` is `compiled`, `derived`, `refused`, `plugin`, `progress` or `device.lost`, or the beginning or the end of
    a stage: `pass.begin`, `pass.end` and so on for the stages `hyperion.stages.KINDS`, and `ON_DEVICES` in executors.

    `fields` are plain values for logs. `instance`, `function` and `correlation` say which work an event belongs to, and
    `device` who does it; `progress` has `stage`, `done`, `total` and `unit`, `device.lost` the `error`. Those of a
    stage have `stage`, `name`, `id` and `parent`, and at its end `seconds` and, where it raised, `error`: the code, or
    the name of the exception.
    """

    kind: str
    message: str
    fields: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
