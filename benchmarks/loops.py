"""The loops that are compared: plain Python functions that both Hyperion and Numba compile as they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

# NumPy arrays here carry any element type; each function is compiled for int32 and for int64 elements.
Array = Any


def total(xs: Array) -> int:
    s = 0
    for x in xs:
        s += x
    return s


def highest_prefix(xs: Array) -> int:
    s = 0
    best = 0
    for x in xs:
        s += x
        best = max(best, s)
    return best


def segment_clamped(xs: Array) -> int:
    """Maximum segment sum, the empty segment allowed: max(here + x, 0)."""
    here = 0
    best = 0
    for x in xs:
        here = max(here + x, 0)
        best = max(best, here)
    return best


def segment_restarted(xs: Array) -> int:
    """Maximum segment sum, segments of at least one element: max(x, here + x)."""
    here = 0
    best = xs[0]
    for x in xs:
        here = max(x, here + x)
        best = max(best, here)
    return best


def segment_branching(xs: Array) -> int:
    """Maximum segment sum with if."""
    here = 0
    best = 0
    for x in xs:
        here += x
        if here < 0:
            here = 0
        if here > best:
            best = here
    return best


def polynomial_hash(xs: Array) -> int:
    h = 0
    for x in xs:
        h = h * 31 + x
    return h


def power(base: int, n: int) -> int:
    r = 1
    for _ in range(n):
        r *= base
    return r


def fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@dataclass(frozen=True, slots=True)
class Loop:
    """`numpy` and `prange` are what a user of those would write instead, where there is such a thing."""

    name: str
    function: Callable[..., int]
    overflow: Literal["trap", "wrap"] = "trap"
    scalars: tuple[int, ...] | None = None  # arguments of a loop without array
    numpy: Callable[[Array], int] | None = None
    prange: bool = False


def _numpy_total(xs: Array) -> int:
    import numpy as np

    return int(xs.sum(dtype=np.int64))


def _numpy_highest_prefix(xs: Array) -> int:
    import numpy as np

    return max(0, int(np.cumsum(xs, dtype=np.int64).max()))


def _numpy_segment(xs: Array) -> int:
    import numpy as np

    prefix = np.concatenate((np.zeros(1, np.int64), np.cumsum(xs, dtype=np.int64)))
    return int((prefix - np.minimum.accumulate(prefix)).max())


def _numpy_segment_of_one_or_more(xs: Array) -> int:
    import numpy as np

    prefix = np.concatenate((np.zeros(1, np.int64), np.cumsum(xs, dtype=np.int64)))
    return int((prefix[1:] - np.minimum.accumulate(prefix[:-1])).max())


def loops(count: int) -> tuple[Loop, ...]:
    """Every loop; those without an array take `count` steps."""
    return (
        Loop("sum", total, numpy=_numpy_total, prange=True),
        Loop("max prefix sum", highest_prefix, numpy=_numpy_highest_prefix),
        Loop("max segment sum, `max(h+x, 0)`", segment_clamped, numpy=_numpy_segment),
        Loop("max segment sum, `max(x, h+x)`", segment_restarted, numpy=_numpy_segment_of_one_or_more),
        Loop("max segment sum, `if`", segment_branching, numpy=_numpy_segment),
        Loop("polynomial hash", polynomial_hash, overflow="wrap"),
        Loop("power", power, overflow="wrap", scalars=(3, count)),
        Loop("Fibonacci", fibonacci, overflow="wrap", scalars=(count,)),
    )
