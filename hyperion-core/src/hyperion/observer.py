"""What one Instance tells about its work: to callbacks, to the plugins that listen, to traces and to the log."""

from __future__ import annotations

import itertools
import logging
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from hyperion import log, stages
from hyperion.errors import HyperionError
from hyperion.interfaces.event import Event
from hyperion.metrics import Metrics
from hyperion.stages import Quiet, Stage
from hyperion.tracing import Open, Trace

Listener = Callable[[Event], object]

_log = log.logger("instance")
_instances = itertools.count(1)
_watched_lock = threading.Lock()


class Observer:
    """Follows `stages.Watcher`. Whoever listens never disturbs the work: what a listener raises is logged."""

    def __init__(self, plugins: Listener) -> None:
        self.instance = f"i{next(_instances)}"
        self.watching = False  # whether stages within others are told at all
        self.metrics = Metrics()
        self._plugins = plugins
        self._plugins_listen = False
        self._listeners: tuple[Listener, ...] = ()  # copied when it changes, so that telling needs no lock
        self._failed: set[Listener] = set()  # listeners that raised once
        self._traces: tuple[Trace, ...] = ()
        self._open: dict[int, list[tuple[Trace, Open]]] = {}
        self._lock = threading.Lock()
        self._counted = self._closed = False

    def stage(self, kind: str, name: str, function: str = "") -> Quiet:
        """A stage that a method of the Instance begins: it gives what happens inside its identifiers."""
        self.watching = self._heard or _log.isEnabledFor(logging.DEBUG)
        return Stage(self, kind, name, function)

    def on_event(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with each event from now on, and until the function that this returns is called."""
        entry: Listener = lambda event: listener(event)  # noqa: E731  each registration is an object of its own
        with self._lock:
            self._listeners = (*self._listeners, entry)
            self._changed()

        def forget() -> None:
            with self._lock:
                self._listeners = tuple(x for x in self._listeners if x is not entry)
                self._failed.discard(entry)
                self._changed()

        return forget

    @contextmanager
    def listening(self, listener: Listener) -> Generator[None]:
        """`on_event` for the body of a `with`."""
        forget = self.on_event(listener)
        try:
            yield
        finally:
            forget()

    @contextmanager
    def tracing(self, trace: Trace) -> Generator[Trace]:
        with self._lock:
            self._traces = (*self._traces, trace)
            self._changed()
        try:
            yield trace
        finally:
            with self._lock:
                self._traces = tuple(x for x in self._traces if x is not trace)
                self._changed()

    def plugins_loaded(self, listen: bool) -> None:
        """Whether there are plugins that listen is known once all are loaded."""
        with self._lock:
            self._plugins_listen = listen
            self._changed()

    def faulted(self, plugin: str) -> None:
        """A plugin raised where it should not."""
        self.metrics.count("plugin_faults", plugin=plugin)

    def close(self) -> None:
        """Nothing is told any more, also to whoever asks for it later."""
        with self._lock:
            self._closed = True
            self._listeners, self._traces, self._plugins_listen = (), (), False
            self._changed()

    @property
    def _heard(self) -> bool:
        return not self._closed and bool(self._listeners or self._traces or self._plugins_listen)

    def _changed(self) -> None:
        """Keeps `stages.watched`, which the calls of compiled functions look at."""
        self.watching = self._heard
        if self._counted != self._heard:
            self._counted = self._heard
            with _watched_lock:
                stages.watched += 1 if self._counted else -1

    def tell(self, event: Event) -> None:
        """Logs an event and gives it to whoever listens, with the identifiers of the work that it belongs to."""
        event = Event(event.kind, event.message, {**stages.identifiers(), **event.fields})
        log.write(_log, level_of(event.kind), event.message, {"kind": event.kind, **event.fields})
        self._deliver(event)

    def _deliver(self, event: Event) -> None:
        if self._closed:
            return
        self._plugins(event)
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:
                if listener not in self._failed:
                    self._failed.add(listener)
                    message = "a listener failed on the event %s, and will not be named again: %s: %s"
                    _log.warning(message, event.kind, type(error).__name__, error)

    # Stages

    def begin(self, stage: Stage) -> None:
        if not self.watching:
            return
        self.tell(Event(f"{stage.kind}.begin", _title(stage), _fields(stage)))
        traces = self._traces
        if traces:
            name = _drawn(stage)
            marks = stage.device, str(stage.number), str(stage.parent or "")
            self._open[stage.number] = [(trace, trace.begin(name, stage.kind, *marks)) for trace in traces]

    def end(self, stage: Stage) -> None:
        traced = self._open.pop(stage.number, ())
        _measure(stage, self.metrics)
        if not (self.watching or traced):
            return
        fields = _fields_at_end(stage)
        for trace, opened in traced:
            trace.end(opened, _shown(fields))
            trace.counter("peak memory", MiB=_peak_memory())
        if self.watching:
            self.tell(Event(f"{stage.kind}.end", f"{_title(stage)}: {stage.seconds:.6f} s", fields))

    def passed(self, stage: Stage) -> None:
        fields = _fields_at_end(stage)
        marks = {"process": stage.device, "id": str(stage.number), "cause": str(stage.parent or "")}
        for trace in self._traces:
            trace.past(_drawn(stage), stage.kind, stage.start, _shown(fields), **marks)
        if self.watching:
            self.tell(Event(f"{stage.kind}.end", f"{_title(stage)}: {stage.seconds:.6f} s", fields))

    def progress(self, stage: str, done: float, total: float | None, unit: str) -> None:
        if self.watching:
            of = f" of {total:g}" if total is not None else ""
            fields = {"stage": stage, "done": done, "total": total, "unit": unit}
            self.tell(Event("progress", f"{stage}: {done:g}{of} {unit}".rstrip(), fields))

    def count(self, name: str, values: Mapping[str, float]) -> None:
        for trace in self._traces:
            trace.counter(name, **values)


def _measure(stage: Stage, metrics: Metrics) -> None:
    """What the end of a stage says for the metrics. Executors count their own; calls of functions are not counted."""
    match stage.kind:
        case "library" if stage.error is None:
            metrics.count("cache_hits" if stage.found.get("found") else "cache_misses", cache="theorems")
        case "compile" if stage.nested:  # within a larger one
            pass
        case "compile" | "frontend" | "derive" | "check" | "codegen" | "load":
            outcome = _error(stage.error) if stage.error is not None else str(stage.found.get("outcome", "done"))
            metrics.observe(f"{stage.kind}_seconds", stage.seconds, outcome=outcome)
        case _:
            pass


def level_of(kind: str) -> int:
    """The logging level of an event of this kind."""
    if kind == "progress" or kind.endswith((".begin", ".end")):
        return logging.DEBUG
    return logging.WARNING if kind == "device.lost" else logging.INFO


def _title(stage: Stage) -> str:
    of = f" of {stage.function}" if stage.function and stage.function != stage.name else ""
    return f"{stage.kind} {stage.name}".rstrip() + of


def _fields(stage: Stage) -> dict[str, object]:
    fields: dict[str, object] = {
        "stage": stage.kind,
        "name": stage.name,
        "id": stage.number,
        "parent": stage.parent,
        "instance": stage.instance,
        "function": stage.function,
        "correlation": stage.correlation,
    }
    return {**fields, "device": stage.device} if stage.device else fields


def _fields_at_end(stage: Stage) -> dict[str, object]:
    fields = {**_fields(stage), **stage.found, "seconds": stage.seconds}
    return fields if stage.error is None else {**fields, "error": _error(stage.error)}


def _drawn(stage: Stage) -> str:
    """The name of its span."""
    return f"{stage.kind} {stage.name}".rstrip()


def _shown(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that a span shows as its arguments."""
    return {key: value for key, value in fields.items() if key not in ("stage", "name", "seconds")}


def _peak_memory() -> float:
    """Of this process so far, in MiB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _error(error: BaseException) -> str:
    return error.code if isinstance(error, HyperionError) else type(error).__name__
