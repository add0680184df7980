"""Where the elements of an n-d array lie in row-major order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod

from hyperion.tokens import NOTHING, Token
from hyperion_interp.looking import parts

Shape = tuple[int, ...]


def strides(shape: Shape) -> Shape:
    """How far apart neighbours along each axis lie.

    >>> strides((2, 3, 4))
    (12, 4, 1)
    """
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def offsets(shape: Shape, steps: Sequence[int], start: int = 0, token: Token = NOTHING) -> Sequence[int]:
    """`start + i * steps[0] + j * steps[1] + ..` for all indices inside `shape`, in row-major order.

    >>> offsets((2, 3), (1, 10))
    [0, 10, 20, 1, 11, 21]
    """
    if len(shape) == 1 and steps[0]:
        return range(start, start + shape[0] * steps[0], steps[0])
    found = [start] if 0 not in shape else []
    for size, step in zip(shape, steps, strict=True):
        if size != 1:
            found = [
                base + i * step
                for some in parts(token, found, size)
                for indices in parts(token, range(size))
                for base in some
                for i in indices
            ]
    return found


def lines(shape: Shape, axis: int) -> Iterator[range]:
    """The places of the elements along `axis`, for every choice of the other indices in row-major order.

    >>> list(lines((2, 2), 0))
    [range(0, 4, 2), range(1, 5, 2)]
    """
    if 0 in shape:
        return
    own = strides(shape)
    outer = others(len(shape), (axis,))
    for start in offsets(at(shape, outer), at(own, outer)):
        yield range(start, start + shape[axis] * own[axis], own[axis])


def at(values: Sequence[int], axes: Iterable[int]) -> Shape:
    return tuple(values[axis] for axis in axes)


def others(rank: int, axes: Iterable[int]) -> Shape:
    """The axes that are not among `axes`, ascending."""
    left_out = set(axes)
    return tuple(axis for axis in range(rank) if axis not in left_out)
