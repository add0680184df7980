"""The records of the core's axioms; `python -m hyperion_z3.validate` writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from hyperion.interfaces.theory import Record
from hyperion.logic.kernel import Theorem

Proof = Callable[[], Theorem]


@cache
def records() -> Mapping[str, Record]:
    """Of every axiom of the core, by name."""
    text = (files("hyperion.logic") / "axioms" / "records.json").read_text(encoding="utf-8")
    return {name: Record(**fields) for name, fields in json.loads(text).items()}


@dataclass(frozen=True)
class CoreTheory:
    """The axioms whose names start with one of `prefixes` and a dot, and the laws that follow."""

    name: str
    prefixes: tuple[str, ...] = ()
    laws: Mapping[str, Proof] = field(default_factory=dict[str, Proof])
    axiom_text: str = ""

    @property
    def records(self) -> Mapping[str, Record]:
        return {a: record for a, record in records().items() if a.partition(".")[0] in self.prefixes}

    @property
    def axioms(self) -> Mapping[str, str]:
        return {a: str(record) for a, record in self.records.items()}

    def theorems(self) -> Mapping[str, Proof]:
        return self.laws
