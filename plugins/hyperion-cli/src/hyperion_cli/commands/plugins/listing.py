"""`hyperion plugins list`, which is what `hyperion plugins` does"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from hyperion.diagnostics import shown
from hyperion.plugins import PluginStatus
from hyperion_cli.errors import print_error
from hyperion_cli.hosts import asked, installed
from hyperion_cli.output import print_json, say, table

STYLE = {"active": "green", "failed": "red", "incompatible": "red"}


class List:
    name = "list"
    help = "one line for each plugin: name, state, version, reason and what to do"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace) -> int:
        with installed() as found:
            statuses = asked(found.host)
        if arguments.json:
            print_json({"plugins": [asdict(status) for status in statuses]})
            return 0
        for mistake in found.mistakes:
            print_error(mistake)
        rows = [(s.name, s.state, f"{s.distribution} {s.version}".strip(), why(s)) for s in statuses]
        for status, line in zip(statuses, table([[shown(cell) for cell in row] for row in rows]), strict=True):
            say(line, STYLE.get(status.state, "yellow"))
        if not rows:
            say("no plugins are installed: `pip install` those that you need beside hyperion-core")
        return 0


def why(status: PluginStatus) -> str:
    """Why a plugin is not active, and what to do, or what it does besides, in one line."""
    if status.changed and not status.reason:
        return f"importing it changed {'; '.join(status.changed)}; try: report it to its authors"
    return f"{status.reason}; try: {status.remedy}" if status.reason and status.remedy else status.reason
