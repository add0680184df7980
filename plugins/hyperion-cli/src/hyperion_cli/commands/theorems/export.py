"""`hyperion theorems export PATH [DIGEST ...]`"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import hyperion as hp
from hyperion.interfaces.proof_exporter import ProofExporter
from hyperion.interfaces.theorem_library import StoredTheorem, TheoremLibrary
from hyperion.logic.proof import file_of
from hyperion_cli.commands.theorems.stored import chosen
from hyperion_cli.output import WRITABLE, UsageError, named_files, print_json, say

BUNDLE = "hyt"
STDOUT = "-"


class Export:
    name = "export"
    help = "write theorems of the library to a bundle (.hyt), or one in a format that another system reads"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "path", metavar="PATH", help="the file to write; - is stdout, for the formats that are text"
        )
        parser.add_argument(
            "digests", metavar="DIGEST", nargs="*", help="the beginning of a digest; all if none is given"
        )
        parser.add_argument("--format", metavar="NAME", default=BUNDLE, help="hyt (if not given), or that of a plugin")

    def run(self, arguments: argparse.Namespace) -> int:
        library = hp.default_instance().theorems
        exporter = None if arguments.format == BUNDLE else _exporter(arguments.format)
        theorems = chosen(library, arguments.digests)
        if exporter is None:
            return _bundle(arguments, library, theorems)
        if len(theorems) != 1:
            hints = ["give the digest of one; `hyperion theorems list` shows them"]
            raise UsageError("HY1223", f"a file of {exporter.name} holds one theorem, not {len(theorems)}", hints=hints)
        text = exporter.export(file_of(theorems[0].proof))
        if arguments.path != STDOUT:
            _write(arguments.path, text)
            _report(arguments, 1)
        elif arguments.json:
            print_json({"written": 1, "path": STDOUT, "format": arguments.format, "text": text})
        else:
            say(text.removesuffix("\n"))
        return 0


def _bundle(arguments: argparse.Namespace, library: TheoremLibrary, theorems: Sequence[StoredTheorem]) -> int:
    if arguments.path == STDOUT:
        raise UsageError("HY1211", "a bundle is no text and is not written to stdout", hints=["name a file"])
    with named_files(WRITABLE):
        _report(arguments, library.export(arguments.path, theorems))
    return 0


def _report(arguments: argparse.Namespace, count: int) -> None:
    if arguments.json:
        print_json({"written": count, "path": arguments.path, "format": arguments.format})
    else:
        say(f"{count} theorem{'' if count == 1 else 's'} written to {arguments.path}")


def _exporter(name: str) -> ProofExporter:
    known = hp.default_instance().proof_exporters()
    if name not in known:
        raise UsageError("HY1223", f"there is no format {name!r}", hints=[f"known are: {', '.join([BUNDLE, *known])}"])
    return known[name]


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError("HY1211", f"the proof cannot be written to {path!r}: {why}", hints=[WRITABLE]) from error
