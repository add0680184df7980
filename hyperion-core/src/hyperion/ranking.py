"""Which of several programs that mean the same is compiled: the one that is predicted to be fastest on the machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hyperion.ir.function import Program, walk
from hyperion.machine import NOMINAL, Machine
from hyperion.prediction import SIZE, estimate

MARGIN = 1.25
"""Times that differ by less are as good as equal: estimates are not better than that."""
DOUBT = 10.0
"""A proven form must be predicted to take this many times as long before the loop as written is preferred to it: what
vectors, views and the processor's width gain is underestimated, by up to nine times among the loops measured."""
CLEAR = 2.5
"""Times that differ by more for no machine in particular need no measurement."""


def nominal() -> Machine:
    return NOMINAL


@dataclass(frozen=True, slots=True)
class Ranking:
    """Ranks programs by predicted time. `measured` gives the constants of the machine, and is asked only where the
    choice is close; where programs round differently it is never asked, so that all machines choose the same."""

    measured: Callable[[], Machine] = nominal
    known: Callable[[], Machine] = nominal  # the same where it was measured before

    def machine(self, programs: Sequence[Program]) -> Machine:
        """The constants by which these are compared."""
        if len(programs) < 2 or any(map(regroups, programs)):
            return NOMINAL
        best, second, *_ = sorted(seconds(p, NOMINAL) for p in programs)
        return NOMINAL if second > CLEAR * best else self.measured()

    def best(self, programs: Sequence[Program]) -> int:
        """The position of the first program that is as good as the fastest."""
        machine = self.machine(programs)
        times = [seconds(p, machine) for p in programs]
        return next(i for i, time in enumerate(times) if time <= MARGIN * min(times))

    def slower(self, derived: Program, written: Program) -> str:
        """By how much `derived` is predicted to be slower than `written`; empty where it is not."""
        machine = self.machine([derived, written])
        mine, other = seconds(derived, machine), seconds(written, machine)
        if mine <= DOUBT * other:
            return ""
        return f"at n = {SIZE:,} it is predicted to take {time_text(mine)}, the loop as written {time_text(other)}"


UNMEASURED = Ranking()


def seconds(program: Program, machine: Machine) -> float:
    try:
        return estimate(program).nanoseconds(machine) / 1e9
    except RecursionError:
        return math.inf


def regroups(program: Program) -> bool:
    """Whether float operations of the program may be regrouped, so that its forms round differently."""
    return any(e.attribute("fp") == "reassoc" for f in program.functions.values() for e in walk(f.equations))


def time_text(value: float) -> str:
    """Seconds for people: `1.2 ms`."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"
