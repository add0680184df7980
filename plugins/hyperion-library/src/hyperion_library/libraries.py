"""Theorem libraries in sqlite files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hyperion.interfaces.theorem_library import TheoremLibrary
from hyperion.ir.registry import Registry
from hyperion.policy import Policy
from hyperion_library.library import SqliteLibrary

FILE = "theorems.sqlite"


class SqliteLibraries:
    """Follows `TheoremLibraries`."""

    name = "sqlite"

    def open(self, home: Callable[[], Path], registry: Registry, policy: Policy) -> TheoremLibrary:
        return SqliteLibrary(lambda: home() / FILE, registry, policy)
