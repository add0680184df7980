"""Both strategies pass the suite that every strategy must pass."""

from __future__ import annotations

from hyperion.interfaces.strategy import Strategy
from hyperion.testing import StrategyConformance
from hyperion_proofs.strategies import ParallelReduction, Power


class TestParallelReduction(StrategyConformance):
    def make(self) -> Strategy:
        return ParallelReduction()


class TestPower(StrategyConformance):
    def make(self) -> Strategy:
        return Power()
