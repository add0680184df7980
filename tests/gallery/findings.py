"""What becomes of a loop of the gallery: its class, its reasons, and whether its results are those of plain Python."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import Any  # Any: results of every type

import numpy as np

import hyperion as hp
from catalogue import Loop
from hyperion.errors import TypeCheckError
from inputs import SHORT, cases, typical
from plain import run, run_unbounded

U = 2.0**-53
PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Finding:
    """`kind` is one of the words of `expected.txt`; `reason` is that of a refusal, `explanation` None where the
    frontend refuses."""

    kind: str
    reason: str
    explanation: hp.Explanation | None
    seconds: float  # for deriving, checking and compiling
    function: hp.JitFunction


@cache
def instance() -> hp.Instance:
    """Without a library, so that every loop is derived; with time to search however busy the machine is, and with the
    proven form however fast it is."""
    return hp.Instance(config={"library": False, "budget": PATIENCE, "prefer": "proven"})


def derived(loop: Loop, dtype: str) -> Finding:
    function = hp.jit(loop.function, overflow=loop.overflow, fp=loop.fp, instance=instance())
    arguments = typical(loop, dtype, 40)
    start = perf_counter()
    try:
        function.compiled(*arguments)
    except TypeCheckError as error:
        return Finding("untaken", error.message, None, perf_counter() - start, function)
    seconds = perf_counter() - start
    found = function.explain(*arguments)
    return Finding(_kind(loop, dtype, found), _reason(found), found, seconds, function)


def _kind(loop: Loop, dtype: str, found: hp.Explanation) -> str:
    if found.theorem is None or not found.checked:
        return "sequential"
    if found.parallel:
        return "scan" if loop.target == "scan" else "parallel"
    if "log" in found.chosen_cost:
        return "logarithmic"
    return "closed" if found.chosen_cost == "O(1)" else "sequential"


def _reason(found: hp.Explanation) -> str:
    return found.refusals[0].reason if found.refusals else "no strategy had anything to say"


def differences(loop: Loop, dtype: str, function: hp.JitFunction) -> Iterator[str]:
    """Each case in which plain Python gives something else."""
    for arguments in cases(loop, dtype):
        found = called(function, arguments)
        long = any(isinstance(a, np.ndarray) and len(a) > SHORT for a in arguments)
        if long and loop.overflow == "trap":  # random elements, and not of the size that could overflow
            wanted = run_unbounded(loop.function, arguments)
        else:
            wanted = run(loop.function, loop.overflow, arguments)
        if not same(wanted, found, tolerance(loop, arguments)):
            yield f"{shown(arguments)}: plain Python gives {shown([wanted])}, Hyperion {shown([found])}"


def called(function: hp.JitFunction, arguments: Sequence[Any]) -> Any:
    try:
        return function(*arguments)
    except (ArithmeticError, IndexError, ValueError) as error:
        return error


def same(wanted: Any, found: Any, allowed: float) -> bool:
    """Equal, exceptions by type; floats bit for bit with one NaN, or within what is allowed where that is not 0."""
    match wanted:
        case Exception():
            return isinstance(found, type(wanted))
        case tuple() | list() | np.ndarray():
            there = isinstance(found, tuple if isinstance(wanted, tuple) else np.ndarray)
            return there and len(wanted) == len(found) and all(map(same, wanted, found, [allowed] * len(wanted)))
        case float() | np.floating():
            return isinstance(found, float | np.floating) and _same_float(float(wanted), float(found), allowed)
        case _:
            return isinstance(found, int | np.integer | np.bool_) and int(wanted) == int(found)


def _same_float(wanted: float, found: float, allowed: float) -> bool:
    if math.isnan(wanted) or math.isnan(found):
        return math.isnan(wanted) and math.isnan(found)
    if wanted == found:
        return math.copysign(1.0, wanted) == math.copysign(1.0, found) or allowed > 0
    return abs(wanted - found) <= allowed


def tolerance(loop: Loop, arguments: Sequence[Any]) -> float:
    """How far two orders of n float steps may lie apart, 0 under strict IEEE.

    A sum of n terms in any order is within `(n - 1) u sum |x|` of the exact one to first order (Higham, Accuracy and
    Stability of Numerical Algorithms, 4.2), so two orders are within twice that; four times for a product in each term.
    Terms are taken to be no larger than the square of the largest element, or than 1.
    """
    if loop.fp != "reassoc":
        return 0.0
    arrays = [a.astype(np.float64) for a in arguments if isinstance(a, np.ndarray) and len(a)]
    n = max((len(a) for a in arrays), default=2000)
    unit = 2.0**-24 if any(a.dtype == np.float32 for a in arguments if isinstance(a, np.ndarray)) else U
    with np.errstate(all="ignore"):
        scale = max([1.0, *(float(np.nanmax(np.abs(a))) for a in arrays)])
        return 8 * n * unit * n * scale * scale if math.isfinite(scale * scale) else math.inf


def shown(values: Sequence[Any]) -> str:
    text = ", ".join(np.array2string(v, threshold=12) if isinstance(v, np.ndarray) else repr(v) for v in values)
    return text if len(text) < 300 else text[:300] + ".."
