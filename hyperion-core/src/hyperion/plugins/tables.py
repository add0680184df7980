"""What the hooks of active plugins register: by name, with the owners."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple, cast

import pluggy

from hyperion.errors import PluginError
from hyperion.plugins.faults import PASSED_ON, Fault, fault, goes_through, represented, text

Factory = Callable[[], object]
Table = Mapping[str, tuple["Registered", ...]]
Blame = Callable[[str, Fault], None]
SPECIAL = {"__call__", "__enter__", "__exit__", "__getitem__", "__iter__", "__len__"}
"""Methods of Python's own that interfaces declare."""


class Registered(NamedTuple):
    """A factory and the plugin that registered it."""

    owner: str
    factory: Factory


def collected(
    hook: str,
    manager: pluggy.PluginManager,
    blame: Blame,
    asking: Callable[[str], AbstractContextManager[None]] = nullcontext,
) -> Table:
    """Asks each plugin alone, within `asking(owner)`; `blame(owner, fault)` is told of one that raises or returns what
    is no table."""
    table: dict[str, tuple[Registered, ...]] = {}
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        owner = implementation.plugin_name
        try:
            with asking(owner):
                returned: object = implementation.function()
            if not isinstance(returned, Mapping):
                raise TypeError(f"it returned {type(returned).__name__}, not a table of names and factories")
            entries = dict(cast("Mapping[object, object]", returned))  # its own: the plugin may change its table later
        except BaseException as error:
            if goes_through(error, getattr(implementation.plugin, "__name__", "")):
                raise
            found = fault(error, owner)
            blame(owner, Fault(found.state, f"{hook} raised {text(error)}", found.remedy, found.traceback))
            continue
        for name, factory in entries.items():
            if isinstance(name, str) and name and callable(factory):
                table[name] = (*table.get(name, ()), Registered(owner, factory))
            else:
                entry = f"{represented(name)} as {represented(factory)}"
                reason = f"{hook} registers {entry}, which is no name and a function that makes it"
                blame(owner, Fault("failed", reason, "report it to its authors"))
    return table


def made(registered: Registered, hook: str, name: str, interface: type) -> Any:  # Any: the hook names the interface
    """What the factory makes. Raises `PluginError`: HY1005 where it raises, HY1006 where it makes something else."""
    owner = registered.owner
    try:
        thing = registered.factory()
    except PluginError:
        raise
    except BaseException as error:
        if goes_through(error, getattr(registered.factory, "__module__", None) or ""):
            raise
        found = fault(error, "")
        hints = [found.remedy] if found.state == "unavailable" else []
        hints.append(f"`hyperion plugins check {owner} --traceback` shows where")
        message = f"plugin {owner!r} cannot make {name!r}: {text(error)}"
        raise PluginError("HY1005", message, hints=hints) from error
    lacking = missing_members(thing, interface)
    if lacking is not None:
        raise PluginError(
            "HY1006",
            f"{name!r} of plugin {owner!r} is no {interface.__name__}: it lacks {lacking}",
            notes=[f"it is a {type(thing).__name__}; {hook} registers it"],
        )
    return thing


def missing_members(thing: object, interface: type) -> str | None:
    """The members of the interface that the thing does not have; None where it follows it."""
    try:
        if isinstance(thing, interface):
            return None
        lacking = [m for m in _members(interface) if not _has(thing, interface, m)]
        if lacking:
            return ", ".join(lacking)
        # From Python 3.12 on `isinstance` does not see what `__getattr__` gives.
        return None if getattr(interface, "_is_protocol", False) else f"to be a {interface.__name__}"
    except PASSED_ON:
        raise
    except BaseException as error:  # a property of it raised
        return f"a member that can be read: {text(error)}"


def _members(interface: type) -> list[str]:
    """What a protocol and those that it extends declare, with a value or without."""
    names = [m for base in interface.__mro__[:-1] for m in (*vars(base), *inspect.get_annotations(base))]
    return [m for m in dict.fromkeys(names) if m in SPECIAL or not m.startswith("_")]


def _has(thing: object, interface: type, member: str) -> bool:
    """As `isinstance` sees it: a method may not be None."""
    found = getattr(thing, member, NotImplemented)
    return found is not NotImplemented and (found is not None or not callable(getattr(interface, member, None)))
