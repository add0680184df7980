"""Packages that import a part of theirs when a name of it is first used (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def resolver(package: str, parts: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a package; `parts` has the names that each of its modules gives, separated by spaces."""
    homes = {name: f"{package}.{part}" for part, names in parts.items() for name in names.split()}

    def resolve(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return resolve
