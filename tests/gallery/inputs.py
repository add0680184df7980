"""Arguments for the loops of the gallery: random, adversarial, and at the edges."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any  # arguments of every type
from zlib import crc32

import numpy as np

from catalogue import ARRAYS, Argument, Count, Given, Letters, Loop, Real, Whole

EDGES = (0, 1, 2, 7, 8, 9, 63, 65)
LARGE = (4113, 40_000)  # around the size of a piece, and several pieces
COUNTS = (-1, 0, 1, 2, 3, 10, 62, 63, 64, 65, 100)


def cases(loop: Loop, dtype: str) -> Iterator[tuple[Any, ...]]:
    """Tuples of arguments."""
    rng = np.random.default_rng(crc32(f"{loop.name} {dtype}".encode()))
    turns = Random(int(rng.integers(1 << 30)))
    if not any(isinstance(a, ARRAYS) for a in loop.arguments):
        yield from product(*(_scalars(a) for a in loop.arguments))
        return
    for size in (*EDGES, *LARGE):
        yield tuple(_random(a, dtype, size, rng, turns) for a in loop.arguments)
    for shape in ("constant", "rising", "falling", "alternating", "extreme", "lowest", "highest"):
        for size in (3, 70):
            yield tuple(_shaped(a, dtype, size, shape, rng, turns) for a in loop.arguments)


def typical(loop: Loop, dtype: str, size: int) -> tuple[Any, ...]:
    """Random arguments of one size."""
    rng = np.random.default_rng(7)
    return tuple(_random(a, dtype, size, rng, Random(7)) for a in loop.arguments)


def _scalars(argument: Argument) -> tuple[Any, ...]:
    match argument:
        case Count(most):
            return *(n for n in COUNTS if n <= most), min(most, 1999)
        case Given(values):
            return tuple(values)
        case _:
            raise TypeError(f"{argument} is an array")


def _random(argument: Argument, dtype: str, size: int, rng: np.random.Generator, turns: Random) -> Any:
    match argument:
        case Whole(low, high):
            limits = np.iinfo(dtype)
            return rng.integers(max(low, limits.min), min(high, limits.max), size, dtype=dtype, endpoint=True)
        case Letters(alphabet):
            return rng.choice(np.frombuffer(alphabet, np.uint8), size)
        case Real(low, high):
            return rng.uniform(low, high, size).astype(dtype)
        case Count(most):
            return turns.randint(0, min(most, size))
        case Given(values):
            return turns.choice(list(values))


def _shaped(argument: Argument, dtype: str, size: int, shape: str, rng: np.random.Generator, turns: Random) -> Any:
    values = _random(argument, dtype, size, rng, turns)
    if not isinstance(values, np.ndarray):
        return values
    hard = _hard(argument, dtype, values)
    match shape:
        case "constant":
            return np.full_like(values, values[0])
        case "rising":
            return np.sort(values)
        case "falling":
            return np.sort(values)[::-1].copy()
        case "alternating":
            return np.where(np.arange(size) % 2 == 0, values.min(), values.max()).astype(values.dtype)
        case "extreme":
            return np.where(rng.random(size) < 0.3, rng.choice(hard, size), values).astype(values.dtype)
        case "lowest":
            return np.full_like(values, hard[0])
        case _:
            return np.full_like(values, hard[1])


def _hard(argument: Argument, dtype: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    match argument:
        case Whole(extreme=True):
            limits = np.iinfo(dtype)
            return np.array([limits.min, limits.max, 0, max(limits.min, -1), limits.max - 1, limits.min + 1], dtype)
        case Real():
            top = np.finfo(dtype).max
            return np.array([-np.inf, np.inf, np.nan, -0.0, 0.0, np.finfo(dtype).tiny, -top, top], dtype)
        case _:
            return np.array([values.min(), values.max()])
