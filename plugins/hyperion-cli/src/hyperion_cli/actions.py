"""Commands whose first word says what to do: `hyperion theorems list`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Protocol


class Action(Protocol):
    """One word after the command."""

    @property
    def name(self) -> str: ...

    @property
    def help(self) -> str: ...

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


def add_actions(parser: argparse.ArgumentParser, actions: Mapping[str, Action], required: bool = True) -> None:
    """Adds a word for each action, with its options and `--json`."""
    table = parser.add_subparsers(dest="action", required=required, metavar="ACTION", parser_class=type(parser))
    for name, action in actions.items():
        sub = table.add_parser(name, help=action.help, description=action.help, allow_abbrev=False)
        sub.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print one JSON document and nothing else",
        )
        action.configure(sub)
