"""Registers the strategies and the validated theories."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.strategy import Strategy
    from hyperion.interfaces.theory import Theory

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


def _theory(name: str) -> Callable[[], Theory]:
    def load() -> Theory:
        from hyperion_proofs.theories import core

        found: Theory = getattr(core, name.upper())
        return found

    return load


@hookimpl
def hyperion_theories() -> dict[str, Callable[[], Theory]]:
    return {name: _theory(name) for name in ("datatypes", "integers", "words", "reals")}
