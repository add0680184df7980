"""The gallery: loops as people write them. Each gives what plain Python gives, and is what `expected.txt` says.

Deriving takes most of the time, so a run takes each loop with its first type of element, and of those that are derived
every third one, and none of the variants. With HYPERION_GALLERY=all it takes all of them.
"""

from __future__ import annotations

import os
from itertools import islice

import pytest

from catalogue import PAGE, expected, loops
from findings import derived, differences

LOOPS = {name: (loop, dtype) for loop in loops() for name, dtype in zip(loop.ids, loop.dtypes, strict=True)}
EXPECTED = expected()
REFUSED = ("sequential", "untaken")
TARGETS = ("parallel", "scan", "logarithmic", "closed", "sequential")


def chosen() -> list[str]:
    if os.environ.get("HYPERION_GALLERY") == "all":
        return list(LOOPS)
    first = [loop.ids[0] for loop in loops() if loop.domain != "variants"]
    found = [name for name in first if EXPECTED[name][0] not in REFUSED]
    return [name for name in first if EXPECTED[name][0] in REFUSED or name in found[::3]]


@pytest.mark.parametrize("name", chosen())
def test_loop(name: str) -> None:
    loop, dtype = LOOPS[name]
    found = derived(loop, dtype)
    if found.explanation is not None:
        assert list(islice(differences(loop, dtype, found.function), 3)) == []
        assert found.explanation.checked == (found.explanation.theorem is not None)
        assert not found.explanation.parallel or found.explanation.checked
    kind, word = EXPECTED[name]
    assert found.kind == kind, found.reason
    assert word in found.reason


def test_every_loop_is_expected_to_be_something() -> None:
    assert EXPECTED.keys() == LOOPS.keys()
    assert {kind for kind, _ in EXPECTED.values()} <= {*TARGETS, "untaken"}
    assert all((kind in REFUSED) == bool(word) for kind, word in EXPECTED.values())


def test_the_gallery_is_wide() -> None:
    names = [loop.name for loop, _ in LOOPS.values()]
    assert len(set(names)) >= 80
    assert len({loop.domain for loop, _ in LOOPS.values()}) == 9
    assert {loop.target for loop, _ in LOOPS.values()} == set(TARGETS)


def test_what_cannot_be_parallel_is_not() -> None:
    assert not {n for n, (loop, _) in LOOPS.items() if loop.target == "sequential" and EXPECTED[n][0] not in REFUSED}


def test_the_page_has_every_loop_and_what_it_is() -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in PAGE.read_text(encoding="utf-8").splitlines()]
    written = {row[1].strip("`"): row[2] for row in rows if len(row) > 3 and row[1].startswith("`")}
    assert written == {name: kind for name, (kind, _) in EXPECTED.items()}, (
        "uv run python tests/gallery/report.py --page"
    )
