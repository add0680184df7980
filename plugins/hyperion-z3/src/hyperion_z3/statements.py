"""The axioms of the core as statements, with the digests that their records carry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from hyperion.interfaces.theory import Record
from hyperion.logic import terms as t
from hyperion.logic import theory
from hyperion.logic.kernel import Equation
from hyperion.logic.terms import Term

RECORDS = Path(str(files("hyperion.logic"))) / "axioms" / "records.json"


@dataclass(frozen=True, slots=True)
class Statement:
    """`hypotheses |- left = right`, for all values of the free variables."""

    name: str
    hypotheses: tuple[Equation, ...]
    left: Term
    right: Term

    @property
    def variables(self) -> list[Term]:
        """The free variables, by name."""
        sides = [side for equation in (*self.hypotheses, (self.left, self.right)) for side in equation]
        return sorted(frozenset[Term]().union(*(side.free for side in sides)), key=lambda v: v.name)

    @property
    def constants(self) -> frozenset[str]:
        """The names of the constants inside."""
        sides = [side for equation in (*self.hypotheses, (self.left, self.right)) for side in equation]
        return frozenset(u.name for side in sides for u in t.subterms(side) if u.kind == "C")

    @property
    def digest(self) -> str:
        """What the record of this statement carries."""
        return theory.statement_digest(frozenset(self.hypotheses), self.left, self.right)


@cache
def statements() -> Mapping[str, Statement]:
    """The axioms of the core, by name."""
    return {name: statement(name, *sequent) for name, sequent in theory.load(theory.axiom_text()).items()}


def statement(name: str, hypotheses: frozenset[Equation], left: Term, right: Term) -> Statement:
    order = sorted(hypotheses, key=lambda pair: (t.digest(pair[0]), t.digest(pair[1])))
    return Statement(name, tuple(order), left, right)


def read_records() -> dict[str, Record]:
    """The records of the last validation, by axiom."""
    return {name: Record(**fields) for name, fields in json.loads(RECORDS.read_text(encoding="utf-8")).items()}


def write_records(records: Mapping[str, Record]) -> None:
    text = json.dumps({name: asdict(records[name]) for name in sorted(records)}, indent=1)
    RECORDS.write_text(text + "\n", encoding="utf-8")
