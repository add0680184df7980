"""`hyperion theorems check FILE`"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from hyperion.logic.checking import check_file
from hyperion_cli.output import UsageError, print_json, say, table


class Theorems:
    name = "theorems"
    help = "check proof files with the independent checker"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("action", choices=("check",), help="check: recompute what the proof proves")
        parser.add_argument("file", metavar="FILE", help="a proof file, as `hyperion explain --proof` writes it")

    def run(self, arguments: argparse.Namespace) -> int:
        try:
            checked = check_file(arguments.file)
        except OSError as error:
            raise UsageError("HY1209", f"the proof file cannot be read: {error}") from error
        if arguments.json:
            print_json({"checked": True, **asdict(checked)})
            return 0
        say("checked", "bold green")
        rows = [
            ("left", checked.left),
            ("right", checked.right),
            ("hypotheses", str(checked.hypotheses)),
            ("axioms", ", ".join(checked.axioms) or "none"),
            ("definitions", str(len(checked.definitions))),
            ("steps", str(checked.steps)),
            ("statement", checked.statement),
        ]
        for line in table(rows):
            say(line)
        return 0
