"""What is known of one installed plugin."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import Literal

from hyperion._entry_points import EntryPoint

State = Literal["active", "disabled", "incompatible", "unavailable", "failed"]


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """One installed plugin: its state and, where it is not active, the reason and what to do about it.

    `name` is that of its entry point; two distributions may have one name, then both are listed and neither is active.
    `api` is the version of the plugin interface that its module says, `hooks` those that it implements, `seconds` the
    time that importing it took, `traceback` where it raised, `place` the folder that the distribution lies in.
    `changed` is what of the process importing it changed: "the working folder, to '/'".
    """

    name: str
    state: State
    module: str
    distribution: str = ""
    version: str = ""
    reason: str = ""
    remedy: str = ""
    api: str = ""
    hooks: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    traceback: str = field(default="", compare=False, repr=False)
    place: str = ""
    changed: tuple[str, ...] = ()


def status_of(source: Source, state: State, reason: str = "", remedy: str = "") -> PluginStatus:
    """The state of a plugin that comes from an entry point, or from a module that was given."""
    if isinstance(source, ModuleType):
        return PluginStatus(source.__name__, state, source.__name__, reason=reason, remedy=remedy)
    point = source
    return PluginStatus(
        point.name, state, point.module, point.distribution, point.version, reason, remedy, place=point.place
    )


Source = EntryPoint | ModuleType
