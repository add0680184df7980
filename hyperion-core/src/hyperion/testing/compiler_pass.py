"""What every compiler pass must do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Event

from hyperion.errors import StoppedError
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext, PassResult
from hyperion.ir.function import Program
from hyperion.ir.verifier import verify
from hyperion.pipeline import Catalogue, OptimizerPipeline
from hyperion.testing.programs import EXAMPLES


class CompilerPassConformance:
    """Subclass with `make`, which makes the pass as its plugin does; `variants` may add it with other options, and
    `programs` those that the pass is about."""

    def make(self) -> CompilerPass:
        raise NotImplementedError

    def variants(self) -> Sequence[CompilerPass]:
        return [self.make()]

    def programs(self) -> Sequence[Program]:
        return [example.program for example in EXAMPLES]

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), CompilerPass)
        OptimizerPipeline([self.make()])  # raises for a name that a pipeline's text cannot hold

    def test_a_pipelines_text_names_it_with_its_options(self) -> None:
        made = self.make()
        catalogue = Catalogue(lambda: {made.name}, lambda _: made)
        assert catalogue.nodes(made.name) == (made,)
        for each in self.variants():
            text = str(OptimizerPipeline([each]))
            assert str(OptimizerPipeline(catalogue.nodes(text))) == text

    def test_valid_ir_with_evidence_comes_out(self) -> None:
        for each in self.variants():
            for program in self.programs():
                outcome = OptimizerPipeline([each]).run(program)  # raises where the evidence does not hold
                verify(outcome.program)
                assert outcome.checked

    def test_parameters_and_result_types_stay(self) -> None:
        for each in self.variants():
            for program in self.programs():
                after = each.run(program, PassContext()).function
                assert after.parameters == program.main.parameters
                assert [r.type for r in after.results] == [r.type for r in program.main.results]

    def test_it_is_deterministic(self) -> None:
        for program in self.programs():
            first, second = PassContext(), PassContext()
            assert self.make().run(program, first).function == self.make().run(program, second).function
            assert first.statistics == second.statistics

    def test_it_keeps_nothing_from_one_program_to_the_next(self) -> None:
        used = self.make()
        for program in self.programs():
            used.run(program, PassContext())
        for program in self.programs():
            fresh = self.make().run(program, PassContext())
            assert used.run(program, PassContext()).function == fresh.function

    def test_a_cancelled_run_ends(self) -> None:
        """At the next `PassContext.check`, and with its error."""
        cancel = Event()
        cancel.set()
        for program in self.programs():
            with suppress(StoppedError):
                assert isinstance(self.make().run(program, PassContext(cancel=cancel)), PassResult)
