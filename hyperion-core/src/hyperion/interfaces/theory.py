"""A theory is named axioms, each with the record of how it was validated. Data, not code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable


@runtime_checkable
class Theory(Protocol):
    """Registered by the hook `hyperion_theories`."""

    @property
    def name(self) -> str: ...

    @property
    def axioms(self) -> Mapping[str, str]:
        """The validation record (`z3 unsat`, `exhaustive at 8 bits`, ...) of each axiom, by the axiom's name."""
        ...
