"""Both forms of proofs follow their interface."""

from __future__ import annotations

from hyperion.testing import ProofExporterConformance
from hyperion_exports.coq import Coq
from hyperion_exports.smtlib import SmtLib


class TestCoq(ProofExporterConformance):
    def make(self) -> Coq:
        return Coq()


class TestSmtLib(ProofExporterConformance):
    def make(self) -> SmtLib:
        return SmtLib()
