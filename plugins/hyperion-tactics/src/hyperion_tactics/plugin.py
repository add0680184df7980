"""Registers the tactics that need no arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.tactic import Tactic

HYPERION_API = (0, 1)


def _structural(name: str) -> Callable[[], Tactic]:
    def load() -> Tactic:
        from hyperion_tactics import structural

        found: Tactic = getattr(structural, name)
        return found

    return load


@hookimpl
def hyperion_tactics() -> dict[str, Callable[[], Tactic]]:
    names = ("assumption", "congruence", "extensionality", "normalise", "reflexivity", "symmetry")
    return {name: _structural(name) for name in names}
