"""What every form of proofs for other systems must do."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.errors import ProofError
from hyperion.interfaces.proof_exporter import ProofExporter
from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.proof import ProofFile, file_of
from hyperion.testing.programs import attempt


class ProofExporterConformance:
    """Subclass with `make`; `proofs` may add those that the exporter is about."""

    def make(self) -> ProofExporter:
        raise NotImplementedError

    def proofs(self) -> Sequence[ProofFile]:
        a, b = t.var("a", t.INT), t.var("b", t.INT)
        one = literals.int_lit(1)
        equal = kernel.assume(a, b)
        return [
            file_of(theorem)
            for theorem in (
                kernel.refl(apply("add", a, one)),
                kernel.compute(apply("add", one, one)),
                kernel.trans(equal, kernel.sym(equal)),
                kernel.beta(t.app(t.lam(a, apply("mul", a, b)), one)),
            )
        ]

    def test_it_follows_the_interface(self) -> None:
        exporter = self.make()
        assert isinstance(exporter, ProofExporter)
        assert exporter.name
        assert exporter.suffix.startswith(".")

    def test_a_proof_is_text_or_refused_with_a_reason(self) -> None:
        for proof in self.proofs():
            found = attempt(lambda p=proof: self.make().export(p))
            if isinstance(found, ProofError):
                assert found.code == "HY7082"
                assert found.message
            else:
                assert isinstance(found, str), found
                assert found.endswith("\n")

    def test_it_writes_the_same_twice(self) -> None:
        for proof in self.proofs():
            first, second = (attempt(lambda p=proof: self.make().export(p)) for _ in range(2))
            assert str(first) == str(second)

    def test_what_is_no_proof_is_refused(self) -> None:
        for text in (b"", b"{", b'["hyperion-proof", 2]\n["sym", 7]\n["end", 0, 0, 1]\n', b"\xff\x00"):
            error = attempt(lambda t=text: self.make().export(ProofFile(t)))
            assert isinstance(error, ProofError), f"{text!r}: {error!r}"
            assert error.code in ("HY7081", "HY7082")
