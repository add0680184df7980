"""The registered theories cover every axiom, each with its record."""

from __future__ import annotations

import hyperion as hp
import hyperion.logic.theory
from hyperion.interfaces.theory import Theory, audit
from hyperion.logic.kernel import AXIOMS
from hyperion_proofs.plugin import hyperion_theories


def test_every_axiom_belongs_to_one_theory_and_has_a_record() -> None:
    theories = [factory() for factory in hyperion_theories().values()]
    assert all(isinstance(t, Theory) for t in theories)
    listed = [axiom for t in theories for axiom in t.axioms]
    assert sorted(listed) == sorted(AXIOMS)
    assert {record.status for t in theories for record in t.records.values()} <= {"smt", "exhaustive", "definition"}


def test_the_audit_lists_every_axiom_once_with_its_status() -> None:
    with hp.Instance(plugins=["proofs"]) as instance:
        listed = audit(instance.theories())
    assert [axiom["id"] for axiom in listed] == sorted(AXIOMS)
    assert {len(axiom["digest"]) for axiom in listed} == {64}
    assert all(axiom["status"] in ("smt", "exhaustive", "definition", "tested") for axiom in listed)
