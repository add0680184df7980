"""Registers the strategies and the validated theories."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.strategy import Strategy
    from hyperion.interfaces.theory import Theory

HYPERION_API = (1, 0)


def _parallel_reduction() -> Strategy:
    from hyperion_proofs.strategies import ParallelReduction

    return ParallelReduction()


def _power() -> Strategy:
    from hyperion_proofs.strategies import Power

    return Power()


def _recursion() -> Strategy:
    from hyperion_proofs.recursions.strategy import Recursion

    return Recursion()


def _parallel_scan() -> Strategy:
    from hyperion_proofs.scanning_strategy import ParallelScan

    return ParallelScan()


def _association() -> Strategy:
    from hyperion_proofs.matrices.strategy import Association

    return Association()


def _windows() -> Strategy:
    from hyperion_proofs.sliding.strategy import Windows

    return Windows()


@hookimpl
def hyperion_strategies() -> dict[str, Callable[[], Strategy]]:
    return {
        "association": _association,
        "parallel-reduction": _parallel_reduction,
        "parallel-scan": _parallel_scan,
        "power": _power,
        "recursion": _recursion,
        "windows": _windows,
    }


THEORIES = (
    "affine", "bits", "booleans", "clamps", "finite-functions", "floats", "gf2", "integers", "lists", "modular",
    "naturals", "orders", "outcomes", "reals", "saturating", "semirings", "trapping", "words",
)  # fmt: skip


def _theory(name: str) -> Theory:
    from hyperion_proofs.theories.core import THEORIES

    return THEORIES[name]


@hookimpl
def hyperion_theories() -> dict[str, Callable[[], Theory]]:
    return {name: partial(_theory, name) for name in THEORIES}
