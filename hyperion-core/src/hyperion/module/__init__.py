"""Modules: compiled programs with the theorems that justify them, in memory and in files.

functions -> derivations -> contents -> sections -> container -> bytes          saving
bytes -> container -> sections -> contents -> verified, checked -> functions    loading; each step refuses
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperion._on_use import resolver

if TYPE_CHECKING:
    from hyperion.module.function import ModuleFunction as ModuleFunction
    from hyperion.module.inspection import inspect_module as inspect_module
    from hyperion.module.limits import Limits as Limits
    from hyperion.module.module import Module as Module

__getattr__ = resolver(
    __name__,
    {
        "function": "ModuleFunction",
        "inspection": "inspect_module",
        "limits": "Limits",
        "module": "Module",
    },
)
