"""Registers z3 as a refuter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.refuter import Refuter

HYPERION_API = (0, 1)


def _z3() -> Refuter:
    from hyperion_z3.refuter import Z3Refuter

    return Z3Refuter()


@hookimpl
def hyperion_refuters() -> dict[str, Callable[[], Refuter]]:
    return {"z3": _z3}
