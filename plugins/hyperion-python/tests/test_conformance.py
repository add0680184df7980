"""The Python frontend passes the suite that every frontend must pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyperion.interfaces.frontend import Frontend
from hyperion.interfaces.interpreter import Interpreter
from hyperion.testing import FrontendConformance
from hyperion_interp.reference import ReferenceInterpreter
from hyperion_python.frontend import PythonFrontend

SOURCE = """
def total(xs, start):
    s = start
    for x in xs:
        s += x
    return s

def both(a, b):
    return a // b, a * 0.5

def broken(xs):
    return [x for x in xs]

def stops(xs):
    for x in xs:
        assert x
    return 0
"""


class TestPython(FrontendConformance):
    def make(self) -> Frontend:
        return PythonFrontend()

    def interpreter(self) -> Interpreter | None:
        return ReferenceInterpreter()

    def accepted(self) -> Sequence[tuple[object, tuple[Any, ...], tuple[Any, ...]]]:
        return [
            ((SOURCE, "total"), (np.array([1, 2, -5], dtype=np.int16), 7), (5,)),
            ((SOURCE, "both"), (-7, 2), (-4, -3.5)),
        ]

    def refused(self) -> Sequence[tuple[object, tuple[Any, ...]]]:
        xs = np.arange(3)
        return [((SOURCE, "broken"), (xs,)), ((SOURCE, "stops"), (xs,))]
