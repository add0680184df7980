"""`hyperion theorems import PATH`"""

from __future__ import annotations

import argparse

import hyperion as hp
from hyperion_cli.commands.theorems.stored import safe
from hyperion_cli.output import named_files, print_json, say, say_wrapped
from hyperion_cli.progress import progress


class Import:
    name = "import"
    help = "take a bundle (.hyt) into the library; every theorem of it is checked again"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH", help="the bundle")

    def run(self, arguments: argparse.Namespace) -> int:
        instance = hp.default_instance()
        with progress(instance), named_files():
            report = instance.theorems.take_in(arguments.path)
        total = report.accepted + len(report.refused)
        if arguments.json:
            print_json({"accepted": report.accepted, "total": total, "refused": list(report.refused)})
        else:
            say(f"accepted {report.accepted} of {total}", "" if report.refused else "bold green")
            for reason in report.refused:
                say_wrapped(f"  refused {safe(reason)}")
        return 1 if report.refused else 0
