"""Registers the strategies and the validated theories."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.strategy import Strategy

HYPERION_API = (0, 1)


def _parallel_reduction() -> Strategy:
    from hyperion_proofs.strategies import ParallelReduction

    return ParallelReduction()


def _power() -> Strategy:
    from hyperion_proofs.strategies import Power

    return Power()


@hookimpl
def hyperion_strategies() -> dict[str, Callable[[], Strategy]]:
    return {"parallel-reduction": _parallel_reduction, "power": _power}
