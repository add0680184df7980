"""Explanations."""

from __future__ import annotations

import json
from pathlib import Path

from hyperion.errors import Span
from hyperion.explain import CandidateReport, Explanation, ProvedEquality
from hyperion.interfaces.strategy import Refusal


def explained(theorem: ProvedEquality | None) -> Explanation:
    span = Span("f.py", 3, 5, 3, 9, "    s = s + x")
    return Explanation(
        "f",
        theorem,
        theorem is not None,
        ("add_comm",),
        (),
        True,
        "O(n)",
        "O(n/p)",
        "parallel",
        (Refusal("join", "not associative", "(a+b)+c = a+(b+c)", "a = 1e16", span),),
        (CandidateReport("join", "sum", "O(n/p)", "chosen"),),
    )


def test_an_explanation_as_text_and_json(tmp_path: Path) -> None:
    theorem = ProvedEquality("f = reduce +\nfor all xs", "join", "aa", "bb", lambda: {"format": "x"})
    found = explained(theorem)
    text = str(found)
    for part in ("O(n) as written, O(n/p) as compiled", "theorem (checked)", "reduce +", "axioms: add_comm"):
        assert part in text
    assert "join: not associative (f.py:3:5)" in text
    assert "counterexample: a = 1e16" in text
    assert json.loads(found.to_json()) == found.json()
    assert found.json()["theorem"] == "f = reduce +\nfor all xs"
    theorem.save(tmp_path / "proof.json")
    assert json.loads((tmp_path / "proof.json").read_text()) == {"format": "x"}


def test_an_explanation_without_theorem() -> None:
    assert "no theorem: the loop runs as written" in str(explained(None))
    assert explained(None).json()["theorem"] is None
