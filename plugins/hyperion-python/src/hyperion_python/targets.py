"""The plain function behind what is called."""

from __future__ import annotations

import types

from hyperion.interfaces.frontend import CompileOptions, behind_caches
from hyperion_python.source import SourceFunction


def unwrapped(target: object, options: CompileOptions) -> tuple[object | None, CompileOptions]:
    """The plain function behind a call target and the options it is compiled with, or None."""
    target = behind_caches(target)
    if isinstance(target, types.FunctionType | SourceFunction):
        return target, options
    if type(target).__module__.split(".")[0] == "hyperion":
        inner = getattr(target, "__wrapped__", None) or getattr(target, "function", None)
        granted = getattr(target, "options", None)
        if isinstance(inner, types.FunctionType):
            return inner, granted if isinstance(granted, CompileOptions) else options
    return None, options
