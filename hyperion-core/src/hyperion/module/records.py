"""What was found out about each function: the section THM, in the order of META's functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any  # JSON values

from hyperion.cost import Cost
from hyperion.errors import Span
from hyperion.explain import CandidateReport
from hyperion.interfaces.strategy import Refusal
from hyperion.module.canonical_json import Fields, printable

NumberOf = Callable[[Span | None], int]  # of a span in the section SPAN; 0 for none
SpanOf = Callable[[int], Span | None]


@dataclass(frozen=True, slots=True)
class TheoremRecord:
    """A theorem as the file has it; `proof` is a number in the section PRF. Nothing of it is believed."""

    proof: int
    strategy: str
    summary: str
    left: str
    right: str
    axioms: tuple[str, ...]
    oracles: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        return {
            "proof": self.proof,
            "strategy": printable(self.strategy),
            "summary": printable(self.summary),
            "left": self.left,
            "right": self.right,
            "axioms": list(self.axioms),
            "oracles": list(self.oracles),
        }


@dataclass(frozen=True, slots=True)
class Record:
    """What a derivation says besides its programs. `rewritten` is the number of the passes' proof, `unproved` names
    the passes that gave none."""

    theorem: TheoremRecord | None
    rewritten: int | None
    unproved: tuple[str, ...]
    parallel: bool
    cost: Cost
    candidates: tuple[CandidateReport, ...]
    refusals: tuple[Refusal, ...]

    @property
    def proofs(self) -> tuple[int, ...]:
        """The numbers of the proofs that it speaks of."""
        theorem = () if self.theorem is None else (self.theorem.proof,)
        return theorem if self.rewritten is None else (*theorem, self.rewritten)

    def json(self, number: NumberOf) -> dict[str, Any]:
        return {
            "theorem": None if self.theorem is None else self.theorem.json(),
            "rewritten": None if self.rewritten is None else {"proof": self.rewritten},
            "unproved": list(self.unproved),
            "parallel": self.parallel,
            "cost": {"work": self.cost.work, "span": self.cost.span, "rank": self.cost.rank},
            "candidates": [_texts(c, _CANDIDATE) for c in self.candidates],
            "refusals": [{**_texts(r, _REFUSAL), "span": number(r.span)} for r in self.refusals],
        }


_CANDIDATE = ("strategy", "summary", "cost", "verdict")
_REFUSAL = ("strategy", "reason", "law", "counterexample")


def _texts(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: printable(getattr(value, name)) for name in names}


def read_records(fields: Fields, proofs: int, span: SpanOf) -> list[Record]:
    """The records. Raises `ModuleError` (HY3012) for anything else, IndexError for a span that does not exist."""
    records = [_record(f, proofs, span) for f in fields.objects("functions")]
    fields.end()
    return records


def _record(fields: Fields, proofs: int, span: SpanOf) -> Record:
    theorem, rewritten = fields.maybe("theorem"), fields.maybe("rewritten")
    cost = fields.object("cost")
    found = Record(
        None if theorem is None else _theorem(theorem, proofs),
        None if rewritten is None else _number(rewritten, proofs),
        fields.texts("unproved"),
        fields.get("parallel", bool),
        Cost(cost.text("work"), cost.text("span"), cost.count("rank", 100)),
        tuple(_candidate(f) for f in fields.objects("candidates")),
        tuple(_refusal(f, span) for f in fields.objects("refusals")),
    )
    cost.end()
    fields.end()
    return found


def _number(fields: Fields, proofs: int) -> int:
    number = fields.count("proof", proofs)
    fields.end()
    return number


def _theorem(fields: Fields, proofs: int) -> TheoremRecord:
    found = TheoremRecord(
        fields.count("proof", proofs),
        fields.text("strategy"),
        fields.text("summary"),
        fields.text("left"),
        fields.text("right"),
        fields.texts("axioms"),
        fields.texts("oracles"),
    )
    fields.end()
    return found


def _candidate(fields: Fields) -> CandidateReport:
    strategy, summary, cost, verdict = map(fields.text, _CANDIDATE)
    found = CandidateReport(strategy, summary, cost, verdict)
    fields.end()
    return found


def _refusal(fields: Fields, span: SpanOf) -> Refusal:
    found = Refusal(*map(fields.text, _REFUSAL), span=span(fields.count("span", 1 << 32)))
    fields.end()
    return found
