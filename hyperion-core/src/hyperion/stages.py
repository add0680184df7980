"""Stages of the work: who watches an Instance is told when each begins and ends.

    with stage("pass", "cse") as told:
        ...
        told.note(changed=True)

A stage belongs to the Instance whose method is running, which a context variable knows. Where nobody watches, `stage`
costs a look at that variable and at one attribute.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from functools import wraps
from time import perf_counter_ns
from types import TracebackType
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

KINDS = ("compile", "frontend", "derive", "library", "verify", "pass", "strategy", "check", "codegen", "load", "run")
"""The stages of the core; plugins may have others."""

watched = 0
"""How many Instances have somebody watching the calls of their functions. Written by `hyperion.observer` alone."""

_numbers = itertools.count(1)


class Watcher(Protocol):
    """Told about the stages of one Instance."""

    @property
    def instance(self) -> str: ...

    @property
    def watching(self) -> bool: ...

    def begin(self, stage: Stage) -> None: ...

    def end(self, stage: Stage) -> None: ...

    def count(self, name: str, values: Mapping[str, float]) -> None: ...


class Quiet:
    """A stage that nobody watches."""

    __slots__ = ()

    def __enter__(self) -> Quiet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def note(self, **found: object) -> None:
        """Adds to what is told at the end of the stage."""


class Stage(Quiet):
    """One stage: its kind and name, the function that the work is for, and where it belongs.

    `number` is its own and `parent` that of the stage around it; all stages of one call of an Instance's method have
    one `correlation`. `start` and `stop` are of `time.perf_counter_ns`.
    """

    __slots__ = (
        "_token", "_watcher", "correlation", "error", "found", "function", "kind", "name", "number", "parent", "start",
        "stop",
    )  # fmt: skip

    def __init__(self, watcher: Watcher, kind: str, name: str, function: str = "") -> None:
        self._watcher = watcher
        self._token: Token[Stage | None] | None = None
        self.kind = kind
        self.name = name
        self.function = function
        self.correlation = ""
        self.number = next(_numbers)
        self.parent = 0
        self.found: dict[str, object] = {}
        self.error: BaseException | None = None
        self.start = self.stop = 0

    @property
    def instance(self) -> str:
        return self._watcher.instance

    @property
    def watcher(self) -> Watcher:
        return self._watcher

    def __enter__(self) -> Stage:
        around = _current.get()
        if around is not None and around._watcher is self._watcher:
            self.parent, self.correlation = around.number, around.correlation
            self.function = self.function or around.function
        else:
            self.correlation = f"{self.instance}.{self.number}"
        self._token = _current.set(self)
        self._watcher.begin(self)
        self.start = perf_counter_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop = perf_counter_ns()
        self.error = error
        if self._token is not None:
            _current.reset(self._token)
        self._watcher.end(self)

    def note(self, **found: object) -> None:
        self.found.update(found)

    @property
    def seconds(self) -> float:
        return (self.stop - self.start) / 1e9


_current: ContextVar[Stage | None] = ContextVar("hyperion_stage", default=None)
_QUIET = Quiet()


def stage(kind: str, name: str = "", function: str = "") -> Quiet:
    """A context manager for a stage of the work that is going on."""
    around = _current.get()
    if around is None or not around.watcher.watching:
        return _QUIET
    return Stage(around.watcher, kind, name, function)


def staged(kind: str, name: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function each call of which is a stage."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*arguments: P.args, **keywords: P.kwargs) -> R:
            with stage(kind, name):
                return function(*arguments, **keywords)

        return call

    return decorate


def count(name: str, **values: float) -> None:
    """The values of a counter from now on, for traces."""
    around = _current.get()
    if around is not None and around.watcher.watching:
        around.watcher.count(name, values)


def stage_of(watcher: Watcher | None, kind: str, name: str, function: str = "") -> Quiet:
    """The same for what may be called from outside, when no other stage is going on."""
    return stage(kind, name, function) if watcher is None else Stage(watcher, kind, name, function)


def identifiers() -> Mapping[str, str]:
    """The instance, function and correlation that the work going on belongs to; empty outside of it."""
    at = _current.get()
    if at is None:
        return {}
    return {"instance": at.instance, "function": at.function, "correlation": at.correlation}
