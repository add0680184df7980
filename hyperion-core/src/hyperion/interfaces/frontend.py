"""A frontend turns a user's source into IR."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast, runtime_checkable

from hyperion.errors import TypeCheckError
from hyperion.ir.function import Program
from hyperion.ir.types import Type

_CACHED = type(functools.cache(lambda: None))


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """What the user granted. `overflow` acts on scalar integer steps at 64 bits; `fp="reassoc"` lets float operations
    of this function be regrouped as over the reals."""

    overflow: Literal["trap", "wrap", "sat"] = "trap"
    fp: Literal["ieee", "reassoc"] = "ieee"


def behind_caches(function: Any) -> Any:  # Any: whatever a user decorates
    """The function of a `functools.cache` or `lru_cache`, as often as it has one: a pure function means the same
    without; anything else as it is."""
    while isinstance(function, _CACHED):
        function = function.__wrapped__
    return function


def options_of(overflow: object, fp: object) -> CompileOptions:
    """The options, or a `TypeCheckError` (HY6032) that names the choices."""
    one_of("overflow", overflow, ("trap", "wrap", "sat"))
    one_of("fp", fp, ("ieee", "reassoc"))
    return CompileOptions(cast(Any, overflow), cast(Any, fp))  # Any: both were compared with the choices above


def one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raises `TypeCheckError` (HY6032) where the value of an option is none of its choices."""
    if value not in choices:
        raise TypeCheckError("HY6032", f"{name}={value!r} is no choice", hints=[f"{name} is one of {choices}"])


@runtime_checkable
class Frontend(Protocol):
    """Reads one source language.

    Registered by the hook `hyperion_frontends`. `lower` raises `TypeCheckError` with the source line, a caret, the
    reason and a way out for everything that it does not take.
    """

    @property
    def name(self) -> str: ...

    def signature(self, arguments: tuple[object, ...]) -> tuple[Type, ...]:
        """The IR types of run-time arguments. Arrays get symbolic sizes `n0`, `n1`, ... by position."""
        ...

    def lower(self, source: object, signature: tuple[Type, ...], options: CompileOptions) -> Program:
        """The program for `source` at these parameter types; its `entry` is the function asked for."""
        ...
