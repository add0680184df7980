"""What `hyperion plugins check` looks at: whether a plugin does what it promises, as far as that is told cheaply."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from hyperion.errors import HyperionError, PluginError
from hyperion.plugins.faults import PASSED_ON, fault, text
from hyperion.plugins.host import PluginHost
from hyperion.plugins.interfaces import INTERFACES, interface
from hyperion.plugins.status import PluginStatus

if TYPE_CHECKING:
    from hyperion.interfaces.theory import Theory

SLOW = 0.5
"""Seconds that importing a plugin's module may take: it is imported before anything of it is needed."""
_AUTHORS = "report it to its authors"


class Problem(NamedTuple):
    """What is wrong with a plugin: of what of it, why, and what to do."""

    of: str
    what: str
    remedy: str


def problems(host: PluginHost, status: PluginStatus) -> list[Problem]:
    """Everything that is wrong with a plugin that is on: its state, what its hooks register, whether each factory makes
    what the interface of its hook asks for, and whether its axioms contradict each other."""
    if status.state != "active":
        return [Problem("state", f"{status.state}: {status.reason}", status.remedy)]
    found = list(_of_the_module(status))
    for hook in status.hooks:
        if hook in INTERFACES:
            found += _of_a_hook(host, status, hook)
    if not found and not {"hyperion_ops", "hyperion_types"}.isdisjoint(status.hooks):
        with suppress(PluginError):  # two plugins have one name: found above
            host.registry()
    now = next(s for s in host.statuses() if (s.name, s.distribution) == (status.name, status.distribution))
    if now.state != "active" and not any(now.reason in problem.what for problem in found):
        found.insert(0, Problem("state", f"{now.state}: {now.reason}", now.remedy))
    return found


def _of_the_module(status: PluginStatus) -> Iterator[Problem]:
    if not status.hooks:
        yield Problem(status.module, "it implements no hook", f"mark its functions with @hookimpl, or {_AUTHORS}")
    for changed in status.changed:
        yield Problem(status.module, f"importing it changes {changed}: others rely on that", _AUTHORS)
    if status.seconds > SLOW:
        what = f"importing it takes {status.seconds:.1f} s, before anything of it is needed"
        yield Problem(status.module, what, "import what is heavy inside the factories")


def _of_a_hook(host: PluginHost, status: PluginStatus, hook: str) -> Iterator[Problem]:
    for name in host.names(hook):
        owners = host.claims(hook, name)
        if status.name not in owners:
            continue
        of = f"{hook}:{name}"
        try:
            if host.owner(hook, name) == status.name:
                yield from _of_a_thing(of, hook, name, host.get(hook, name), status)
        except HyperionError as error:
            yield Problem(of, error.message, "; ".join(error.hints) or _AUTHORS)


def _of_a_thing(of: str, hook: str, name: str, thing: Any, status: PluginStatus) -> Iterator[Problem]:  # Any: see hooks
    try:
        yield from (Problem(of, what, _AUTHORS) for what in _signatures(thing, interface(hook)))
        called = "kind" if hook == "hyperion_devices" else "name"
        if called in vars(interface(hook)) and getattr(thing, called) != name:
            yield Problem(of, f"its {called} is {getattr(thing, called)!r}", f"register it by its {called}; {_AUTHORS}")
        if hook == "hyperion_devices":
            yield from _of_a_driver(of, name, thing)
        if hook == "hyperion_cli_commands":
            parser = argparse.ArgumentParser(prog=name)
            parser.add_argument("--json", action="store_true")
            thing.configure(parser)
        if hook == "hyperion_ops" and thing.evaluate is not None and not _bindable(thing.evaluate, 3):
            own = inspect.signature(thing.evaluate)
            yield Problem(of, f"its evaluate{own} cannot be called as evaluate(values, types, result)", _AUTHORS)
        if hook == "hyperion_theories" and thing.axiom_text:
            from hyperion.plugins.axioms import contradictions  # on use: few plugins have any

            owner = status.distribution or status.name
            wrong = [Problem(of, what, f"do not use it; {_AUTHORS}") for what in contradictions(owner, thing)]
            yield from wrong or _of_laws(of, thing)
    except PASSED_ON:
        raise
    except BaseException as error:
        found = fault(error, status.distribution)
        yield Problem(of, f"looking at it raised {text(error)}", found.remedy)


def _of_a_driver(of: str, kind: str, driver: Any) -> Iterator[Problem]:  # Any: a DeviceDriver, as far as it is one
    for info in driver.devices():
        if info.kind != kind or not info.address.startswith(f"{kind}:"):
            yield Problem(of, f"a device of kind {kind!r} says that it is {info.address!r}, {info.kind!r}", _AUTHORS)
        elif driver.describe(info.address).address != info.address:
            yield Problem(of, f"it describes {info.address} as another device", _AUTHORS)


def _of_laws(of: str, brought: Theory) -> Iterator[Problem]:
    """The laws that cannot be proved, of a theory whose axioms are known."""
    for name, law in brought.theorems().items():
        try:
            law()
        except PASSED_ON:
            raise
        except BaseException as error:
            yield Problem(of, f"its law {name} raised {text(error)}", _AUTHORS)


def _bindable(function: Callable[..., object], count: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # built in: it does not say
        pass
    return True


def _signatures(thing: object, wanted: type) -> Iterator[str]:
    """The methods that cannot be called as the interface calls them."""
    for name, method in vars(wanted).items():
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        parameters = list(inspect.signature(method).parameters.values())[1:]
        required = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        by_name = {p.name: None for p in parameters if p.kind is p.KEYWORD_ONLY}
        try:
            own = inspect.signature(getattr(thing, name))
        except (TypeError, ValueError):  # built in: it does not say
            continue
        try:
            own.bind(*[None] * len(required), **by_name)
        except TypeError:
            listed = ", ".join(p.name for p in parameters)
            yield f"{name}{own} cannot be called as {name}({listed})"
