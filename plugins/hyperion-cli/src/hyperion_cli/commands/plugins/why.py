"""`hyperion plugins why NAME`, or `HOOK:NAME`"""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from importlib import metadata
from typing import NamedTuple

from hyperion.diagnostics import shown
from hyperion.plugins import INTERFACES, PluginHost, PluginStatus
from hyperion.plugins.homes import promised
from hyperion_cli.commands.plugins.listing import why
from hyperion_cli.hosts import installed
from hyperion_cli.output import UsageError, print_json, say, say_wrapped


class Why:
    name = "why"
    help = "say which plugin registers a name, who else does, and what decided between them"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("what", metavar="NAME", help="a name such as `cpu`, or with its hook: hyperion_devices:cpu")

    def run(self, arguments: argparse.Namespace) -> int:
        with installed() as found:
            claims = _claims(found.host, arguments.what)
            answers = [_answer(found.host, hook, name) for hook, name in claims]
            idle = [_idle(s, arguments.what) for s in found.host.statuses() if s.state != "active"]
            idle.sort(key=lambda i: not i.near)
        if arguments.json:
            print_json(
                {
                    "names": [answer._asdict() for answer in answers],
                    "not_active": [i._asdict() for i in idle],
                }
            )
            return 0 if answers else 1
        for answer in answers:
            say(shown(f"{answer.hook}:{answer.name}"), "bold")
            say_wrapped(f"  {shown(answer.decided)}")
            for owner in answer.registered_by:
                say(f"  {'*' if owner == answer.chosen else ' '} {shown(owner)}")
        if not answers:
            say_wrapped(f"no active plugin registers {shown(arguments.what)!r}")
            for near in _near(found.host, arguments.what):
                say(f"did you mean {near}?")
        if idle:
            say("not active, so nobody asked what they would register; by their metadata:")
            for other in idle:
                say_wrapped(f"  {shown(other.text)}", "bold" if other.near else "")
        return 0 if answers else 1


class Idle(NamedTuple):
    """A plugin that is not active, as far as it is known without importing it; `near` says why it may be the one that
    registers the name."""

    name: str
    state: str
    distribution: str
    version: str
    summary: str
    module: str
    why: str
    near: str

    @property
    def text(self) -> str:
        about = " ".join(x for x in (self.distribution, self.version) if x)
        about += f", {self.summary!r}" if self.summary else ""
        module = f", module {self.module}" if self.module else ""
        near = f"; {self.near}" if self.near else ""
        return f"{self.name} ({about or 'no distribution'}{module}): {self.state}; {self.why}{near}"


def _idle(status: PluginStatus, what: str) -> Idle:
    name = what.rpartition(":")[2]
    known = [f"{hook}:{found}" for hook, found in promised(status.distribution) if what in (found, f"{hook}:{found}")]
    near = ""
    if known:
        near = f"its distribution registers {' and '.join(known)}"
    elif name in (status.name, status.distribution, status.module):
        near = "it has that name"
    return Idle(
        status.name,
        status.state,
        status.distribution,
        status.version,
        _summary(status.distribution),
        status.module,
        why(status),
        near,
    )


def _summary(distribution: str) -> str:
    """The line that a distribution's metadata has about it; empty where it has none that can be read."""
    try:
        return " ".join((metadata.metadata(distribution)["Summary"] or "").split())[:80]
    except Exception:  # files that are broken, by a finder that is anybody's
        return ""


def _claims(host: PluginHost, what: str) -> list[tuple[str, str]]:
    """The hooks through which the name is registered. Raises `UsageError` (HY1225) for a hook that does not exist."""
    hook, colon, name = what.partition(":")
    if colon and hook.startswith("hyperion_"):
        if hook not in INTERFACES:
            hints = [f"did you mean {near}:{name}?" for near in get_close_matches(hook, INTERFACES, n=1)]
            raise UsageError("HY1225", f"there is no hook {hook!r}", hints=[*hints, f"hooks: {', '.join(INTERFACES)}"])
        return [(hook, name)] if name in host.names(hook) else []
    return [(hook, what) for hook in INTERFACES if what in host.names(hook)]


class Answer(NamedTuple):
    """Who registers a name through a hook, whose counts, and what decided that."""

    hook: str
    name: str
    registered_by: list[str]
    chosen: str
    decided: str


def _answer(host: PluginHost, hook: str, name: str) -> Answer:
    owners = list(host.claims(hook, name))
    preference = host.rules.preference(hook, name)
    chosen, decided = "", f"nobody decided between them: {name!r} is an error (HY1003) when it is asked for"
    if len(owners) == 1:
        chosen, decided = owners[0], "nobody else registers it"
    elif preference and owners.count(preference.plugin) == 1:
        chosen, decided = preference.plugin, f"{preference.place} prefers {preference.plugin}"
    return Answer(hook, name, owners, chosen, decided)


def _near(host: PluginHost, what: str) -> list[str]:
    known = {name for hook in INTERFACES for name in host.names(hook)}
    return get_close_matches(what.rpartition(":")[2], known, n=1)
