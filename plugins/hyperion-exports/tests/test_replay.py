"""The reader of rows gives back the very theorem that was written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.definitions import definitions
from hyperion.logic.proof import ProofFile, file_of
from hyperion_exports.replay import replay


@pytest.mark.parametrize("name", definitions())
def test_definitions_with_binders_come_back(name: str) -> None:
    th = definitions()[name]
    again = replay(file_of(th))
    assert (again.left, again.right) == (th.left, th.right)


@pytest.mark.parametrize("name", ["segment", "fibonacci"])
def test_a_derived_theorem_comes_back(name: str, derived: Callable[[str], ProofFile]) -> None:
    proof = derived(name)
    again = replay(proof)
    assert file_of(again).text == proof.text
    checked = check(proof)
    assert (t.digest(again.left), t.digest(again.right)) == (checked.left, checked.right)
    assert tuple(sorted(again.axioms)) == checked.axioms
