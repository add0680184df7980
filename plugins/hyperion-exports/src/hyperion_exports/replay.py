"""Untrusted. The theorem of a proof file, for an exporter to walk over."""

from __future__ import annotations

from hyperion.errors import ProofError
from hyperion.logic.kernel import Theorem
from hyperion.logic.proof import ProofFile
from hyperion.logic.replay import replayed


def replay(proof: ProofFile) -> Theorem:
    """The theorem of a proof file, derived again by the kernel. Raises ProofError (HY7081) where that fails."""
    try:
        return replayed(proof)
    except ProofError as error:
        hints = ["`hyperion theorems check` says whether the checker accepts it"]
        raise ProofError("HY7081", f"the proof cannot be exported: {error.message}", hints=hints) from error
