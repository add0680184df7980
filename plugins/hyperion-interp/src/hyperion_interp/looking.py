"""Long work without a region, in parts: before each the token is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, cast

from hyperion.tokens import NOTHING, Token

PART = 1 << 14
"""Elements between two looks: some milliseconds of Python's steps."""
T = TypeVar("T")
S = TypeVar("S", bound=Sequence[object])


def parts(token: Token, items: S, width: int = 1, most: int = PART) -> Iterator[S]:
    """The items in their order, some at a time; each of them stands for the work on `width` of `most` elements. All at
    once where there is no token to look at."""
    if token is NOTHING:
        yield items
        return
    some = max(1, most // max(1, width))
    for start in range(0, len(items), some):
        token.check("run")
        yield items if some >= len(items) else cast(S, items[start : start + some])


def listed(token: Token, items: Iterable[T]) -> list[T]:
    """The items as a list."""
    if token is NOTHING:
        return list(items)
    found: list[T] = []
    rest = iter(items)
    while some := list(islice(rest, PART)):
        token.check("run")
        found += some
    return found


class Looks:
    """For runs over the same elements again and again, of which each may be short."""

    def __init__(self, token: Token) -> None:
        self._token = token
        self._left = PART

    def over(self, items: S) -> Iterable[S]:
        """As `parts`, with a look after many short runs too."""
        if self._token is NOTHING:
            return (items,)
        self._left -= len(items)
        if self._left > 0:
            return (items,)
        self._left = PART
        return parts(self._token, items)
