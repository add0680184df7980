"""What every device, pass, op and theory must do, by the classes that the core ships."""

import hyperion as hp
from hyperion.ir.types import I64, U8
from hyperion.testing import CompilerPassConformance, DeviceConformance, OpConformance, TheoryConformance
from hyperion_example.abacus import AbacusDriver
from hyperion_example.clamped import CLAMPED
from hyperion_example.divisors import Divisors
from hyperion_example.literals_first import LiteralsFirst


class TestAbacus(DeviceConformance):
    absent = "abacus:1"

    def driver(self):
        return AbacusDriver()

    def target(self):
        return hp.Instance().target("reference")


class TestLiteralsFirst(CompilerPassConformance):
    def make(self):
        return LiteralsFirst()


class TestClamped(OpConformance):
    uses = ((I64, I64, I64), (U8, U8, U8))

    def make(self):
        return CLAMPED


class TestDivisors(TheoryConformance):
    distribution = "hyperion-example"

    def make(self):
        return Divisors()
