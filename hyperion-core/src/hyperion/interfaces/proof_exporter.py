"""A form of proofs that another system can check."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from hyperion.logic.proof import ProofFile


@runtime_checkable
class ProofExporter(Protocol):
    """Registered by the hook `hyperion_proof_exporters`."""

    @property
    def name(self) -> str: ...

    @property
    def suffix(self) -> str:
        """What the names of its files end in, with the dot: `.smt2`."""
        ...

    def export(self, proof: ProofFile) -> str:
        """The text of one file for the other system.

        Raises ProofError: HY7081 where the proof cannot be read again, HY7082 where the other system has no way to say
        it. What the text leaves out, it says in comments.
        """
        ...
