"""Stages of the work: who watches an Instance is told when each begins and ends.

    with stage("pass", "cse") as told:
        ...
        told.note(changed=True)

A stage belongs to the Instance whose method is running, which a context variable knows. Where nobody watches, `stage`
costs a look at that variable and at one attribute.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token, copy_context
from functools import wraps
from time import perf_counter_ns
from types import TracebackType
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from hyperion.metrics import Metrics

P = ParamSpec("P")
R = TypeVar("R")

KINDS = ("compile", "frontend", "derive", "library", "verify", "pass", "strategy", "check", "codegen", "load", "run")
"""The stages of the core; plugins may have others."""

ON_DEVICES = ("submit", "queue", "transfer", "run")
"""The stages of executors; all but `submit` name their device."""

MEASURED = frozenset(("check", "codegen", "library"))
"""The stages within others that are told also where nobody watches, for the metrics: they are few, and long."""

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

    def passed(self, stage: Stage) -> None:
        """Of a stage whose beginning was not told."""
        ...

    def count(self, name: str, values: Mapping[str, float]) -> None: ...

    def progress(self, stage: str, done: float, total: float | None, unit: str) -> None: ...

    @property
    def metrics(self) -> Metrics: ...


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
    """One stage: its kind and name, the function that the work is for, the device that does it, where there is one, and
    where it belongs.

    `number` is its own and `parent` that of the stage around it; all stages of one call of an Instance's method have
    one `correlation`. `start` and `stop` are of `time.perf_counter_ns`.
    """

    __slots__ = (
        "_token", "_watcher", "correlation", "device", "error", "found", "function", "kind", "name", "nested", "number",
        "parent", "start", "stop",
    )  # fmt: skip

    def __init__(self, watcher: Watcher, kind: str, name: str, function: str = "", device: str = "") -> None:
        self._watcher = watcher
        self._token: Token[Stage | None] | None = None
        self.kind = kind
        self.name = name
        self.function = function
        self.device = device
        self.correlation = ""
        self.number = next(_numbers)
        self.parent = 0
        self.nested = False  # whether the stage around it goes on
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
        self._place()
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

    def passed(self, start: int) -> None:
        """Tells of a stage that went on since `start` and ends now; others of its kind may have gone on meanwhile."""
        self._place()
        self.start, self.stop = start, perf_counter_ns()
        self._watcher.passed(self)

    def _place(self) -> None:
        around = _current.get()
        if around is not None and around._watcher is self._watcher:
            self.parent, self.correlation, self.nested = around.number, around.correlation, not around.stop
            self.function = self.function or around.function
            self.device = self.device or around.device
        else:
            self.correlation = f"{self.instance}.{self.number}"


_current: ContextVar[Stage | None] = ContextVar("hyperion_stage", default=None)
_QUIET = Quiet()


def stage(kind: str, name: str = "", function: str = "") -> Quiet:
    """A context manager for a stage of the work that is going on."""
    around = _current.get()
    if around is None or not (around.watcher.watching or kind in MEASURED):
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


def tally(name: str, value: float = 1, **labels: str) -> None:
    """Adds to a counter of the metrics of the Instance that the work belongs to."""
    around = _current.get()
    if around is not None:
        around.watcher.metrics.count(name, value, **labels)


def stage_of(watcher: Watcher | None, kind: str, name: str, function: str = "", device: str = "") -> Quiet:
    """The same for what may be called from outside, when no other stage is going on; a `device` gives it a track of its
    own in traces."""
    return stage(kind, name, function) if watcher is None else Stage(watcher, kind, name, function, device)


def waited(watcher: Watcher, kind: str, name: str, start: int, function: str = "", device: str = "") -> None:
    """Tells of a stage that began at `start`, a time of `perf_counter_ns`, in whichever thread, and ends now: a call
    that was in a queue."""
    if watcher.watching:
        Stage(watcher, kind, name, function, device).passed(start)


def progress(stage: str, done: float, total: float | None = None, unit: str = "") -> None:
    """Tells who watches how far the work has come; `hyperion.tokens.Token.report` does so too."""
    around = _current.get()
    if around is not None and around.watcher.watching:
        around.watcher.progress(stage, done, total, unit)


def carried(work: Callable[P, R]) -> Callable[P, R]:
    """`work`, for another thread to call once, with the stage, token and limits that hold here now: what it does is
    told, logged and drawn as part of the stage around this call."""
    context = copy_context()

    def call(*arguments: P.args, **keywords: P.kwargs) -> R:
        return context.run(work, *arguments, **keywords)

    return call


def going_on() -> Stage | None:
    """The stage around, for `resumed`."""
    return _current.get()


@contextmanager
def resumed(around: Stage | None) -> Generator[None]:
    """Takes up, in another thread, the work that a stage is part of; of the context nothing else is carried."""
    token = _current.set(around)
    try:
        yield
    finally:
        _current.reset(token)


def identifiers() -> Mapping[str, str]:
    """The instance, function and correlation that the work going on belongs to, and the device that does it; empty
    outside of any."""
    at = _current.get()
    if at is None:
        return {}
    found = {"instance": at.instance, "function": at.function, "correlation": at.correlation}
    return {**found, "device": at.device} if at.device else found
