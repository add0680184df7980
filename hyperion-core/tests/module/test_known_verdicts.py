"""Accepted proofs are remembered in the process: asked for by all that decides, never a rejection, not without end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import hyperion as hp
from hyperion.evidence import UNPROVED, Verdict
from hyperion.interfaces.event import Event
from hyperion.ir.registry import CORE
from hyperion.ir.types import ExtensionType
from hyperion.logic.proof import ProofFile
from hyperion.module import Limits, Module, judging
from hyperion.module.known_verdicts import Accepted, Ground, KnownVerdicts
from hyperion.policy import Policy
from hyperion.testing.forged_modules import WRONG, code_of, forged, section, with_section
from hyperion.testing.module_samples import TOTAL, sample_module

GROUND = Ground(b"the file", Policy(), Limits(), CORE)
ACCEPTED = Accepted(Verdict(True, "", ("int.add.comm",), (), "l", "r"), ProofFile(b"{}"))


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> KnownVerdicts:
    """An empty memory in place of the process's own."""
    fresh = KnownVerdicts()
    monkeypatch.setattr(judging, "known_verdicts", fresh)
    return fresh


def checks(instance: hp.Instance, work: Callable[[], object]) -> int:
    """How often the checker is asked."""
    events: list[Event] = []
    with instance.listening(events.append):
        work()
    return sum(event.kind == "check.begin" for event in events)


@pytest.mark.parametrize("check", ["now", "first-use"])
def test_the_same_bytes_are_checked_once(check: Any, sample: bytes, reader: hp.Instance, known: KnownVerdicts) -> None:
    def use() -> None:
        assert reader.load(sample, check=check)["total"].explain().checked

    assert [checks(reader, use) for _ in range(3)] == [1, 0, 0]
    assert len(known) == 1
    with hp.Instance(plugins=[]) as other:
        assert checks(other, lambda: other.load(sample)) == 0
        explanation = other.load(sample)["total"].explain()
    assert explanation == sample_module()["total"].derivation.explanation("sequential")


def test_everything_that_decides_is_asked_for(sample: bytes, reader: hp.Instance, known: KnownVerdicts) -> None:
    reader.load(sample)
    assert checks(reader, lambda: reader.load(sample, limits=Limits(seconds=59))) == 1
    assert checks(reader, lambda: reader.load(sample_module().to_bytes(compression="none"))) == 1
    with hp.Instance(plugins=[], config={"oracles": ("z3",)}) as other:
        assert checks(other, lambda: other.load(sample)) == 1
    assert len(known) == 4


def test_a_rejection_is_found_out_again(reader: hp.Instance, known: KnownVerdicts) -> None:
    data = forged(TOTAL, WRONG, TOTAL)
    for _ in range(2):
        assert checks(reader, lambda: code_of(lambda: reader.load(data))) == 1
    assert len(known) == 0


def test_a_good_file_says_nothing_of_a_bad_one(sample: bytes, reader: hp.Instance, known: KnownVerdicts) -> None:
    """Parts of a file that was accepted, in another."""
    reader.load(sample)
    other = with_section(sample, b"PRF", section(sample, b"PRF").replace(b'"steps":[', b'"steps":[["sym",0],', 1))
    assert code_of(lambda: reader.load(other)) == "HY3011"
    ir = section(Module({"total": sample_module()["total"]}).to_bytes(spans="none"), b"IR")
    assert code_of(lambda: reader.load(with_section(sample, b"IR", ir))) == "HY3012"
    assert code_of(lambda: reader.load(forged(TOTAL, WRONG, TOTAL))) == "HY3011"


def test_what_is_compiled_needs_no_second_check(sample: bytes, instance: hp.Instance, known: KnownVerdicts) -> None:
    """The gate before code generation asks about the same proof object."""
    data = forged(TOTAL, TOTAL.replace("%sum", "%all"), TOTAL, rewritten=True)
    assert checks(instance, lambda: instance.load(data)["total"]([1, 2])) >= 1
    again = instance.load(data)
    proofs = [instance.load(data)["total"].derivation.rewritten for _ in range(2)]
    assert proofs[0] is proofs[1] is again["total"].derivation.rewritten


def test_an_entry_is_found_by_its_ground_alone() -> None:
    memory = KnownVerdicts()
    memory.put(GROUND, "f", 0, ACCEPTED)
    assert memory.get(replace(GROUND), "f", 0) is ACCEPTED
    assert memory.get(replace(GROUND, registry=replace(CORE)), "f", 0) is ACCEPTED
    for ground in (
        replace(GROUND, digest=b"another"),
        replace(GROUND, policy=Policy(oracles=frozenset(["z3"]))),
        replace(GROUND, limits=Limits(proof_terms=1)),
        replace(GROUND, registry=CORE.extended("acme", types=[ExtensionType("acme.money")])),
    ):
        assert memory.get(ground, "f", 0) is None
    assert memory.get(GROUND, "g", 0) is None
    assert memory.get(GROUND, "f", 1) is None


def test_only_what_is_accepted_is_kept() -> None:
    with pytest.raises(ValueError, match="rejection"):
        KnownVerdicts().put(GROUND, "f", 0, replace(ACCEPTED, verdict=UNPROVED))


def test_it_is_bounded() -> None:
    memory = KnownVerdicts(most=3, most_bytes=100)
    for number in range(4):
        memory.put(GROUND, "f", number, ACCEPTED)
        assert memory.get(GROUND, "f", 0) is ACCEPTED  # in use, so the others go
    assert [memory.get(GROUND, "f", n) is not None for n in range(4)] == [True, False, True, True]
    large = replace(ACCEPTED, proof=ProofFile(bytes(98)))
    memory.put(GROUND, "g", 0, large)
    assert len(memory) == 2
    memory.put(GROUND, "g", 0, large)
    assert len(memory) == 2
    memory.put(GROUND, "h", 0, replace(ACCEPTED, proof=ProofFile(bytes(101))))
    assert len(memory) == 0
