"""`hyperion plugins [ACTION]`: what is installed, in which state, and what is wrong with it."""

from __future__ import annotations

import argparse

from hyperion_cli.actions import Action, add_actions
from hyperion_cli.commands.plugins.check import Check
from hyperion_cli.commands.plugins.listing import List
from hyperion_cli.commands.plugins.show import Show
from hyperion_cli.commands.plugins.why import Why

ACTIONS: dict[str, Action] = {a.name: a for a in (List(), Show(), Check(), Why())}


class Plugins:
    name = "plugins"
    help = "list, show and check the installed plugins; say who registers what"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_actions(parser, ACTIONS, required=False)

    def run(self, arguments: argparse.Namespace) -> int:
        return ACTIONS[arguments.action or "list"].run(arguments)
