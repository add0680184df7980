"""The roadmap ticks a row only with links to a test and an example that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
ROWS = re.findall(
    r"^- \[(?P<tick>[ x])\] (?P<text>.+)$", (REPOSITORY / "ROADMAP.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_the_roadmap_has_every_row() -> None:
    assert len(ROWS) == 32


@pytest.mark.parametrize("text", [text for _, text in ROWS])
def test_a_row_has_room_for_its_test_and_its_example(text: str) -> None:
    assert re.search(r" — test: .+; example: .+", text)


def test_a_ticked_row_links_a_test_and_an_example() -> None:
    for text in (text for tick, text in ROWS if tick == "x"):
        found = re.search(r" — test: \[[^]]*\]\((?P<test>[^)]+)\).*; example: \[[^]]*\]\((?P<example>[^)]+)\)", text)
        assert found, f"a ticked row needs two links: {text}"
        for target in found.groups():
            assert (REPOSITORY / target.split("#")[0]).exists(), target
