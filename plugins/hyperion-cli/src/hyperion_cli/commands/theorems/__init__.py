"""`hyperion theorems ACTION`: the theorem library and proof files."""

from __future__ import annotations

import argparse
from typing import Protocol

from hyperion_cli.commands.theorems.audit import Audit
from hyperion_cli.commands.theorems.check import Check
from hyperion_cli.commands.theorems.export import Export
from hyperion_cli.commands.theorems.listing import List
from hyperion_cli.commands.theorems.show import Show
from hyperion_cli.commands.theorems.taking_in import Import
from hyperion_cli.commands.theorems.why import Why


class Action(Protocol):
    """One word after `hyperion theorems`."""

    @property
    def name(self) -> str: ...

    @property
    def help(self) -> str: ...

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


ACTIONS: dict[str, Action] = {a.name: a for a in (List(), Show(), Check(), Export(), Import(), Audit(), Why())}


class Theorems:
    name = "theorems"
    help = "list, show, check and move theorems and their proofs; list the axioms; say why there is none"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        table = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=type(parser))
        for name, action in ACTIONS.items():
            sub = table.add_parser(name, help=action.help, description=action.help, allow_abbrev=False)
            sub.add_argument(
                "--json",
                action="store_true",
                default=argparse.SUPPRESS,
                help="print one JSON document and nothing else",
            )
            action.configure(sub)

    def run(self, arguments: argparse.Namespace) -> int:
        return ACTIONS[arguments.action].run(arguments)
