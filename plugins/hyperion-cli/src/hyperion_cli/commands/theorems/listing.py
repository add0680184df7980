"""`hyperion theorems list`"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any  # JSON values

import hyperion as hp
from hyperion_cli.commands.theorems.stored import SHORT, fields, safe
from hyperion_cli.output import print_json, say, table
from hyperion_cli.progress import progress


class List:
    name = "list"
    help = "list the theorems of the library"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace) -> int:
        instance = hp.default_instance()
        with progress(instance):
            theorems = [fields(theorem) for theorem in instance.theorems]
        if arguments.json:
            print_json({"theorems": theorems})
        elif not theorems:
            say("the library is empty: hp.jit and `hyperion run` put there what they derive")
        else:
            print_theorems(theorems)
        return 0 if all(t["checked"] for t in theorems) else 1


def print_theorems(theorems: Sequence[Mapping[str, Any]]) -> None:
    """A table of theorems, as `fields` gives them."""
    rows = [("theorem", "about", "overflow", "cost", "strategy", "axioms")]
    for t in theorems:
        axioms = str(len(t["axioms"])) if t["checked"] else "REFUSED"
        rows.append((t["digest"][:SHORT], t["signature"], t["overflow"] or "-", t["cost"], t["strategy"], axioms))
    for line in table([[safe(cell) for cell in row] for row in rows]):
        say(line)
