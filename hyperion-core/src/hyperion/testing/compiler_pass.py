"""What every compiler pass must do."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.function import Program
from hyperion.ir.verifier import verify
from hyperion.pipeline import OptimizerPipeline
from hyperion.testing.programs import EXAMPLES


class CompilerPassConformance:
    """Subclass with `make`; `programs` may add those that the pass is about."""

    def make(self) -> CompilerPass:
        raise NotImplementedError

    def programs(self) -> Sequence[Program]:
        return [example.program for example in EXAMPLES]

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), CompilerPass)
        assert self.make().name

    def test_valid_ir_with_evidence_comes_out(self) -> None:
        pipeline = OptimizerPipeline((self.make(),))
        for program in self.programs():
            verify(pipeline.run(program).program)  # the pipeline raises where the evidence does not hold

    def test_parameters_and_result_types_stay(self) -> None:
        for program in self.programs():
            after = self.make().run(program, PassContext()).function
            assert after.parameters == program.main.parameters
            assert [r.type for r in after.results] == [r.type for r in program.main.results]

    def test_it_is_deterministic(self) -> None:
        for program in self.programs():
            assert self.make().run(program, PassContext()).function == self.make().run(program, PassContext()).function
