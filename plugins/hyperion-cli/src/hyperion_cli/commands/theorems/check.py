"""`hyperion theorems check FILE`"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from hyperion.logic.checking import Checked, check_file
from hyperion_cli.output import UsageError, print_json, say, say_wrapped, table, wrapped

SHOWN = 6  # lines of a statement


class Check:
    name = "check"
    help = "have a proof file, or each theorem of a bundle (.hyt), checked by the independent checker"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="as `hyperion explain --proof` or `theorems export` writes it")
        parser.add_argument("--full", action="store_true", help="print the whole statement and the names of the axioms")

    def run(self, arguments: argparse.Namespace) -> int:
        if arguments.file.endswith(".hyt"):
            from hyperion_cli.commands.theorems.bundles import check_bundle

            return check_bundle(arguments.file, arguments.json)
        try:
            checked = check_file(arguments.file)
        except OSError as error:
            why = error.strerror or str(error)
            raise UsageError("HY1209", f"the proof file {arguments.file!r} cannot be read: {why}") from error
        if arguments.json:
            print_json({"checked": not checked.hypotheses, **asdict(checked)})
        else:
            print_checked(checked, arguments.full)
        return 1 if checked.hypotheses else 0


def print_checked(checked: Checked, full: bool) -> None:
    """What the checker concluded, and the statement."""
    if checked.hypotheses:
        count = f"{checked.hypotheses} hypothes{'i' if checked.hypotheses == 1 else 'e'}s"
        say(f"checked, but under {count}: it says nothing unconditional", "bold red")
    elif not checked.functions:
        say("checked, but it is no equation between two functions: it says nothing about a program", "bold yellow")
    else:
        say("checked", "bold green")
    rows = [
        ("left", checked.left),
        ("right", checked.right),
        ("hypotheses", str(checked.hypotheses)),
        ("axioms", (", ".join(checked.axioms) if full else str(len(checked.axioms))) or "none"),
        ("definitions", str(len(checked.definitions))),
        ("steps", str(checked.steps)),
    ]
    for line in table(rows):
        say_wrapped(line)
    print_statement(checked.statement, full)


def print_statement(statement: str, full: bool) -> None:
    say("statement")
    lines = wrapped(f"  {statement}")
    for line in lines if full else lines[:SHOWN]:
        say(line)
    if len(lines) > SHOWN and not full:
        say(f"  ... --full shows {len(lines) - SHOWN} lines more")
