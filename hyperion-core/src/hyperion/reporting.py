"""What `explain` says about programs: their work, span, bytes and predicted time, and their run-time tests."""

from __future__ import annotations

from dataclasses import replace

from hyperion.guards import guard_cost, guards
from hyperion.interfaces.strategy import CandidateReport
from hyperion.ir.function import Program, walk
from hyperion.machine import Machine
from hyperion.prediction import estimate


def described(
    report: CandidateReport, program: Program, axioms: int, machine: Machine, guard: str = ""
) -> CandidateReport:
    """The report with what is read off the program, and predicted for the machine."""
    if any(e.op == "while" for f in program.functions.values() for e in walk(f.equations)):
        return report  # its count is unknown, and so is everything else
    try:
        found, tests = estimate(program), guards(program)
        if not found.grows:
            return replace(report, axioms=axioms)
        return replace(
            report,
            work=str(found.work),
            span=found.span_text,
            bytes=str(found.bytes),
            predicted=found.nanoseconds(machine) / 1e9,
            axioms=axioms,
            guards=(guard,) if guard else tuple(map(str, tests)),
            guard_cost=guard_cost(program, machine) if any(test.each for test in tests) else 0.0,
        )
    except RecursionError:
        return replace(report, axioms=axioms, guards=(guard,) if guard else ())
