"""`hyperion theorems ACTION`: the theorem library and proof files."""

from __future__ import annotations

import argparse

from hyperion_cli.actions import Action, add_actions
from hyperion_cli.commands.theorems.audit import Audit
from hyperion_cli.commands.theorems.check import Check
from hyperion_cli.commands.theorems.export import Export
from hyperion_cli.commands.theorems.listing import List
from hyperion_cli.commands.theorems.show import Show
from hyperion_cli.commands.theorems.taking_in import Import
from hyperion_cli.commands.theorems.why import Why

ACTIONS: dict[str, Action] = {a.name: a for a in (List(), Show(), Check(), Export(), Import(), Audit(), Why())}


class Theorems:
    name = "theorems"
    help = "list, show, check and move theorems and their proofs; list the axioms; say why there is none"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_actions(parser, ACTIONS)

    def run(self, arguments: argparse.Namespace) -> int:
        return ACTIONS[arguments.action].run(arguments)
