"""Registers the tactics that need no arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.tactic import Tactic

HYPERION_API = (1, 0)


_TACTICS = {
    "arithmetic": "arithmetic",
    "assumption": "structural",
    "auto": "auto",
    "congruence": "structural",
    "congruence_closure": "saturation",
    "extensionality": "structural",
    "linear": "linear",
    "normalise": "structural",
    "reflexivity": "structural",
    "ring": "ring",
    "symmetry": "structural",
    "tautology": "arithmetic",
    "wrapping": "words",
}
"""The tactics that need no arguments, with the module of each."""


def _loaded(name: str, module: str) -> Callable[[], Tactic]:
    def load() -> Tactic:
        from importlib import import_module

        found: Tactic = getattr(import_module(f"hyperion_tactics.{module}"), name)
        return found

    return load


@hookimpl
def hyperion_tactics() -> dict[str, Callable[[], Tactic]]:
    return {name: _loaded(name, module) for name, module in _TACTICS.items()}
