"""What calls tell of themselves: counts and times for the metrics of the Instance, and stages for who watches it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from time import perf_counter, perf_counter_ns
from typing import TypeAlias, TypeVar

from hyperion import stages
from hyperion.errors import DeadlineError, HyperionError, WorkCancelledError
from hyperion.interfaces.executor import Services

R = TypeVar("R")
Name: TypeAlias = Callable[[], str]
"""Of a function; asked for where somebody watches."""

_UNWATCHED = nullcontext()


def submitting(services: Services, name: Name) -> AbstractContextManager[object]:
    """The stage of handing a call over: all that is done for the call is part of it, in whichever thread."""
    services.metrics.count("submits")
    return stages.stage_of(services.watcher, "submit", name(), name()) if stages.watched else _UNWATCHED


def running(services: Services, name: Name, device: str, work: Callable[[], R]) -> R:
    """What `work` returns, which runs a function on the device."""
    begun = perf_counter()
    try:
        if not stages.watched:
            return work()
        with stages.stage_of(services.watcher, "run", name(), name(), device):
            return work()
    finally:
        services.metrics.observe("run_seconds", perf_counter() - begun, device=device)


@contextmanager
def transferring(services: Services, name: str, nbytes: int, source: str, target: str) -> Generator[None]:
    """The body copies so many bytes from the memory of one device, or of the `host`, to that of another."""
    begun = perf_counter()
    device = source if target == "host" else target
    stage = stages.stage_of(services.watcher, "transfer", name, name, device) if stages.watched else _UNWATCHED
    with stage as told:
        if isinstance(told, stages.Stage):
            told.note(bytes=nbytes, source=source, target=target)
        yield
    services.metrics.count("transfers", 1, source=source, target=target)
    services.metrics.count("transfer_bytes", nbytes, source=source, target=target)
    services.metrics.observe("transfer_seconds", perf_counter() - begun, source=source, target=target)


class Waiting:
    """From when a call was made until a device takes it up."""

    __slots__ = ("_context", "_name", "_services", "_start")

    def __init__(self, services: Services, name: Name) -> None:
        self._services = services
        self._name = name
        self._start = perf_counter_ns()
        self._context = copy_context() if stages.watched else None

    def carrying(self, work: Callable[[], object]) -> Callable[[], object]:
        """The work as part of the stage in which the call was made."""
        if self._context is None:
            return work
        context = self._context.copy()  # one step may begin on its thread before another one returned
        return lambda: context.run(work)

    def over(self, device: str) -> None:
        if stages.watched:
            name = self._name()
            stages.waited(self._services.watcher, "queue", name, self._start, name, device)
        self._services.metrics.observe("queue_seconds", (perf_counter_ns() - self._start) / 1e9, device=device)


def ended(services: Services, error: BaseException | None, cancelled: bool) -> None:
    """A call has ended; `cancelled` by its future."""
    metrics = services.metrics
    if cancelled or isinstance(error, WorkCancelledError):
        metrics.count("cancels")
    elif isinstance(error, DeadlineError):
        metrics.count("deadlines")
    elif error is not None:
        code = error.code if isinstance(error, HyperionError) else type(error).__name__
        metrics.count("failures", code=code)
