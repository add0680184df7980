"""What may have been meant. `difflib` is imported on use: what is right needs no suggestions."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, among: Iterable[str]) -> list[str]:
    """The one that is written most like `word`, if any is like it at all."""
    from difflib import get_close_matches

    return get_close_matches(word, list(among), n=1)
