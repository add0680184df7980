"""The contestants: each turns a loop and its arguments into a call without arguments."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import hyperion as hp
from loops import Array, Loop

Call = Callable[[], int]


def hyperion(loop: Loop, arguments: tuple[Array, ...]) -> Call:
    f = hp.jit(loop.function, overflow=loop.overflow)
    return lambda: int(f(*arguments))


def numba(loop: Loop, arguments: tuple[Array, ...]) -> Call:
    f = _numba().njit(loop.function)
    return lambda: int(f(*arguments))


def numba_prange(_: Loop, arguments: tuple[Array, ...]) -> Call:
    """The sum, the one loop here for which Numba can be asked to run in parallel."""
    nb = _numba()

    def total(xs: Array) -> int:
        s = 0
        for i in nb.prange(len(xs)):
            s += xs[i]
        return s

    f = nb.njit(parallel=True)(total)
    return lambda: int(f(*arguments))


def numpy(loop: Loop, arguments: tuple[Array, ...]) -> Call:
    operation = loop.numpy
    assert operation is not None
    return lambda: operation(*arguments)


def of(loop: Loop, arguments: tuple[Array, ...]) -> dict[str, Call]:
    """Every contestant that has this loop, by name."""
    calls = {"Hyperion": hyperion(loop, arguments), "Numba": numba(loop, arguments)}
    if loop.prange:
        calls["Numba prange"] = numba_prange(loop, arguments)
    if loop.numpy is not None:
        calls["NumPy"] = numpy(loop, arguments)
    return calls


def _numba() -> Any:  # Any: Numba is no dependency of the workspace and is absent when types are checked
    return importlib.import_module("numba")
