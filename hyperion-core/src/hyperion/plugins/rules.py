"""Which plugins are on, which distributions are blocked and which of two owners is preferred; each with who says so."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from hyperion._entry_points import EntryPoint
from hyperion._nearest import nearest
from hyperion.plugins.interfaces import INTERFACES
from hyperion.settings import SettingsFile

if TYPE_CHECKING:
    from hyperion.plugins.versions import Requirement

Kind = Literal["allow", "disable", "enable"]
_KEYS = ("allow", "block", "disable", "prefer")


class Names(NamedTuple):
    """Plugins that one place allows, and then no others, enables, whatever others do, or switches off."""

    kind: Kind
    names: frozenset[str]
    place: str


class Block(NamedTuple):
    """A distribution that one place does not want, or some versions of it."""

    requirement: Requirement
    text: str
    place: str


class Preference(NamedTuple):
    """The plugin whose `name` of `hook` is meant where several register it."""

    hook: str
    name: str
    plugin: str
    place: str


class Off(NamedTuple):
    """Why a plugin is not on, and what to do for it to be."""

    reason: str
    remedy: str


class PluginRules(NamedTuple):
    """The rules of all places, the one that takes precedence first."""

    names: tuple[Names, ...] = ()
    blocks: tuple[Block, ...] = ()
    preferences: tuple[Preference, ...] = ()

    def before(self, other: PluginRules) -> PluginRules:
        """These rules, then the others."""
        return PluginRules(self.names + other.names, self.blocks + other.blocks, self.preferences + other.preferences)

    def off(self, point: EntryPoint) -> Off | None:
        """Why the plugin is off; None where it is on. Blocks add up; else the first that mentions it decides."""
        for block in self.blocks:
            if block.requirement.matches(point.distribution, point.version):
                version = f"{point.distribution} {point.version}"
                return Off(f"{version} is blocked: {block.text!r} in {block.place}", f"take that out of {block.place}")
        for rule in self.names:
            if rule.kind == "disable" and point.name in rule.names:
                return Off(f"switched off by {rule.place}", f"take it out of {rule.place}")
            if rule.kind in ("allow", "enable") and point.name in rule.names:
                return None
            if rule.kind == "allow":
                if not rule.names:
                    return Off(f"switched off by {rule.place}, as all are", "unset it, or name plugins there")
                return Off(f"not among {rule.place}", f"add {point.name} to {rule.place}")
        return None

    def preference(self, hook: str, name: str) -> Preference | None:
        return next((p for p in self.preferences if (p.hook, p.name) == (hook, name)), None)

    def unknown(self, installed: Iterable[str]) -> list[str]:
        """What the rules say about plugins that are not installed: most often a misspelt name."""
        known = set(installed)
        found = [(name, rule.place) for rule in self.names for name in sorted(rule.names - known)]
        found += [(p.plugin, p.place) for p in self.preferences if p.plugin not in known]
        return [f"{place} names {name!r}, which is not installed{_near(name, known)}" for name, place in found]


def of_the_environment() -> PluginRules:
    """`HYPERION_DISABLE_PLUGINS`, `HYPERION_NO_PLUGINS` and `HYPERION_PLUGINS`."""
    rules: list[Names] = []
    disabled = os.environ.get("HYPERION_DISABLE_PLUGINS", "")
    if disabled:
        rules.append(Names("disable", split(disabled), "HYPERION_DISABLE_PLUGINS"))
    if os.environ.get("HYPERION_NO_PLUGINS", "0") not in ("", "0"):
        rules.append(Names("allow", frozenset(), "HYPERION_NO_PLUGINS"))
    allowed = os.environ.get("HYPERION_PLUGINS")
    if allowed is not None:
        rules.append(Names("allow", split(allowed), "HYPERION_PLUGINS"))
    return PluginRules(tuple(rules))


def split(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def of_a_file(file: SettingsFile) -> PluginRules:
    """The table `plugins` of a file. Raises `PluginError`: HY1021 for a key that it does not have, HY1022 for a value
    of the wrong form."""
    table = file.values.get("plugins", {})
    if not isinstance(table, Mapping):
        raise file.error("HY1022", "`plugins` is a table: [plugins]", "plugins")
    return of_a_table(cast("Mapping[str, object]", table), file)


def of_the_call(table: object) -> PluginRules:
    """What `Instance(config={"plugins": {...}})` says. Raises `PluginError` as `of_a_file`."""
    return of_a_file(SettingsFile("the call's config", {"plugins": table}))


def of_a_table(table: Mapping[str, object], file: SettingsFile) -> PluginRules:
    """`allow`, `block`, `disable` and `prefer`, as `of_a_file` reads them."""
    names: list[Names] = []
    for key in table:
        if key not in _KEYS:
            hints = [f"did you mean {near!r}?" for near in nearest(key, _KEYS)]
            hints.append(f"known are: {', '.join(_KEYS)}")
            raise file.error("HY1021", f"there is no key {key!r} in the table plugins", "plugins", key, hints=hints)
    for kind in ("disable", "allow"):
        if kind in table:
            listed = frozenset(_texts(table[kind], kind, file))
            names.append(Names(kind, listed, f"`{kind}` in {file.place('plugins', kind)}"))
    blocks = [_block(text, file) for text in _texts(table.get("block", ()), "block", file)]
    return PluginRules(tuple(names), tuple(blocks), tuple(_preferences(table.get("prefer", {}), file)))


def _texts(value: object, key: str, file: SettingsFile) -> Sequence[str]:
    listed = cast("Sequence[object]", value) if isinstance(value, (list, tuple, set, frozenset)) else None
    if listed is None or not all(isinstance(item, str) for item in listed):
        raise file.error("HY1022", f"plugins.{key} is a list of texts, not {value!r}", "plugins", key)
    return [str(item) for item in listed]


def _block(text: str, file: SettingsFile) -> Block:
    from hyperion.plugins.versions import requirement  # on use: few block anything

    wanted = requirement(text)
    if wanted is None:
        hints = ['write a distribution, with or without conditions: "foo", "foo<1.2", "foo>=2,<3"']
        raise file.error("HY1022", f"plugins.block: {text!r} names no versions", "plugins", "block", hints=hints)
    return Block(wanted, text, f"`block` in {file.place('plugins', 'block')}")


def _preferences(value: object, file: SettingsFile) -> list[Preference]:
    if not isinstance(value, Mapping):
        raise file.error("HY1022", f"plugins.prefer is a table of plugins, not {value!r}", "plugins", "prefer")
    found: list[Preference] = []
    for key, plugin in cast("Mapping[object, object]", value).items():
        hook, _, name = str(key).partition(":")
        place = ("plugins", "prefer", str(key)) if file.span("plugins", "prefer", str(key)) else ("plugins", "prefer")
        if hook not in INTERFACES or not name:
            hints = [f"did you mean {near}:{name or 'NAME'}?" for near in nearest(hook, INTERFACES)]
            hints.append('write HOOK:NAME, as in "hyperion_devices:cuda"')
            raise file.error("HY1021", f"plugins.prefer: {key!r} is no hook and a name", *place, hints=hints)
        if not isinstance(plugin, str):
            raise file.error("HY1022", f"plugins.prefer: {key!r} names a plugin, not {plugin!r}", *place)
        found.append(Preference(hook, name, plugin, f"`prefer` in {file.place(*place)}"))
    return found


def _near(name: str, known: set[str]) -> str:
    return "".join(f"; did you mean {near!r}?" for near in nearest(name, known))
