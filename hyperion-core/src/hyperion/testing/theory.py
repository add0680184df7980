"""What every theory must do."""

from __future__ import annotations

from hyperion.interfaces.theory import Record, Theory
from hyperion.logic import kernel
from hyperion.logic.checking import check
from hyperion.logic.kernel import Theorem
from hyperion.logic.theory import admit
from hyperion.plugins.axioms import contradictions


class TheoryConformance:
    """Subclass with `make`; with `distribution` where the theory brings axioms of its own, which this process then
    knows."""

    distribution = ""

    def make(self) -> Theory:
        raise NotImplementedError

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), Theory)
        assert self.make().name

    def test_every_axiom_has_its_record(self) -> None:
        theory = self.make()
        assert theory.axioms.keys() == theory.records.keys()
        for name, record in theory.records.items():
            assert isinstance(record, Record)
            assert record.status in ("smt", "exhaustive", "definition", "tested")
            assert record.method, name

    def test_its_axioms_are_known_and_do_not_contradict_each_other(self) -> None:
        theory = self.make()
        if theory.axiom_text:
            assert list(contradictions(self.distribution, theory)) == []
        assert theory.axioms.keys() <= kernel.AXIOMS.keys()

    def test_its_laws_are_theorems_that_the_checker_accepts(self) -> None:
        brought = self.make()
        if brought.axiom_text:
            admit(self.distribution, brought.axiom_text)
        for name, law in brought.theorems().items():
            theorem = law()
            assert isinstance(theorem, Theorem), name
            assert check(theorem).hypotheses == len(theorem.hypotheses), name
