"""Theories of the core's axioms follow their interface. The laws of all of them: test_theories.py."""

from __future__ import annotations

import pytest

from hyperion.interfaces.theory import Theory
from hyperion.testing import TheoryConformance
from hyperion_proofs.plugin import hyperion_theories

THEORIES = hyperion_theories()


@pytest.mark.parametrize("theory", ["booleans", "naturals", "outcomes"], indirect=True)
class TestTheories(TheoryConformance):
    @pytest.fixture(autouse=True)
    def theory(self, request: pytest.FixtureRequest) -> None:
        self.called: str = request.param

    def make(self) -> Theory:
        return THEORIES[self.called]()
