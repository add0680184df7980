"""Imports a plugin and registers its hooks, or finds out why that does not go."""

from __future__ import annotations

import inspect
import re
import time
from dataclasses import replace
from importlib import import_module
from types import ModuleType

import pluggy

from hyperion import hookspecs, log
from hyperion._nearest import nearest
from hyperion.plugins.faults import fault, fault_at_import, goes_through
from hyperion.plugins.status import PluginStatus, Source, status_of

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("hyperion_"))

_log = log.logger("plugins")


def activated(source: Source, manager: pluggy.PluginManager) -> PluginStatus:
    """The state of the plugin, whose hooks are registered under its name where that is active.

    A Ctrl-C and a lack of memory go through; whatever else its module raises becomes its state.
    """
    start = time.perf_counter()
    try:
        module = source if isinstance(source, ModuleType) else _imported(source.module)
    except BaseException as error:
        if goes_through(error, _module(source)):
            raise
        _log.debug("plugin %s cannot be imported", _name(source), exc_info=True)
        return replace(fault_at_import(error, source).of(source), seconds=time.perf_counter() - start)
    try:
        status = _registered(source, module, manager)
    except BaseException as error:  # a module may be any object with a __getattr__ of its own
        if goes_through(error, _module(source)):
            raise
        status = fault(error, getattr(source, "distribution", "")).of(source)
    return replace(status, seconds=time.perf_counter() - start)


def _imported(name: str) -> ModuleType:
    if not name or not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(f"its entry point names no module: {name!r}")
    return import_module(name)


def _registered(source: Source, module: ModuleType, manager: pluggy.PluginManager) -> PluginStatus:
    api: object = getattr(module, "HYPERION_API", None)
    hooks = tuple(hook for hook in HOOKS if hasattr(module, hook))
    known = replace(status_of(source, "active"), hooks=hooks, api=_shown(api))
    unfit = _unfit(api, known.distribution)
    if unfit:
        return replace(known, state="incompatible", reason=unfit[0], remedy=unfit[1])
    reason = _not_registered(known.name, module, manager)
    if reason:
        return replace(known, state="failed", reason=reason, remedy="report it to its authors")
    return replace(known, hooks=tuple(sorted(caller.name for caller in manager.get_hookcallers(module) or ())))


def _unfit(api: object, distribution: str) -> tuple[str, str] | None:
    """Why this version of the plugin interface does not fit, and which of the two sides to update."""
    host = hookspecs.API_VERSION
    theirs = distribution or "the plugin"
    match api:
        case (int(major), int(minor)) if not isinstance(major, bool):
            if major == host[0] and minor <= host[1]:
                return None
            reason = f"made for plugin API {major}.{minor}, this is {host[0]}.{host[1]}"
            if (major, minor) < host:
                how = f": pip install --upgrade {distribution}" if distribution else ""
                return reason, f"update {theirs} to a version that is made for API {host[0]}{how}"
            return reason, f"update hyperion-core from where you have it, or take an earlier version of {theirs}"
        case _:
            reason = "it does not say which plugin API it was made for (HYPERION_API = (major, minor))"
            if api is not None:
                reason = f"its HYPERION_API is {api!r:.40}, not a pair of numbers such as {host}"
            return reason, f"update {theirs}, or report it to its authors"


def _shown(api: object) -> str:
    match api:
        case (int(major), int(minor)):
            return f"{major}.{minor}"
        case _:
            return ""


def _not_registered(name: str, module: ModuleType, manager: pluggy.PluginManager) -> str:
    """Registers the plugin's hooks; the reason where they do not fit the specifications."""
    forgotten = _unmarked(module)
    if forgotten:
        return f"{forgotten} has no @hookimpl"
    unlike = _unlike(module)
    if unlike:
        return unlike
    if manager.has_plugin(name):
        return f"another plugin is called {name!r}"
    try:
        manager.register(module, name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        if manager.has_plugin(name):
            manager.unregister(name=name)
        return _misspelt(" ".join(str(error).split()))
    return ""


def _unmarked(module: ModuleType) -> str:
    """The first function that has the name of a hook but is not marked as its implementation."""
    for name, value in list(vars(module).items()):
        ours = getattr(value, "__module__", None) == module.__name__
        if name.startswith("hyperion_") and callable(value) and ours and not hasattr(value, "hyperion_impl"):
            return name
    return ""


def _unlike(module: ModuleType) -> str:
    """How the first hook that asks for arguments that it does not get differs from its specification."""
    for hook in HOOKS:
        implementation = getattr(module, hook, None)
        if not inspect.isfunction(implementation):
            continue
        given = inspect.signature(getattr(hookspecs, hook)).parameters
        needed = [p for p in inspect.signature(implementation).parameters.values() if p.kind in _NAMED]
        for parameter in needed:
            if parameter.default is parameter.empty and parameter.name not in given:
                gets = f"gets {', '.join(given)}" if given else "gets no arguments"
                return f"{hook} asks for {parameter.name!r}, and {gets}"
    return ""


_NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _misspelt(message: str) -> str:
    message = re.sub(r" in plugin <module [^>]*>", "", message)
    words = [word.strip("'\",.:") for word in message.split()]
    unknown = [word for word in words if word.startswith("hyperion_") and word not in HOOKS]
    near = nearest(unknown[0], HOOKS) if unknown else []
    return f"{message}; did you mean {near[0]}?" if near else message


def _module(source: Source) -> str:
    return source.__name__ if isinstance(source, ModuleType) else source.module


def _name(source: Source) -> str:
    return source.__name__ if isinstance(source, ModuleType) else source.name
