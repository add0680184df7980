"""`hyperion inspect M.hym`"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import hyperion as hp
from hyperion.diagnostics import to_json
from hyperion.diagnostics.layout import shown
from hyperion.module import inspect_module
from hyperion.module.codecs import NAMES
from hyperion.module.inspection import Inspection, SectionReport
from hyperion_cli.commands.compile import count, verdict
from hyperion_cli.compiled import signature_of
from hyperion_cli.errors import print_error
from hyperion_cli.output import named_files, print_json, say_wrapped, size, table

FAILED = 1


class Inspect:
    name = "inspect"
    help = "say what a module file holds and whether it is sound; no code of it is run"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", metavar="M.hym", help="a module file, damaged ones too")

    def run(self, arguments: argparse.Namespace) -> int:
        instance = hp.default_instance()
        with named_files():
            found = inspect_module(arguments.file, instance.registry, instance.policy)
        if arguments.json:
            print_json(_fields(found))
        else:
            for line, style in _lines(found):
                say_wrapped(shown_line(line), style)
            if found.error is not None:
                print_error(found.error)
        return 0 if found.error is None else FAILED


def shown_line(text: str) -> str:
    """Texts of a stranger's file do not move the cursor."""
    return "\n".join(shown(line) for line in text.split("\n"))


def _lines(found: Inspection) -> Iterator[tuple[str, str]]:
    version = "" if found.table is None else f", format {found.table.version[0]}.{found.table.version[1]}"
    yield f"{found.name}: {size(found.size)}{version}", "bold"
    if found.meta is not None:
        about = found.meta.about
        plugins = ", ".join(f"{p.name} ({p.distribution} {p.version})".replace("( )", "") for p in about.plugins)
        yield f"made by hyperion-core {about.core} with the plugins {plugins or '(none)'}", ""
        yield f"pipeline {about.pipeline or '(no pass)'}; target {about.target or '(none)'}", ""
        for need in found.meta.requires:
            what = count(len(need.ops), "operation") + (f", {count(len(need.types), 'type')}" if need.types else "")
            yield f"needs {need.distribution}: {what}", ""
    if found.sections:
        yield "sections", ""
        for line in table([_row(report) for report in found.sections]):
            yield f"  {line}", "bold red" if line.endswith("DAMAGED") else ""
    yield from _functions(found)


def _row(report: SectionReport) -> tuple[str, ...]:
    entry = report.entry
    held = f"{size(entry.stored)} of {size(entry.raw)} by {NAMES.get(entry.codec, entry.codec)}"
    place = f"at {entry.offset}"
    kind = entry.kind if entry.critical else f"{entry.kind} (optional)"
    digest = f"sha256 {entry.digest.hex()[:16]}"
    return kind, place, held if entry.codec else size(entry.raw), digest, "intact" if report.intact else "DAMAGED"


def _functions(found: Inspection) -> Iterator[tuple[str, str]]:
    if found.judgement is None:
        names = [m.name for m in found.meta.members] if found.meta else []
        if names:
            yield f"functions, of which nothing is known for sure: {', '.join(names)}", "yellow"
        return
    yield "functions", ""
    for name, derivation in found.judgement.derivations.items():
        yield f"  {signature_of(derivation.source.main)}", "bold"
        yield f"    {verdict(derivation)}", ""
        if derivation.equality is not None:
            for line in derivation.equality.text.splitlines():
                yield f"      {line}", ""
            axioms = derivation.verdict.axioms
            yield f"      by {derivation.equality.strategy}; {count(len(axioms), 'axiom')}", ""
        for code in found.meta.code if found.meta else ():
            place = code.functions.get(name)
            if place is not None:
                yield f"    {code.format} code for {code.target}, {size(place.size)}: {place.compat}", ""
        if name in found.judgement.rejected:
            yield f"    proof REJECTED: {found.judgement.rejected[name]}", "bold red"


def _fields(found: Inspection) -> dict[str, object]:
    judgement, meta = found.judgement, found.meta
    return {
        "module": found.name,
        "bytes": found.size,
        "format": None if found.table is None else list(found.table.version),
        "meta": None if meta is None else meta.json(),
        "sections": [
            {
                "kind": r.entry.kind,
                "critical": r.entry.critical,
                "codec": NAMES.get(r.entry.codec, str(r.entry.codec)),
                "offset": r.entry.offset,
                "stored": r.entry.stored,
                "raw": r.entry.raw,
                "sha256": r.entry.digest.hex(),
                "intact": r.intact,
            }
            for r in found.sections
        ],
        "functions": None
        if judgement is None
        else [
            {
                "signature": signature_of(d.source.main),
                "rejected": judgement.rejected.get(name),
                **d.explanation().json(),
            }
            for name, d in judgement.derivations.items()
        ],
        "error": None if found.error is None else to_json(found.error),
    }
