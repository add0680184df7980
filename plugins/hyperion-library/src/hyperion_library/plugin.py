"""Registers the theorem library. Registration only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.theorem_library import TheoremLibraries

HYPERION_API = (1, 0)


def _sqlite() -> TheoremLibraries:
    from hyperion_library.libraries import SqliteLibraries

    return SqliteLibraries()


@hookimpl
def hyperion_libraries() -> dict[str, Callable[[], TheoremLibraries]]:
    return {"sqlite": _sqlite}
