"""Derives, checks, times and compares one case."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import hyperion as hp
from hyperion.errors import ProofError
from hyperion_cli.demo.case import Case
from hyperion_cli.demo.steps import signed

ENOUGH = 0.5  # seconds of repeating one measurement


@dataclass(frozen=True, slots=True)
class Report:
    """What was found for one case. Times are seconds, the best of several runs; `agreements` maps each comparison to
    whether the two sides were equal."""

    case: Case
    source: str
    explanation: hp.Explanation
    result: Any  # a number
    deriving: float
    sequential: float
    derived: float
    plain: float
    agreements: dict[str, bool]

    @property
    def passed(self) -> bool:
        return self.explanation.checked and all(self.agreements.values())

    def json(self) -> dict[str, object]:
        """The report as plain values."""
        return {
            "title": self.case.title,
            "data": self.case.data,
            "source": self.source,
            "result": self.result,
            "explanation": self.explanation.json(),
            "seconds": {
                "derive_check_compile": self.deriving,
                "sequential": self.sequential,
                "derived": self.derived,
                "plain": self.plain,
            },
            "sizes": {
                "derived": self.case.times_note,
                "sequential": self.case.sequential_note or self.case.times_note,
                "plain": self.case.plain_note,
            },
            "agreements": self.agreements,
            "passed": self.passed,
        }


def measure(case: Case) -> Report:
    """Runs a case. Raises `HyperionError` where it does not compile."""
    function = hp.jit(case.function, overflow=case.overflow)
    start = perf_counter()
    compiled = function.compiled(*case.arguments)
    deriving = perf_counter() - start
    if case.sequential is not None and compiled.derivation.theorem is None:
        # As written it would run for days.
        notes = [f"{refusal.strategy}: {refusal.reason}" for refusal in compiled.derivation.refusals]
        raise ProofError("HY7021", f"{case.function.__name__} was not derived, so it is not run", notes=notes)
    explanation = function.explain(*case.arguments)
    result = function(*case.arguments)
    loop = function.compiled(*case.times).sequential
    long, derived = _best(lambda: function(*case.times))
    slow = case.sequential or case.times
    sequential_result, sequential = _best(lambda: loop(*slow))
    start = perf_counter()
    plain_result = case.function(*case.plain)
    plain = perf_counter() - start
    if case.overflow == "wrap":
        plain_result = signed(plain_result)
    agreements = {
        f"sequential compiled loop, {case.sequential_note or case.times_note}": sequential_result
        == (long if case.sequential is None else function(*slow)),
        f"plain Python, {case.plain_note}": plain_result == function(*_as_arrays(case)),
    }
    if case.expected is not None:
        agreements[case.expected_note] = case.expected() == result
    source = inspect.getsource(case.function).rstrip()
    return Report(case, source, explanation, result, deriving, sequential, derived, plain, agreements)


def _as_arrays(case: Case) -> tuple[Any, ...]:
    """The arguments of plain Python with lists as arrays again."""
    import numpy as np

    pairs = zip(case.plain, case.arguments, strict=True)
    return tuple(np.asarray(p, dtype=a.dtype) if hasattr(a, "dtype") else p for p, a in pairs)


def _best(run: Callable[[], Any]) -> tuple[Any, float]:
    """The result and the shortest of the runs that fit in about half a second; at least two, the first to warm up."""
    result = run()
    best, spent = float("inf"), 0.0
    while spent < ENOUGH:
        start = perf_counter()
        result = run()
        took = perf_counter() - start
        best, spent = min(best, took), spent + took
    return result, best
