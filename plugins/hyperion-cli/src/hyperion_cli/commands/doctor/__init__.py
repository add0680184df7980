"""`hyperion doctor`: what a report of a defect needs to say, and what is wrong here."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from hyperion.diagnostics import shown
from hyperion_cli.commands.doctor import installed as of_packages
from hyperion_cli.commands.doctor import setting, system
from hyperion_cli.commands.doctor.findings import Examination, Findings, examined
from hyperion_cli.hosts import installed
from hyperion_cli.output import print_json, say, say_wrapped

SUBJECTS: Mapping[str, Examination] = {
    "plugins": of_packages.plugins,
    "versions": of_packages.versions,
    "python": system.python,
    "processors": system.processors,
    "memory": system.memory,
    "llvm": system.llvm,
    "devices": of_packages.devices,
    "home": setting.home,
    "configuration": setting.configuration,
    "environment": setting.environment,
}


class Doctor:
    name = "doctor"
    help = "look at this installation and machine; fails where something is wrong, and says what to do"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace) -> int:
        with installed() as found:
            everything = {subject: examined(examine, found) for subject, examine in SUBJECTS.items()}
        healthy = not any(findings.problems for findings in everything.values())
        if arguments.json:
            print_json({"healthy": healthy, "problems": _problems(everything), **_facts(everything)})
        else:
            _print(everything)
        return 0 if healthy else 1


def _problems(everything: Mapping[str, Findings]) -> list[dict[str, str]]:
    return [{"subject": subject, **p._asdict()} for subject, found in everything.items() for p in found.problems]


def _facts(everything: Mapping[str, Findings]) -> dict[str, dict[str, str]]:
    return {subject: dict(found.facts) for subject, found in everything.items()}


def _print(everything: Mapping[str, Findings]) -> None:
    """Problems first."""
    for problem in _problems(everything):
        say_wrapped(f"{problem['subject']}: {shown(problem['what'])}", "red")
        say_wrapped(f"    try: {shown(problem['remedy'])}")
    if not _problems(everything):
        say("nothing is wrong", "green")
    for subject, found in everything.items():
        say()
        say(subject, "bold")
        width = max((len(label) for label, _ in found.facts), default=0)
        for label, value in found.facts:
            say_wrapped(f"  {shown(label).ljust(width)}  {shown(value)}")
