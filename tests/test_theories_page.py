"""The reference of theories says what the axiom files, their records and the theories say."""

from __future__ import annotations

import runpy
from pathlib import Path

from hyperion.logic.kernel import AXIOMS
from hyperion_proofs.theories.core import THEORIES

SCRIPT = runpy.run_path(str(Path(__file__).with_name("theories_page.py")))


def test_the_page_is_that_of_the_theories() -> None:
    written = SCRIPT["PAGE"].read_text(encoding="utf-8")
    assert written == SCRIPT["page"](), "stale: run `uv run python tests/theories_page.py`"


def test_every_axiom_and_law_has_a_row() -> None:
    rows = {line.split("`")[1] for line in SCRIPT["page"]().splitlines() if line.startswith("| `")}
    laws = [law for theory in THEORIES.values() for law in theory.contents.laws]
    assert {SCRIPT["_family"](name) for name in [*AXIOMS, *laws]} <= rows
