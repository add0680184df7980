"""What every strategy must do."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.evidence import Policy, judge
from hyperion.interfaces.strategy import Candidate, Refusal, Strategy
from hyperion.ir.function import Program
from hyperion.pipeline import with_main
from hyperion.testing.programs import EXAMPLES


class StrategyConformance:
    """Subclass with `make`; `programs` may add those that the strategy is about."""

    def make(self) -> Strategy:
        raise NotImplementedError

    def programs(self) -> Sequence[Program]:
        seen = {example.text: example.program for example in EXAMPLES}
        return list(seen.values())

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), Strategy)
        assert self.make().name

    def test_every_candidate_is_accepted_by_the_checker(self) -> None:
        for program in self.programs():
            for found in self.make().derive(program.main):
                if isinstance(found, Candidate):
                    verdict = judge(program, with_main(program, found.function), found.theorem, Policy())
                    assert verdict.checked, f"{program.entry}: {verdict.reason}"
                    assert found.summary, program.entry

    def test_every_refusal_says_why(self) -> None:
        for program in self.programs():
            for found in self.make().derive(program.main):
                assert isinstance(found, (Candidate, Refusal))
                assert not isinstance(found, Refusal) or found.reason, program.entry

    def test_the_name_is_that_of_the_strategy(self) -> None:
        strategy = self.make()
        for program in self.programs():
            assert {found.strategy for found in strategy.derive(program.main)} <= {strategy.name}
