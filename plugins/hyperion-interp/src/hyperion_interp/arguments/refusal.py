"""The error for an argument that does not fit its parameter."""

from __future__ import annotations

from hyperion.errors import BufferError_
from hyperion.ir.types import Type


def refused(name: str, kind: Type, given: str, *hints: str) -> BufferError_:
    return BufferError_("HY2101", f"{name} is {kind}, {given} given", hints=hints)


def shown(argument: object) -> str:
    # repr of an int with thousands of digits raises ValueError.
    if isinstance(argument, int) and argument.bit_length() > 256:
        return f"an int of {argument.bit_length()} bits"
    text = repr(argument)
    return text if len(text) <= 80 else f"{text[:77]}..."
