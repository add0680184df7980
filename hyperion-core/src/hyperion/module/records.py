"""What was found out about each function: the section THM, in the order of META's functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any  # JSON values

from hyperion.cost import Cost
from hyperion.errors import Span
from hyperion.explain import CandidateReport
from hyperion.interfaces.strategy import Refusal
from hyperion.module.canonical_json import Fields
from hyperion.module.span_writer import Spans


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
            "strategy": self.strategy,
            "summary": self.summary,
            "left": self.left,
            "right": self.right,
            "axioms": list(self.axioms),
            "oracles": list(self.oracles),
        }


@dataclass(frozen=True, slots=True)
class Record:
    """What a derivation says besides its programs. `rewritten` is the number of the passes' proof."""

    theorem: TheoremRecord | None
    rewritten: int | None
    parallel: bool
    cost: Cost
    candidates: tuple[CandidateReport, ...]
    refusals: tuple[Refusal, ...]

    def json(self, spans: Spans) -> dict[str, Any]:
        return {
            "theorem": None if self.theorem is None else self.theorem.json(),
            "rewritten": None if self.rewritten is None else {"proof": self.rewritten},
            "parallel": self.parallel,
            "cost": {"work": self.cost.work, "span": self.cost.span, "rank": self.cost.rank},
            "candidates": [
                {"strategy": c.strategy, "summary": c.summary, "cost": c.cost, "verdict": c.verdict}
                for c in self.candidates
            ],
            "refusals": [_refusal_json(r, spans) for r in self.refusals],
        }


def read_records(value: object, proofs: int) -> list[Record]:
    """The records. Raises `ModuleError` (HY3012) for anything else."""
    fields = Fields(value, "section THM")
    records = [_record(f, proofs) for f in fields.objects("functions")]
    fields.end()
    return records


def _record(fields: Fields, proofs: int) -> Record:
    theorem, rewritten = fields.maybe("theorem"), fields.maybe("rewritten")
    cost = Fields(fields.get("cost", dict), fields.what)
    found = Record(
        None if theorem is None else _theorem(theorem, proofs),
        None if rewritten is None else _number(rewritten, proofs),
        fields.get("parallel", bool),
        Cost(cost.text("work"), cost.text("span"), cost.count("rank", 100)),
        tuple(_candidate(f) for f in fields.objects("candidates")),
        tuple(_refusal(f) for f in fields.objects("refusals")),
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
    found = CandidateReport(*(fields.text(name) for name in ("strategy", "summary", "cost", "verdict")))
    fields.end()
    return found


def _refusal(fields: Fields) -> Refusal:
    texts = [fields.text(name) for name in ("strategy", "reason", "law", "counterexample")]
    span = fields.maybe("span")
    fields.end()
    return Refusal(*texts, span=None if span is None else _span(span))


def _refusal_json(refusal: Refusal, spans: Spans) -> dict[str, Any]:
    span = None if spans == "none" else refusal.span
    return {
        "strategy": refusal.strategy,
        "reason": refusal.reason,
        "law": refusal.law,
        "counterexample": refusal.counterexample,
        "span": None if span is None else _span_json(span if spans == "text" else replace(span, text="")),
    }


def _span_json(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "text": span.text,
    }


def _span(fields: Fields) -> Span:
    numbers = [fields.count(name, 1 << 32) for name in ("line", "column", "end_line", "end_column")]
    found = Span(fields.text("file"), *numbers, fields.text("text"))
    fields.end()
    return found
