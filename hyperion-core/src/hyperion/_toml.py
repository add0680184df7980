"""TOML (https://toml.io/en/v1.0.0), with one kind of error for whatever is wrong with a text."""

from __future__ import annotations

from typing import Any, cast

DEEPEST = 100
"""Levels of tables and lists."""


def loads(text: str) -> dict[str, Any]:  # Any: what TOML holds
    """What the text says. Raises ValueError, also for what no message could show: integers that do not fit 64 bits, and
    nests of more than `DEEPEST` levels."""
    import tomllib  # on use: most have no such file, and it takes as long as the rest of an Instance

    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    _check(found, DEEPEST)
    return found


def _check(value: object, levels: int) -> None:
    if isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 63:
            raise ValueError("an integer in it does not fit 64 bits")
    elif isinstance(value, dict | list):
        if not levels:
            raise ValueError("it is nested too deeply")
        inner = cast("dict[str, object] | list[object]", value)
        for part in inner.values() if isinstance(inner, dict) else inner:
            _check(part, levels - 1)
