"""Registers z3 as a refuter, and as a tactic whose theorems carry its label."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.refuter import Refuter
    from hyperion.interfaces.tactic import Tactic

HYPERION_API = (1, 0)


def _z3() -> Refuter:
    from hyperion_z3.refuter import Z3Refuter

    return Z3Refuter()


@hookimpl
def hyperion_refuters() -> dict[str, Callable[[], Refuter]]:
    return {"z3": _z3}


def _by_z3() -> Tactic:
    from hyperion_z3.tactic import by_z3

    return by_z3


@hookimpl
def hyperion_tactics() -> dict[str, Callable[[], Tactic]]:
    return {"z3": _by_z3}
