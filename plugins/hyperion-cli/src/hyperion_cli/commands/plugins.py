"""`hyperion plugins`"""

from __future__ import annotations

import argparse
from dataclasses import asdict

import hyperion as hp
from hyperion_cli.output import print_json, say, table

_STYLE = {"active": "green", "failed": "red", "incompatible": "red"}


class Plugins:
    name = "plugins"
    help = "list the installed plugins and their states"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace) -> int:
        statuses = hp.default_instance().plugins
        if arguments.json:
            print_json({"plugins": [asdict(status) for status in statuses]})
            return 0
        rows = [(s.name, s.state, f"{s.distribution} {s.version}".strip(), _why(s.reason, s.remedy)) for s in statuses]
        for status, line in zip(statuses, table(rows), strict=True):
            say(line, _STYLE.get(status.state, "yellow"))
        return 0


def _why(reason: str, remedy: str) -> str:
    return f"{reason}; try: {remedy}" if reason and remedy else reason
