"""Finds plugins, keeps them apart, and holds what they register. pluggy gives the hooks and the call convention only.

A broken plugin never breaks the others: its import, its registration and each of its hooks are run alone, and what goes
wrong becomes its state.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import pluggy

from hyperion import hookspecs, log
from hyperion._entry_points import EntryPoint, entry_points
from hyperion.errors import PluginError
from hyperion.interfaces.event import Event

if TYPE_CHECKING:
    from hyperion.ir.op_table import OpDef
    from hyperion.ir.registry import Registry
    from hyperion.ir.types import ExtensionType

GROUP = "hyperion.plugins"
INTERFACES: Mapping[str, str] = {
    "hyperion_cli_commands": "interfaces.command:Command",
    "hyperion_codegen_targets": "interfaces.codegen:CodegenTarget",
    "hyperion_devices": "interfaces.device:DeviceDriver",
    "hyperion_executors": "interfaces.executor:ExecutorFactory",
    "hyperion_frontends": "interfaces.frontend:Frontend",
    "hyperion_interpreters": "interfaces.interpreter:Interpreter",
    "hyperion_libraries": "interfaces.theorem_library:TheoremLibraries",
    "hyperion_networks": "interfaces.network:NetworkProvider",
    "hyperion_ops": "ir.op_table:OpDef",
    "hyperion_passes": "interfaces.compiler_pass:CompilerPass",
    "hyperion_proof_exporters": "interfaces.proof_exporter:ProofExporter",
    "hyperion_refuters": "interfaces.refuter:Refuter",
    "hyperion_strategies": "interfaces.strategy:Strategy",
    "hyperion_tactics": "interfaces.tactic:Tactic",
    "hyperion_theories": "interfaces.theory:Theory",
    "hyperion_types": "ir.types:ExtensionType",
}
"""What the factories of each hook make."""
State = Literal["active", "disabled", "incompatible", "unavailable", "failed"]
Factory = Callable[[], object]
PluginChoice = str | ModuleType

_log = log.logger("plugins")


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """One installed plugin: its state and, where it is not active, the reason and what to do about it."""

    name: str
    state: State
    module: str
    distribution: str = ""
    version: str = ""
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A factory and the plugin that registered it."""

    owner: str
    factory: Factory


class PluginHost:
    """The plugins of one Instance. Plugin modules are imported on first use, in the order of their names.

    `plugins` is "auto" (all that are installed, or those that `HYPERION_PLUGINS` lists) or the names and modules to
    use. `HYPERION_DISABLE_PLUGINS` adds to `disable`. `loaded` is told, once all are imported, whether any of them
    listens to events. Raises `PluginError` (HY1001) for a name that is not installed.
    """

    def __init__(
        self,
        plugins: str | Sequence[PluginChoice] = "auto",
        disable: Iterable[str] = (),
        loaded: Callable[[bool], None] = lambda listen: None,
    ) -> None:
        self._loaded = loaded
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._lock = threading.RLock()
        self._statuses: dict[str, PluginStatus] = {}
        self._pending: list[tuple[str, EntryPoint | ModuleType]] = []
        self._tables: dict[str, Mapping[str, tuple[Registered, ...]]] = {}
        self._made: dict[tuple[str, str], object] = {}
        self._discover(plugins, {*disable, *_names(os.environ.get("HYPERION_DISABLE_PLUGINS", ""))})

    def statuses(self) -> tuple[PluginStatus, ...]:
        """Every plugin with its state, in the order of their names."""
        self._load()
        return tuple(self._statuses[name] for name in sorted(self._statuses))

    def names(self, hook: str) -> tuple[str, ...]:
        """What active plugins registered through `hook`."""
        return tuple(sorted(self._table(hook)))

    def owner(self, hook: str, name: str) -> str:
        """The plugin that registered `name`."""
        return self._registered(hook, name).owner

    def owners(self, registered: Iterable[tuple[str, str]]) -> list[PluginStatus]:
        """The plugins that registered these names, each after its hook."""
        names = {self.owner(hook, name) for hook, name in registered}
        return [status for status in self.statuses() if status.name in names]

    def get(self, hook: str, name: str) -> Any:  # Any: the hook names the interface
        """What the factory of `name` makes, made once. Raises `PluginError`: HY1002 nobody has it, HY1003 two have it,
        HY1005 its factory failed, HY1006 it does not follow the interface of the hook."""
        registered = self._registered(hook, name)
        with self._lock:
            if (hook, name) not in self._made:
                self._made[hook, name] = _make(registered, name, _interface(hook))
            return self._made[hook, name]

    def make(self, hook: str, name: str) -> Any:  # Any: as above
        """A new one of what `get` shares; the caller closes it."""
        return _make(self._registered(hook, name), name, _interface(hook))

    def all(self, hook: str) -> dict[str, Any]:  # Any: as above
        """Everything registered through `hook`. A factory that fails is logged, marks its plugin, and is left out."""
        made: dict[str, Any] = {}
        for name in self.names(hook):
            try:
                made[name] = self.get(hook, name)
            except PluginError as error:
                if error.code == "HY1003":
                    raise
                self._mark(self.owner(hook, name), "failed", error.message, "; ".join(error.hints))
        return made

    def registry(self) -> Registry:
        """The ops and types of the core and of every plugin. A plugin that registers what is not taken is marked, and
        nothing of it is used. Raises `PluginError` (HY1003) where two plugins have one name."""
        from hyperion.ir.registry import CORE  # on use: listing plugins needs no IR

        types, ops = self.all("hyperion_types"), self.all("hyperion_ops")
        registry = CORE
        for status in self.statuses():
            mine = {
                hook: {name: thing for name, thing in made.items() if self.owner(hook, name) == status.name}
                for hook, made in (("hyperion_types", types), ("hyperion_ops", ops))
            }
            try:
                _same_names(mine)
                owner, version = status.distribution or status.name, status.version
                found = [tuple(made.values()) for made in mine.values()]
                registry = registry.extended(owner, found[1], found[0], version)
            except PluginError as error:
                if error.code == "HY1003":
                    raise
                self._mark(status.name, "failed", error.message, "; ".join(error.hints))
        return registry

    def tell(self, event: Event) -> None:
        """Gives `event` to every plugin that listens."""
        if self._pending:
            return  # nobody was asked for anything yet, so nobody can be waiting
        for implementation in self._manager.hook.hyperion_on_event.get_hookimpls():
            try:
                implementation.function(*((event,) if implementation.argnames else ()))
            except Exception as error:  # a listener never disturbs the work that it listens to
                _log.warning("plugin %s failed on an event: %s", implementation.plugin_name, _text(error))

    def close(self) -> None:
        """Closes what was made and can be closed, in reverse order; all of it even if one fails."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        failures: list[Exception] = []
        for thing in reversed(made):
            try:
                getattr(thing, "close", lambda: None)()
            except Exception as error:
                failures.append(error)
        if failures:
            raise ExceptionGroup("closing what plugins made failed", failures)

    def _discover(self, plugins: str | Sequence[PluginChoice], disabled: set[str]) -> None:
        installed = {point.name: point for point in entry_points(GROUP)}
        wanted, given = _chosen(plugins, installed)
        for name, point in installed.items():
            if name in disabled or name not in wanted:
                self._statuses[name] = _status(name, point, "disabled", "switched off", "take it out of disable")
            else:
                self._pending.append((name, point))
        for name in wanted - installed.keys():
            if name not in disabled:
                remedy = f"install a package that has it; installed are: {', '.join(installed) or 'none'}"
                self._statuses[name] = PluginStatus(name, "unavailable", "", reason="not installed", remedy=remedy)
        self._pending.extend((module.__name__, module) for module in given if module.__name__ not in disabled)

    def _load(self) -> None:
        with self._lock:
            if not self._pending:
                return
            while self._pending:
                name, source = self._pending.pop(0)
                self._statuses[name] = self._activate(name, source)
            self._loaded(bool(self._manager.hook.hyperion_on_event.get_hookimpls()))

    def _activate(self, name: str, source: EntryPoint | ModuleType) -> PluginStatus:
        try:
            module = source if isinstance(source, ModuleType) else import_module(source.module)
        except ModuleNotFoundError as error:
            return _missing(name, source, error)
        except PluginError as error:
            return _status(name, source, "unavailable", error.message, "; ".join(error.hints))
        except (Exception, SystemExit) as error:  # whatever a stranger's module raises stays with that plugin
            _log.warning("plugin %s cannot be imported: %s", name, _text(error), exc_info=True)
            return _status(name, source, "failed", _text(error), "update it or switch it off with disable")
        reason = _incompatible(module)
        if reason:
            remedy = "install a version of it that fits this hyperion-core, or update hyperion-core"
            return _status(name, source, "incompatible", reason, remedy)
        reason = self._register(name, module)
        return _status(
            name, source, "failed" if reason else "active", reason, "report it to its authors" if reason else ""
        )

    def _register(self, name: str, module: ModuleType) -> str:
        """Registers a plugin; the reason where its hooks do not fit the specifications."""
        forgotten = _unmarked(module)
        if forgotten:
            return f"{forgotten} has no @hookimpl"
        try:
            self._manager.register(module, name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            return _misspelt(" ".join(str(error).split()))
        return ""

    def _table(self, hook: str) -> Mapping[str, tuple[Registered, ...]]:
        self._load()
        with self._lock:
            if hook not in self._tables:
                self._tables[hook] = self._collect(hook)
            return self._tables[hook]

    def _collect(self, hook: str) -> Mapping[str, tuple[Registered, ...]]:
        table: dict[str, tuple[Registered, ...]] = {}
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            owner = implementation.plugin_name
            try:
                entries = dict(implementation.function())
            except (Exception, SystemExit) as error:
                self._mark(owner, "failed", f"{hook} raised {_text(error)}", "report it to its authors")
                continue
            for name, factory in entries.items():
                table[name] = (*table.get(name, ()), Registered(owner, factory))
        return table

    def _registered(self, hook: str, name: str) -> Registered:
        table = self._table(hook)
        match table.get(name, ()):
            case (registered,):
                return registered
            case ():
                raise self._nobody(hook, name, table)
            case owners:
                names = " and ".join(repr(r.owner) for r in owners)
                raise PluginError(
                    "HY1003",
                    f"{name!r} is registered by {names} through {hook}",
                    hints=[f'disable one of them: hp.Instance(disable=["{owners[-1].owner}"])'],
                )

    def _nobody(self, hook: str, name: str, table: Mapping[str, object]) -> PluginError:
        kind = hook.removeprefix("hyperion_").replace("_", " ")
        idle = [s for s in self.statuses() if s.state != "active"]
        hints = [f"did you mean {match!r}?" for match in get_close_matches(name, table, n=1)]
        hints.append(f"registered {kind}: {', '.join(sorted(table)) or 'none'}")
        notes = [f"plugin {s.name} is {s.state}: {s.reason}" for s in idle]
        return PluginError("HY1002", f"no plugin registers {name!r} among the {kind}", notes=notes, hints=hints)

    def _mark(self, name: str, state: State, reason: str, remedy: str) -> None:
        with self._lock:
            self._statuses[name] = replace(self._statuses[name], state=state, reason=reason, remedy=remedy)
        _log.warning("plugin %s: %s", name, reason)


def _chosen(
    plugins: str | Sequence[PluginChoice], installed: Mapping[str, EntryPoint]
) -> tuple[set[str], list[ModuleType]]:
    """The names to use and the modules given as they are."""
    choices = [plugins] if isinstance(plugins, str) else list(plugins)
    given = [choice for choice in choices if isinstance(choice, ModuleType)]
    names = {choice for choice in choices if isinstance(choice, str)}
    if "auto" in names:
        environment = os.environ.get("HYPERION_PLUGINS")
        return names - {"auto"} | (set(installed) if environment is None else _names(environment)), given
    for name in sorted(names - installed.keys()):
        hints = [f"did you mean {match!r}?" for match in get_close_matches(name, installed, n=1)]
        hints.append(f"installed are: {', '.join(installed) or 'none'}")
        raise PluginError("HY1001", f"the plugin {name!r} is not installed", hints=hints)
    return names, given


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",") if name.strip()}


def _status(name: str, source: EntryPoint | ModuleType, state: State, reason: str, remedy: str) -> PluginStatus:
    if isinstance(source, ModuleType):
        return PluginStatus(name, state, source.__name__, reason=reason, remedy=remedy)
    return PluginStatus(name, state, source.module, source.distribution, source.version, reason, remedy)


def _missing(name: str, source: EntryPoint | ModuleType, error: ModuleNotFoundError) -> PluginStatus:
    module = source.__name__ if isinstance(source, ModuleType) else source.module
    package = (error.name or "").split(".")[0]
    if package == module.split(".")[0]:
        return _status(name, source, "failed", f"{_text(error)} (a stale installation?)", "install it again")
    return _status(name, source, "unavailable", _text(error), f"pip install {package or 'what it needs'}")


def _incompatible(module: ModuleType) -> str:
    api: object = getattr(module, "HYPERION_API", None)
    host = hookspecs.API_VERSION
    match api:
        case (int(major), int(minor)):
            fits = major == host[0] and minor <= host[1]
            return "" if fits else f"made for plugin API {major}.{minor}, this is {host[0]}.{host[1]}"
        case _:
            return "it does not say which plugin API it was made for (HYPERION_API = (major, minor))"


def _unmarked(module: ModuleType) -> str:
    """The first function that has the name of a hook but is not marked as its implementation."""
    for name, value in vars(module).items():
        ours = getattr(value, "__module__", None) == module.__name__
        if name.startswith("hyperion_") and callable(value) and ours and not hasattr(value, "hyperion_impl"):
            return name
    return ""


def _misspelt(message: str) -> str:
    hooks = [name for name in vars(hookspecs) if name.startswith("hyperion_")]
    words = [word.strip("'\",.:") for word in message.split()]
    unknown = [word for word in words if word.startswith("hyperion_") and word not in hooks]
    near = get_close_matches(unknown[0], hooks, n=1) if unknown else []
    return f"{message}; did you mean {near[0]}?" if near else message


def _interface(hook: str) -> type:
    """What the factories of a hook make. The module is imported on use: listing plugins needs none of them."""
    module, _, name = INTERFACES[hook].partition(":")
    return getattr(import_module(f"hyperion.{module}"), name)


def _make(registered: Registered, name: str, interface: type) -> object:
    try:
        thing = registered.factory()
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(
            "HY1005",
            f"plugin {registered.owner!r} cannot make {name!r}: {_text(error)}",
            hints=["`hyperion plugins` shows what each plugin needs"],
        ) from error
    if not isinstance(thing, interface):
        members = [m for m in vars(interface) if not m.startswith("_") and getattr(thing, m, None) is None]
        raise PluginError(
            "HY1006",
            f"{name!r} of plugin {registered.owner!r} is no {interface.__name__}: it lacks {', '.join(members)}",
            notes=[f"it is a {type(thing).__name__}"],
        )
    return thing


def _same_names(made: Mapping[str, Mapping[str, OpDef | ExtensionType]]) -> None:
    """Whether each factory made what its plugin promised under that name."""
    for hook, things in made.items():
        for name, thing in things.items():
            if thing.name != name:
                raise PluginError("HY1015", f"{hook} registers {name!r}, and its factory made {thing.name!r}")


def _text(error: BaseException) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
