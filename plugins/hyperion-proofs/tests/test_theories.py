"""The registered theories cover every axiom, each with its record."""

from __future__ import annotations

import hyperion.logic.theory  # noqa: F401  installs the axioms
from hyperion.interfaces.theory import Theory
from hyperion.logic.kernel import AXIOMS
from hyperion_proofs.plugin import hyperion_theories


def test_every_axiom_belongs_to_one_theory_and_has_a_record() -> None:
    theories = [factory() for factory in hyperion_theories().values()]
    assert all(isinstance(t, Theory) for t in theories)
    listed = [axiom for t in theories for axiom in t.axioms]
    assert sorted(listed) == sorted(AXIOMS)
    assert {record for t in theories for record in t.axioms.values()} == {"z3 unsat", "defining equation of a recursor"}
