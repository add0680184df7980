"""z3 and the theories agree: it refutes none of the laws that are proved, and all that are said to fail."""

from __future__ import annotations

import os
from random import Random

import pytest

from hyperion_proofs.theories.core import THEORIES
from hyperion_z3.refuter import solve

ALL = os.environ.get("HYPERION_VALIDATE") == "all"
LAWS = [(name, law) for name, theory in sorted(THEORIES.items()) for law in theory.contents.laws]
REFUTED = [(name, law) for name, theory in sorted(THEORIES.items()) for law in theory.contents.refuted]
SAMPLE = LAWS if ALL else Random(os.environ.get("HYPERION_SEED", "z3")).sample(LAWS, 60)


@pytest.mark.parametrize(("name", "law"), SAMPLE, ids=lambda x: x)
def test_a_proved_law_is_not_refuted(name: str, law: str) -> None:
    stated = THEORIES[name].contents.laws[law]
    assert solve(stated.hypotheses, stated.left, stated.right, 1.0).verdict != "refuted"


@pytest.mark.parametrize(("name", "law"), REFUTED, ids=lambda x: x)
def test_a_law_that_fails_is_refuted(name: str, law: str) -> None:
    stated = THEORIES[name].contents.refuted[law]
    assert solve((), stated.left, stated.right, 20.0).verdict == "refuted"
