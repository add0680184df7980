"""What Hyperion found out about a function, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hyperion.diagnostics import json_text, span_json
from hyperion.interfaces.strategy import CandidateReport as CandidateReport
from hyperion.interfaces.strategy import Refusal
from hyperion.prediction import SIZE
from hyperion.ranking import time_text


@dataclass(frozen=True, slots=True)
class ProvedEquality:
    """The theorem behind the compiled function, in readable form; `left` and `right` are the hashes of its sides."""

    text: str
    strategy: str
    left: str
    right: str
    proof: Callable[[], Mapping[str, object]] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.text

    def save(self, path: str | Path) -> None:
        """Writes the proof file that `hyperion theorems check` reads."""
        Path(path).write_text(json.dumps(self.proof(), separators=(",", ":")) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The best proven version that was compiled, and which version the given arguments selected (`taken`).

    `checked` is true only where the independent checker accepted `denote(source) = denote(compiled)`. An explanation
    without a theorem is that of the sequential loop; `refusals` say why. `unproved` names the passes that changed it
    without evidence, as policy lets them: what is compiled may then mean something else than the source. `recalled`
    says how the theorem was found in the library, `exact` or by shape; it is empty where the theorem was derived.
    `kept` says that the checker accepted the proof in an earlier process of this user, whose verdict was kept.
    `pending` says that a search goes on in the background, and what is explained is the loop as written. `written` has
    the cost of the function as it was written.
    """

    function: str
    theorem: ProvedEquality | None
    checked: bool
    axioms: tuple[str, ...]
    oracles: tuple[str, ...]
    parallel: bool
    source_cost: str
    chosen_cost: str
    taken: str
    refusals: tuple[Refusal, ...]
    candidates: tuple[CandidateReport, ...]
    unproved: tuple[str, ...] = ()
    recalled: str = ""
    kept: bool = False
    pending: bool = False
    written: CandidateReport | None = None

    def __str__(self) -> str:
        return self.text()

    def text(self, names: bool = True) -> str:
        """The explanation for people; without `names` the axioms are counted only."""
        lines = [f"{self.function}: {self.source_cost} as written, {self.chosen_cost} as compiled"]
        if self.pending:
            lines.append("  pending: a search goes on in the background; until then the loop as written runs")
        if self.unproved:
            lines.append(f"  NOT PROVED: changed without evidence by {', '.join(self.unproved)}, which policy allows")
        if self.theorem is None:
            lines.append("  no theorem: the loop runs as written, compiled and sequential")
        else:
            stored = ", from the library" if self.recalled else ""
            before = " by an earlier process" if self.kept else ""
            lines.append("  theorem" + (f" (checked{before}{stored})" if self.checked else " (NOT checked)"))
            lines.extend(f"    {line}" for line in str(self.theorem).splitlines())
            lines.append(f"  axioms: {(', '.join(self.axioms) if names else len(self.axioms)) or 'none'}")
            if self.oracles:
                lines.append(f"  oracles: {', '.join(self.oracles)}")
        lines.append(f"  parallel: {'yes' if self.parallel else 'no'}; taken: {self.taken}")
        if self.candidates:
            lines.append("  candidates")
            lines.extend(f"    {line}" for c in self.candidates for line in candidate_lines(c))
        if self.written is not None and self.written.work:
            lines.extend(f"  {line}" for line in candidate_lines(self.written))
        if self.refusals:
            lines.append("  refusals")
            for refusal in self.refusals:
                lines.extend(f"    {line}" for line in refusal_lines(refusal))
        return "\n".join(lines)

    def json(self) -> dict[str, object]:
        """The same as plain values."""
        theorem = self.theorem
        return {
            "function": self.function,
            "pending": self.pending,
            "theorem": None if theorem is None else theorem.text,
            "strategy": None if theorem is None else theorem.strategy,
            "statement": None if theorem is None else {"left": theorem.left, "right": theorem.right},
            "checked": self.checked,
            "unproved": list(self.unproved),
            "recalled": self.recalled,
            "kept": self.kept,
            "axioms": list(self.axioms),
            "oracles": list(self.oracles),
            "parallel": self.parallel,
            "source_cost": self.source_cost,
            "chosen_cost": self.chosen_cost,
            "taken": self.taken,
            "refusals": [_refusal_json(r) for r in self.refusals],
            "candidates": [_candidate_json(c) for c in self.candidates],
            "written": None if self.written is None else _candidate_json(self.written),
        }

    def to_json(self) -> str:
        """The same as JSON text."""
        return json_text(self.json())


def candidate_lines(report: CandidateReport) -> list[str]:
    """A report as text: who offered it and what became of it, what it costs, its run-time tests."""
    lines = [f"{report.strategy} {report.cost}: {report.verdict}".removesuffix(": ")]
    if report.work:
        time = f"about {time_text(report.predicted)} at n = {SIZE:,}"
        axioms = f"; {report.axioms} axioms" if report.axioms else ""
        lines.append(f"  work {report.work}, span {report.span}, bytes {report.bytes}: {time}{axioms}")
    lines.extend(f"  guard: {guard}" for guard in report.guards)
    if report.guards:
        lines.append(f"  {_guard_cost_text(report)}")
    return lines


def _guard_cost_text(report: CandidateReport) -> str:
    whole = report.predicted * 1e9 / SIZE
    if report.guard_cost < 0.001 * whole:
        return "testing it costs nothing that counts beside the loop"
    return f"testing it costs about {report.guard_cost:.2g} ns an element, {report.guard_cost / whole:.0%} of the loop"


def refusal_lines(refusal: Refusal) -> list[str]:
    """A refusal as text: who, why, the law that fails, values that break it."""
    place = f" ({refusal.span})" if refusal.span is not None else ""
    lines = [f"{refusal.strategy}: {refusal.reason}{place}"]
    if refusal.law:
        lines.append(f"  law: {refusal.law}")
    if refusal.counterexample:
        lines.append(f"  counterexample: {refusal.counterexample}")
    return lines


def _candidate_json(report: CandidateReport) -> dict[str, object]:
    return {**asdict(report), "guards": list(report.guards)}


def _refusal_json(refusal: Refusal) -> dict[str, object]:
    return {
        "strategy": refusal.strategy,
        "reason": refusal.reason,
        "law": refusal.law,
        "counterexample": refusal.counterexample,
        "span": span_json(refusal.span),
    }
