"""What `hyperion doctor` found out about one subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from hyperion_cli.hosts import Found


class Problem(NamedTuple):
    """What is wrong and what to do."""

    what: str
    remedy: str


@dataclass(slots=True)
class Findings:
    """Facts, each a label and a value, and problems."""

    facts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    problems: list[Problem] = field(default_factory=list[Problem])

    def fact(self, label: str, value: object) -> None:
        self.facts.append((label, str(value)))

    def problem(self, what: str, remedy: str) -> None:
        self.problems.append(Problem(what, remedy))


Examination = Callable[[Found, Findings], None]


def examined(examine: Examination, found: Found) -> Findings:
    """What an examination finds; that it failed is a finding too."""
    findings = Findings()
    try:
        examine(found, findings)
    except Exception as error:
        findings.problem(f"this cannot be told: {type(error).__name__}: {error}", "report it")
    return findings
