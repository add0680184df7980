"""The reference of operations says what the op table says."""

from __future__ import annotations

import runpy
from pathlib import Path

from hyperion.ir.ops import OPS

SCRIPT = runpy.run_path(str(Path(__file__).with_name("operations_page.py")))


def test_the_page_is_that_of_the_table() -> None:
    written = SCRIPT["PAGE"].read_text(encoding="utf-8")
    assert written == SCRIPT["page"](), "stale: run `uv run python tests/operations_page.py`"


def test_every_op_has_a_row() -> None:
    rows = [line for line in SCRIPT["page"]().splitlines() if line.startswith("| `")]
    assert {row.split("`")[1] for row in rows} >= set(OPS)
