"""The plugins of one Instance. pluggy gives the hooks and the call convention only.

A broken plugin never breaks the others: its import, its registration, each of its hooks and each of its factories is
run alone, and what goes wrong becomes its state.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import pluggy

from hyperion import hookspecs, log
from hyperion._closing import close_all
from hyperion._entry_points import EntryPoint, entry_points
from hyperion._nearest import nearest
from hyperion.errors import PluginError
from hyperion.interfaces.event import Event
from hyperion.plugins.activating import activated
from hyperion.plugins.faults import Fault, fault, goes_through, text
from hyperion.plugins.homes import advice
from hyperion.plugins.interfaces import interface
from hyperion.plugins.patience import Patience
from hyperion.plugins.rules import Names, PluginRules, of_the_environment, split
from hyperion.plugins.status import PluginStatus, Source, status_of
from hyperion.plugins.surroundings import Surroundings
from hyperion.plugins.tables import Registered, Table, collected, made

if TYPE_CHECKING:
    from hyperion.ir.op_table import OpDef
    from hyperion.ir.registry import Registry
    from hyperion.ir.types import ExtensionType

GROUP = "hyperion.plugins"
PluginChoice = str | ModuleType

_log = log.logger("plugins")


class PluginHost:
    """The plugins of one Instance. Plugin modules are imported on first use, in the order of their names.

    `plugins` is "auto" (all that are installed, or those that the environment or a file lists) or the names and modules
    to use; `disable` names those to leave out; `rules` are those of configuration files, and of the environment, which
    `None` reads. `loaded` is told, once all are imported, whether any of them listens to events, and `blamed` of each
    fault of a plugin. Every method may be called from any thread. Raises `PluginError` (HY1001) for a name that is not
    installed.
    """

    def __init__(
        self,
        plugins: str | Sequence[PluginChoice] = "auto",
        disable: Iterable[str] = (),
        loaded: Callable[[bool], None] = lambda listen: None,
        rules: PluginRules | None = None,
        blamed: Callable[[str], object] = lambda plugin: None,
    ) -> None:
        self._loaded = loaded
        self._blamed = blamed
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._loading = threading.RLock()  # held while plugins are imported
        self._lock = threading.RLock()  # held while nothing of a plugin runs
        self._statuses: dict[str, PluginStatus] = {}
        self._said: set[tuple[str, str]] = set()
        self._pending: list[Source] = []
        self._importing = False
        self._patience = Patience()
        self._tables: dict[str, Table] = {}
        self._made: dict[tuple[str, str], object] = {}
        self._making: dict[tuple[str, str], threading.RLock] = {}
        self.rules = _together(plugins, disable, of_the_environment() if rules is None else rules)
        self._discover(plugins)

    def statuses(self) -> tuple[PluginStatus, ...]:
        """Every plugin with its state, in the order of their names."""
        self._load()
        with self._lock:
            return tuple(self._statuses[key] for key in sorted(self._statuses))

    def names(self, hook: str) -> tuple[str, ...]:
        """What active plugins registered through `hook`."""
        return tuple(sorted(self._table(hook)))

    def claims(self, hook: str, name: str) -> tuple[str, ...]:
        """The plugins that registered `name`, in the order of their names."""
        return tuple(registered.owner for registered in self._table(hook).get(name, ()))

    def owner(self, hook: str, name: str) -> str:
        """The plugin whose `name` counts."""
        return self._registered(hook, name).owner

    def advice(self, hook: str, name: str) -> list[str]:
        """What to install where nobody registers `name`, as hints; none where that is not known."""
        return advice(hook, name, {status.distribution for status in self.statuses()})

    def owners(self, registered: Iterable[tuple[str, str]]) -> list[PluginStatus]:
        """The plugins that registered these names, each after its hook."""
        names = {self.owner(hook, name) for hook, name in registered}
        with self._lock:
            return [self._statuses[name] for name in sorted(names)]

    def get(self, hook: str, name: str) -> Any:  # Any: the hook names the interface
        """What the factory of `name` makes, made once. Raises `PluginError`: HY1002 nobody has it, HY1003 two have it,
        HY1005 its factory failed, HY1006 it does not follow the interface of the hook."""
        registered = self._registered(hook, name)
        key = hook, name
        with self._lock:
            making = self._making.setdefault(key, threading.RLock())
        with making:
            if key not in self._made:
                thing = self._make(registered, hook, name)
                with self._lock:
                    self._made[key] = thing
            return self._made[key]

    def make(self, hook: str, name: str) -> Any:  # Any: as above
        """A new one of what `get` shares; the caller closes it."""
        return self._make(self._registered(hook, name), hook, name)

    def failed(self, hook: str, name: str, error: BaseException) -> None:
        """What `name` stands for raised where others can do without it: that is logged, and its plugin's state."""
        owner = self.owner(hook, name)
        found = fault(error, "")
        self._blame(owner, found._replace(state="failed", reason=f"{name!r} of {hook} raised {text(error)}"))

    def all(self, hook: str) -> dict[str, Any]:  # Any: as above
        """Everything registered through `hook`. A factory that fails is logged, marks its plugin, and is left out."""
        found: dict[str, Any] = {}
        for name in self.names(hook):
            try:
                found[name] = self.get(hook, name)
            except PluginError as error:
                if error.code == "HY1003":
                    raise
        return found

    def registry(self) -> Registry:
        """The ops and types of the core and of every plugin. A plugin that registers what is not taken is marked, and
        nothing of it is used. Raises `PluginError` (HY1003) where two plugins have one name."""
        from hyperion.ir.registry import CORE  # on use: listing plugins needs no IR

        types, ops = self.all("hyperion_types"), self.all("hyperion_ops")
        registry = CORE
        with self._lock:
            statuses = sorted(self._statuses.items())
        for key, status in statuses:
            mine = {
                hook: {name: thing for name, thing in things.items() if self.owner(hook, name) == key}
                for hook, things in (("hyperion_types", types), ("hyperion_ops", ops))
            }
            try:
                _same_names(mine)
                owner, version = status.distribution or status.name, status.version
                found = [tuple(things.values()) for things in mine.values()]
                registry = registry.extended(owner, found[1], found[0], version)
            except PluginError as error:
                if error.code == "HY1003":
                    raise
                self._blame(key, Fault("failed", error.message, "; ".join(error.hints)))
        return registry

    def tell(self, event: Event) -> None:
        """Gives `event` to every plugin that listens."""
        if self._pending:
            return  # nobody was asked for anything yet, so nobody can be waiting
        for implementation in self._manager.hook.hyperion_on_event.get_hookimpls():
            try:
                implementation.function(*((event,) if implementation.argnames else ()))
            except BaseException as error:  # a listener never disturbs the work that it listens to
                if goes_through(error, getattr(implementation.plugin, "__name__", "")):
                    raise
                reason = f"hyperion_on_event raised {text(error)}"
                self._blame(implementation.plugin_name, fault(error, "")._replace(state="failed", reason=reason))

    def close(self) -> None:
        """Closes what was made and can be closed, in reverse order; all of it even if one fails."""
        with self._lock:
            things, self._made = list(self._made.values()), {}
        failures = close_all(reversed(things))
        if failures:
            raise ExceptionGroup("closing what plugins made failed", failures)

    def _discover(self, plugins: str | Sequence[PluginChoice]) -> None:
        points = entry_points(GROUP)
        installed = {point.name for point in points}
        choices = [plugins] if isinstance(plugins, str) else list(plugins)
        for choice in cast("list[object]", choices):
            if not isinstance(choice, (str, ModuleType)):
                hints = ["give the module that has the hooks, or the name of an installed plugin"]
                raise PluginError("HY1001", f"a plugin is a module or a name, not {choice!r:.80}", hints=hints)
        for said in self.rules.unknown(installed):
            if "did you mean" in said:
                _log.warning("%s", said)
        for name in sorted({c for c in choices if isinstance(c, str) and c != "auto"} - installed):
            hints = [f"did you mean {match!r}?" for match in nearest(name, installed)]
            hints.append(f"installed are: {', '.join(sorted(installed)) or 'none'}")
            raise PluginError("HY1001", f"the plugin {name!r} is not installed", hints=hints)
        on: dict[str, list[EntryPoint]] = {}
        for point in points:
            off = self.rules.off(point)
            if off is None:
                on.setdefault(point.name, []).append(point)
            else:
                self._statuses[_row(point)] = status_of(point, "disabled", off.reason, off.remedy)
        for name, claimants in on.items():
            if len(claimants) == 1:
                self._pending.append(claimants[0])
            else:
                self._statuses.update((_row(p), _twice(p, name, claimants)) for p in claimants)
        given = [choice for choice in choices if isinstance(choice, ModuleType)]
        off_names = {name for rule in self.rules.names if rule.kind == "disable" for name in rule.names}
        for rule in [rule for rule in self.rules.names if rule.kind == "allow"][:1]:
            for name in rule.names - installed - off_names - {module.__name__ for module in given}:
                remedy = f"install a package that has it; installed are: {', '.join(sorted(installed)) or 'none'}"
                reason = f"not installed; {rule.place} names it"
                self._statuses[name] = PluginStatus(name, "unavailable", "", reason=reason, remedy=remedy)
        self._pending.extend(module for module in given if module.__name__ not in off_names)

    def _load(self) -> None:
        if not self._pending:
            return
        with self._loading:
            if not self._pending or self._importing:  # the latter: a plugin's module asks for plugins
                return
            self._importing = True
            try:
                with self._patience.watching():
                    while self._pending:
                        self._activate(self._pending[0])
            finally:
                self._importing = False
            self._loaded(bool(self._manager.hook.hyperion_on_event.get_hookimpls()))

    def _activate(self, source: Source) -> None:
        known = status_of(source, "active")
        before = Surroundings.now()
        try:
            with self._patience.at(known.name, _named(known), "importing it"):
                status = activated(source, self._manager)
        finally:
            changed = before.put_back()
        status = replace(status, changed=changed)
        with self._lock:
            key = status.name
            self._statuses[f"{key}\0{status.module}" if key in self._statuses else key] = status
            self._pending.remove(source)
        if status.state != "active":
            level = logging.INFO if status.state == "unavailable" else logging.WARNING
            message = "plugin %s is %s: %s; `hyperion plugins` says what to do"
            _log.log(level, message, status.name, status.state, status.reason)
        if changed:
            _log.warning("importing plugin %s changed %s", status.name, "; ".join(changed))

    def _table(self, hook: str) -> Table:
        self._load()
        found = self._tables.get(hook)
        if found is None:
            with self._loading:
                found = self._tables.get(hook)
                if found is None:
                    with self._patience.watching():
                        found = collected(hook, self._manager, self._blame, partial(self._asking, hook))
                if not self._pending:
                    self._tables[hook] = found
        return found

    def _asking(self, hook: str, owner: str) -> AbstractContextManager[None]:
        return self._patience.at(owner, self._described(owner), f"asking {hook}")

    def _registered(self, hook: str, name: str) -> Registered:
        table = self._table(hook)
        found = table.get(name, ())
        if len(found) == 1:
            return found[0]
        if not found:
            raise self._nobody(hook, name, table)
        preference = self.rules.preference(hook, name)
        preferred = [r for r in found if preference and r.owner == preference.plugin]
        if len(preferred) == 1:
            return preferred[0]
        raise self._several(hook, name, [r.owner for r in found])

    def _several(self, hook: str, name: str, owners: Sequence[str]) -> PluginError:
        described = " and ".join(self._described(owner) for owner in owners)
        last = owners[-1]
        hints = [
            f'prefer one in hyperion.toml, below [plugins.prefer]: "{hook}:{name}" = "{owners[0]}"',
            f'or disable one: hp.Instance(disable=["{last}"]), HYPERION_DISABLE_PLUGINS={last}',
        ]
        preference = self.rules.preference(hook, name)
        notes = [f"{preference.place} names {preference.plugin!r}, which is neither"] if preference else []
        return PluginError("HY1003", f"{name!r} is registered by {described} through {hook}", notes=notes, hints=hints)

    def _described(self, name: str) -> str:
        return _named(self._statuses[name])

    def _make(self, registered: Registered, hook: str, name: str) -> Any:  # Any: the hook names the interface
        owner = registered.owner
        try:
            with self._patience.at(owner, self._described(owner), f"making {name!r}"):
                return made(registered, hook, name, interface(hook))
        except PluginError as error:
            cause = fault(error.__cause__, "") if error.__cause__ else Fault("failed", "", "")
            remedy = "; ".join(error.hints) or "report it to its authors"
            self._blame(registered.owner, Fault(cause.state, error.message, remedy, cause.traceback))
            raise

    def _nobody(self, hook: str, name: str, table: Mapping[str, object]) -> PluginError:
        kind = hook.removeprefix("hyperion_").replace("_", " ")
        idle = [s for s in self.statuses() if s.state != "active"]
        hints = [*self.advice(hook, name), *(f"did you mean {match!r}?" for match in nearest(name, table))]
        hints.append(f"registered {kind}: {', '.join(sorted(table)) or 'none'}")
        notes = [f"plugin {s.name} is {s.state}: {s.reason}" for s in idle]
        return PluginError("HY1002", f"no plugin registers {name!r} among the {kind}", notes=notes, hints=hints)

    def _blame(self, name: str, found: Fault) -> None:
        """Keeps the first fault of a plugin as its state; says each that is new."""
        self._blamed(name)
        with self._lock:
            known = self._statuses[name]
            if known.state == "active":
                self._statuses[name] = replace(
                    known, state=found.state, reason=found.reason, remedy=found.remedy, traceback=found.traceback
                )
            if (name, found.reason) in self._said:
                return
            self._said.add((name, found.reason))
        _log.warning("plugin %s: %s", name, found.reason)


def _together(plugins: str | Sequence[PluginChoice], disable: Iterable[str], rules: PluginRules) -> PluginRules:
    """All rules in their order. What the environment switches off comes before the plugins that a call asks for, so
    that whoever runs a program can do without one of them."""
    off = split(disable) if isinstance(disable, str) else frozenset(disable)
    first = [Names("disable", off, "the call's disable")]
    choices = [plugins] if isinstance(plugins, str) else list(plugins)
    names = frozenset(choice for choice in choices if isinstance(choice, str))
    allowed = [Names("enable" if "auto" in names else "allow", names - {"auto"}, "the call's plugins")]
    switched = [r for r in rules.names if r.kind == "disable" and r.place == "HYPERION_DISABLE_PLUGINS"]
    rest = [r for r in rules.names if r not in switched]
    return rules._replace(names=(*first, *switched, *allowed, *rest))


def _named(status: PluginStatus) -> str:
    """A plugin with its distribution, for messages."""
    name = repr(status.name)
    return f"{name} ({status.distribution} {status.version})" if status.distribution else name


def _twice(point: EntryPoint, name: str, claimants: Sequence[EntryPoint]) -> PluginStatus:
    if len({p.distribution for p in claimants}) == 1:
        what = f"{point.distribution} {point.version} has {len(claimants)} entry points {name!r}; none of them is used"
        return status_of(point, "failed", what, f"report it to the authors of {point.distribution}")
    both = " and ".join(f"{p.distribution} {p.version}" for p in claimants)
    remedy = f'uninstall one of them, or block it in hyperion.toml: [plugins] block = ["{claimants[-1].distribution}"]'
    return status_of(point, "failed", f"{both} both have a plugin {name!r}; none of them is used", remedy)


def _row(point: EntryPoint) -> str:
    """Where the state of a plugin is kept that is not on: another of its name may be."""
    return f"{point.name}\0{point.distribution}"


def _same_names(found: Mapping[str, Mapping[str, OpDef | ExtensionType]]) -> None:
    """Whether each factory made what its plugin promised under that name."""
    for hook, things in found.items():
        for name, thing in things.items():
            if thing.name != name:
                raise PluginError("HY1015", f"{hook} registers {name!r}, and its factory made {thing.name!r}")
