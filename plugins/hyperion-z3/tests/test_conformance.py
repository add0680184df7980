"""z3 follows the interface of refuters."""

from __future__ import annotations

from hyperion.testing import RefuterConformance
from hyperion_z3.refuter import Z3Refuter


class TestZ3(RefuterConformance):
    def make(self) -> Z3Refuter:
        return Z3Refuter()
