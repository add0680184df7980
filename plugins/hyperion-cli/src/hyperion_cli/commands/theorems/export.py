"""`hyperion theorems export PATH [DIGEST ...]`"""

from __future__ import annotations

import argparse

import hyperion as hp
from hyperion_cli.commands.theorems.stored import chosen
from hyperion_cli.output import UsageError, print_json, say

BUNDLE = "hyt"


class Export:
    name = "export"
    help = "write theorems of the library to a bundle (.hyt), or one in a format that another system reads"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH", help="the file to write")
        parser.add_argument(
            "digests", metavar="DIGEST", nargs="*", help="the beginning of a digest; all if none is given"
        )
        parser.add_argument(
            "--format", metavar="NAME", default=BUNDLE, help="hyt, or that of a plugin; hyt if not given"
        )

    def run(self, arguments: argparse.Namespace) -> int:
        instance = hp.default_instance()
        theorems = chosen(instance.theorems, arguments.digests)
        if arguments.format == BUNDLE:
            count = instance.theorems.export(arguments.path, theorems)
        else:
            hints = ["a plugin with the hook `hyperion_proof_exporters` adds formats"]
            raise UsageError("HY1223", f"there is no format {arguments.format!r}", hints=hints)
        if arguments.json:
            print_json({"written": count, "path": arguments.path, "format": arguments.format})
        else:
            say(f"{count} theorem{'' if count == 1 else 's'} written to {arguments.path}")
        return 0
