"""The records of the core's axioms; `python -m hyperion_z3.validate` writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hyperion.interfaces.theory import Record
from hyperion.logic.kernel import Theorem
from hyperion_proofs.theories.language import Contents, contents


@cache
def records() -> Mapping[str, Record]:
    """Of every axiom of the core, by name."""
    text = (files("hyperion.logic") / "axioms" / "records.json").read_text(encoding="utf-8")
    return {name: Record(**fields) for name, fields in json.loads(text).items()}


@dataclass(frozen=True)
class CoreTheory:
    """The axioms whose names begin as `pattern` says, and the laws of the theory's file."""

    name: str
    pattern: str = r"(?!)"  # matches nothing
    axiom_text: str = ""

    @property
    def records(self) -> Mapping[str, Record]:
        return {a: record for a, record in records().items() if re.match(self.pattern, a)}

    @property
    def axioms(self) -> Mapping[str, str]:
        return {a: str(record) for a, record in self.records.items()}

    def theorems(self) -> Mapping[str, Callable[[], Theorem]]:
        return self.contents.proofs()

    @property
    def contents(self) -> Contents:
        """What the theory's file says."""
        return contents(self.name.replace("-", "_"))
