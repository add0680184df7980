"""Conformance tests for plugin authors: one class per interface. Subclass it in a test file and make what is tested.

    from hyperion.testing import CompilerPassConformance

    class TestShout(CompilerPassConformance):
        def make(self):
            return Shout()

pytest then runs every test of the class. A test is not overridden but marked `xfail` with its reason.
"""

from hyperion.testing.array_examples import ARRAY_EXAMPLES as ARRAY_EXAMPLES
from hyperion.testing.buffer import BufferConformance as BufferConformance
from hyperion.testing.codegen import CodegenTargetConformance as CodegenTargetConformance
from hyperion.testing.command import CommandConformance as CommandConformance
from hyperion.testing.compiler_pass import CompilerPassConformance as CompilerPassConformance
from hyperion.testing.device import DeviceConformance as DeviceConformance
from hyperion.testing.executor import ExecutorConformance as ExecutorConformance
from hyperion.testing.frontend import FrontendConformance as FrontendConformance
from hyperion.testing.held import Held as Held
from hyperion.testing.interpreter import InterpreterConformance as InterpreterConformance
from hyperion.testing.network import NetworkConformance as NetworkConformance
from hyperion.testing.op import OpConformance as OpConformance
from hyperion.testing.op import TypeConformance as TypeConformance
from hyperion.testing.programs import EXAMPLES as EXAMPLES
from hyperion.testing.programs import Example as Example
from hyperion.testing.proof_exporter import ProofExporterConformance as ProofExporterConformance
from hyperion.testing.refuter import RefuterConformance as RefuterConformance
from hyperion.testing.scalar_examples import SCALAR_EXAMPLES as SCALAR_EXAMPLES
from hyperion.testing.strategy import StrategyConformance as StrategyConformance
from hyperion.testing.tactic import TacticConformance as TacticConformance
from hyperion.testing.theorem_library import TheoremLibraryConformance as TheoremLibraryConformance
from hyperion.testing.theory import TheoryConformance as TheoryConformance
