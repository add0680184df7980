"""What the values of a split call are while it runs: scalars of Python, and arrays in one of four forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hyperion.errors import Span
from hyperion.interfaces.buffer import BufferView
from hyperion.ir.scalars import Number

Placed: TypeAlias = tuple[int, int, int]
"""A lane's number, and the first element of its run and the first after it."""


class Unsplit(Exception):
    """The call runs whole on one device, for this reason; `always`: so does every other call of the function."""

    def __init__(self, reason: str, always: bool = True, span: Span | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.always = always
        self.span = span


@dataclass(frozen=True, slots=True)
class Uniform:
    """So many copies of one scalar."""

    value: Number
    length: int

    def __len__(self) -> int:
        return self.length


@dataclass(frozen=True, slots=True)
class Spread:
    """An array that was made in runs, each of which lies where its device computes."""

    places: tuple[Placed, ...]
    runs: tuple[BufferView, ...]
    whole: Callable[[], BufferView]

    def __len__(self) -> int:
        return self.places[-1][2]


Elements: TypeAlias = BufferView | range | Uniform | Spread


def between(array: Elements, start: int, stop: int) -> BufferView | range | Uniform:
    """The elements from `start` to before `stop`, where they are."""
    match array:
        case Uniform(value, _):
            return Uniform(value, stop - start)
        case Spread(places, runs, whole):
            same = [run for (_, *ends), run in zip(places, runs, strict=True) if ends == [start, stop]]
            return same[0] if same else whole()[start:stop]
        case _:
            return array[start:stop]


def picked(array: Elements, indices: range) -> Elements:
    """The elements at the indices, which are inside."""
    if isinstance(array, Uniform):
        return Uniform(array.value, len(indices))
    source = array.whole() if isinstance(array, Spread) else array
    if not indices:
        return source[0:0]
    stop = indices[-1] + (1 if indices.step > 0 else -1)
    return source[indices.start : None if stop < 0 else stop : indices.step]


def form(array: Elements) -> str:
    match array:
        case range():
            return "range"
        case Uniform():
            return "uniform"
        case _:
            return "memory"
