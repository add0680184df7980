"""What every device, pass and plugin must do, by the classes that the core ships."""

import hyperion as hp
from hyperion.testing import CompilerPassConformance, DeviceConformance
from hyperion_example.abacus import AbacusDriver
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
