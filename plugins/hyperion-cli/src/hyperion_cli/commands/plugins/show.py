"""`hyperion plugins show NAME`"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from hyperion.diagnostics import shown
from hyperion.plugins import INTERFACES, PluginHost, PluginStatus
from hyperion_cli.commands.plugins.listing import STYLE
from hyperion_cli.commands.plugins.named import named
from hyperion_cli.hosts import installed
from hyperion_cli.output import print_json, say, say_wrapped, seconds


class Show:
    name = "show"
    help = "show one plugin: version, module, what it registers, state, reason and what to do"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("plugin", metavar="NAME", help="a plugin, as `list` names it, or a distribution")
        parser.add_argument("--traceback", action="store_true", help="print where it raised")

    def run(self, arguments: argparse.Namespace) -> int:
        with installed() as found:
            statuses = named(arguments.plugin, found.host.statuses())
            registers = {s.name: _registers(found.host, s) for s in statuses}
            statuses = named(arguments.plugin, found.host.statuses())  # asking what it registers may be its end
        if arguments.json:
            print_json({"plugins": [{**asdict(s), "registers": registers[s.name]} for s in statuses]})
            return 0
        for status in statuses:
            say(f"{shown(status.name)}: {status.state}", STYLE.get(status.state, "yellow"))
            for label, value in _lines(status, registers[status.name]):
                say_wrapped(f"  {label:<14}{shown(value)}")
            if arguments.traceback and status.traceback:
                for line in status.traceback.rstrip().splitlines():
                    say(f"  {shown(line)}")
            elif status.traceback:
                say("  it raised: --traceback shows where")
        return 0


def _registers(host: PluginHost, status: PluginStatus) -> dict[str, list[str]]:
    found = {hook: [n for n in host.names(hook) if status.name in host.claims(hook, n)] for hook in INTERFACES}
    return {hook: names for hook, names in found.items() if names}


def _lines(status: PluginStatus, registers: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for label, value in (
        ("reason", status.reason),
        ("try", status.remedy),
        ("distribution", f"{status.distribution} {status.version}".strip()),
        ("module", status.module),
        ("plugin API", status.api),
        ("imported in", seconds(status.seconds) if status.seconds else ""),
        ("changed", "; ".join(status.changed)),
        ("lies in", status.place),
        ("hooks", ", ".join(status.hooks)),
    ):
        if value:
            yield label, value
    for hook, names in registers.items():
        yield "registers", f"{hook.removeprefix('hyperion_')}: {', '.join(names)}"
