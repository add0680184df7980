"""Loops as users write them, with the derivations that come of them: real theorems for tests of proofs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, Literal, TypeAlias  # Any: what is passed to a loop has every type

import hyperion as hp
from hyperion.driver import Derivation

Overflow: TypeAlias = Literal["trap", "wrap"]


def total(xs: Any, start: Any) -> Any:
    s = start
    for x in xs:
        s = s + x
    return s


def prefix(xs: Any) -> Any:
    s = 0
    best = 0
    for x in xs:
        s = s + x
        best = max(best, s)
    return best


def segment(xs: Any, start: Any) -> Any:
    here = start
    best = 0
    for x in xs:
        here = max(here + x, 0)
        best = max(best, here)
    return best


def polynomial(xs: Any) -> Any:
    h = 7
    for x in xs:
        h = h * 31 + x
    return h


def fibonacci(n: Any) -> Any:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


LOOPS: Final[Mapping[str, tuple[Callable[..., Any], str, Overflow]]] = {
    "total": (total, "as", "trap"),
    "prefix": (prefix, "a", "trap"),
    "segment": (segment, "as", "trap"),
    "polynomial": (polynomial, "a", "wrap"),
    "fibonacci": (fibonacci, "s", "wrap"),
}
"""Of each loop its arguments, a for an int64 array and s for an int64, and what integers do beyond 64 bits."""


def derivation(name: str, instance: hp.Instance) -> Derivation:
    """What `hp.jit` derives for the loop of that name; needs NumPy and the Python frontend."""
    function, kinds, overflow = LOOPS[name]
    values = {"a": import_module("numpy").arange(5), "s": 5}
    module = instance.compile(function, arguments=[values[kind] for kind in kinds], overflow=overflow)
    (compiled,) = module.values()
    return compiled.derivation
