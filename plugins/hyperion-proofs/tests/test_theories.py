"""The registered theories cover every axiom, and their laws are proved, checked and true."""

from __future__ import annotations

import os
from random import Random

import pytest

import hyperion as hp
import hyperion.logic.theory
from hyperion.interfaces.theory import Theory, audit
from hyperion.logic import kernel, theory
from hyperion.logic.checking import check
from hyperion.logic.derived import NoProof
from hyperion.logic.kernel import AXIOMS
from hyperion_proofs.plugin import hyperion_theories
from hyperion_proofs.theories.core import THEORIES
from hyperion_proofs.theories.language import Contents
from hyperion_proofs.theories.records import records

ALL = os.environ.get("HYPERION_VALIDATE") == "all"
EVERY = [(name, law) for name, theory_ in sorted(THEORIES.items()) for law in theory_.contents.laws]
REFUTED = [(name, law) for name, theory_ in sorted(THEORIES.items()) for law in theory_.contents.refuted]
# Laws of machine words differ in a width only, and proofs about saturation are long: CI proves a sample of these.
WIDTHS = ("i16", "i32", "i128", "u16", "u32", "u64", "f16", "f64")
LONG = ("saturating", "trapping", "clamps")
PLAIN = [pair for pair in EVERY if not any(w in pair[1] for w in WIDTHS) and pair[0] not in LONG]
OTHERS = [pair for pair in EVERY if pair not in PLAIN]
SAMPLE = EVERY if ALL else [*PLAIN, *Random(os.environ.get("HYPERION_SEED", "laws")).sample(OTHERS, 12)]


def contents(name: str) -> Contents:
    return THEORIES[name].contents


def test_the_hook_registers_every_theory() -> None:
    theories = {name: factory() for name, factory in hyperion_theories().items()}
    assert theories == THEORIES
    assert all(isinstance(t, Theory) and t.name == name for name, t in theories.items())


def test_every_axiom_belongs_to_one_theory_and_has_a_record_of_what_it_says() -> None:
    listed = [axiom for t in THEORIES.values() for axiom in t.axioms]
    assert sorted(listed) == sorted(AXIOMS)
    assert {name: record.digest for name, record in records().items()} == {n: theory.axiom_digest(n) for n in AXIOMS}
    assert {record.status for record in records().values()} <= {"smt", "exhaustive", "definition", "tested"}


def test_the_audit_lists_every_axiom_once_with_its_status() -> None:
    with hp.Instance(plugins=["proofs"]) as instance:
        listed = audit(instance.theories())
    assert [axiom["id"] for axiom in listed] == sorted(AXIOMS)
    assert {len(axiom["digest"]) for axiom in listed} == {64}
    assert all(axiom["status"] in ("smt", "exhaustive", "definition", "tested") for axiom in listed)


def test_every_theory_says_what_it_is_about_and_has_laws() -> None:
    for theory_ in THEORIES.values():
        assert theory_.contents.summary.endswith(".")
        assert theory_.theorems()


@pytest.mark.parametrize(("name", "law"), SAMPLE, ids=lambda x: x)
def test_a_law_is_proved_and_the_checker_accepts_it(name: str, law: str) -> None:
    theorem = THEORIES[name].theorems()[law]()
    stated = contents(name).laws[law]
    assert (theorem.left, theorem.right) == (stated.left, stated.right)
    assert theorem.hypotheses <= set(stated.hypotheses)
    checked = check(theorem)
    assert set(checked.axioms) <= set(AXIOMS)
    assert not checked.oracles


@pytest.mark.parametrize(("name", "law"), REFUTED, ids=lambda x: x)
def test_a_refuted_law_fails_at_its_values(name: str, law: str) -> None:
    first, last = contents(name).refuted[law].sides()
    assert first.right is not last.right
    for th in (first, last):
        assert not th.hypotheses
        check(th)


def test_what_is_false_is_not_proved() -> None:
    """The prover has no proof of a law that its theory refutes."""
    from hyperion_proofs.theories.prover import Prover

    for name, law in REFUTED:
        stated = contents(name).refuted[law]
        if name not in LONG and name != "semirings":
            with pytest.raises(NoProof):
                Prover(splits=4).prove(stated.left, stated.right)


def test_definitions_of_theories_are_checked() -> None:
    for theory_ in THEORIES.values():
        for name, th in theory_.contents.definitions.items():
            assert th.left.name.startswith(f"{name}@")
            assert th.rule == "define"
            assert kernel.define(name, th.right).left is th.left
