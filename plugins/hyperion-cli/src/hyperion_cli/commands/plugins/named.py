"""Plugins by the names that users give."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from hyperion.plugins import PluginStatus
from hyperion_cli.output import UsageError


def named(name: str, statuses: Sequence[PluginStatus]) -> list[PluginStatus]:
    """The plugins of that name or distribution: several where two have one name. Raises `UsageError` (HY1224)."""
    found = [s for s in statuses if name in (s.name, s.distribution)]
    if not found:
        known = sorted({s.name for s in statuses})
        hints = [f"did you mean {near!r}?" for near in get_close_matches(name, known, n=1)]
        hints.append(f"installed are: {', '.join(known) or 'none'}")
        raise UsageError("HY1224", f"there is no plugin {name!r}", hints=hints)
    return found
