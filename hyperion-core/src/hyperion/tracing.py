"""Nested spans of time in the Trace Event Format, which chrome://tracing and https://ui.perfetto.dev show.

The format: "Trace Event Format", Google, 2016. Each thread has a track; a span is a complete event (`X`), one that has
not ended a beginning (`B`), a counter is a `C`, names are metadata (`M`). Times are microseconds from the start.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter_ns
from typing import cast

PROCESS = "hyperion"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A span that ended: `start` and `stop` are nanoseconds of the trace's clock, `number` counts what began before."""

    name: str
    category: str
    thread: int
    start: int
    stop: int
    number: int
    args: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(slots=True)
class Open:
    """A span that has not ended."""

    name: str
    category: str
    thread: int
    start: int
    number: int


class Trace:
    """A recorder of spans and counters. Every method may be called from any thread; spans of one thread must nest.

    >>> trace = Trace()
    >>> with trace.span("outer"), trace.span("inner", size=3):
    ...     pass
    >>> [span.name for span in trace.spans]
    ['inner', 'outer']
    """

    def __init__(self, clock: Callable[[], int] = perf_counter_ns) -> None:
        self._clock = clock
        self._origin = clock()
        self._spans: list[Recorded] = []
        self._open: dict[int, Open] = {}
        self._counters: list[tuple[int, int, int, str, dict[str, float]]] = []
        self._numbers = count()
        self._threads: dict[int, str] = {}

    @property
    def spans(self) -> tuple[Recorded, ...]:
        """The spans that ended, in the order in which they did."""
        return tuple(self._spans)

    def begin(self, name: str, category: str = "") -> Open:
        """Opens a span on the track of this thread."""
        opened = Open(name, category, self._thread(), self._clock(), next(self._numbers))
        self._open[id(opened)] = opened
        return opened

    def end(self, opened: Open, args: Mapping[str, object] | None = None) -> None:
        """Ends a span; `args` are shown with it."""
        stop = self._clock()
        if self._open.pop(id(opened), None) is not None:
            o = opened
            self._spans.append(Recorded(o.name, o.category, o.thread, o.start, stop, o.number, dict(args or {})))

    @contextmanager
    def span(self, name: str, category: str = "", **args: object) -> Generator[None]:
        """A span around the body."""
        opened = self.begin(name, category)
        try:
            yield
        finally:
            self.end(opened, args)

    def counter(self, name: str, **values: float) -> None:
        """The values that the counter has from now on."""
        self._counters.append((next(self._numbers), self._clock(), self._thread(), name, values))

    def events(self) -> list[dict[str, object]]:
        """The trace events: names first, then spans and counters in the order of time; what begins at one time, in the
        order in which it began."""
        process = os.getpid()
        timed: list[tuple[int, int, dict[str, object]]] = []
        for s in list(self._spans):
            args = {k: _plain(v) for k, v in s.args.items()}
            event = self._event("X", s.name, s.start, s.category)
            timed.append((s.start, s.number, {**event, "dur": _micro(s.stop - s.start), "tid": s.thread, "args": args}))
        for o in list(self._open.values()):
            event = self._event("B", o.name, o.start, o.category)
            timed.append((o.start, o.number, {**event, "tid": o.thread, "args": {}}))
        for number, at, thread, name, values in list(self._counters):
            timed.append((at, number, {**self._event("C", name, at, ""), "tid": thread, "args": dict(values)}))
        timed.sort(key=lambda entry: entry[:2])
        names = [_metadata("process_name", 0, PROCESS)]
        names += [_metadata("thread_name", thread, name) for thread, name in list(self._threads.items())]
        return [{**event, "pid": process} for event in (*names, *(event for _, _, event in timed))]

    def json(self) -> dict[str, object]:
        """The whole document."""
        from hyperion import __version__

        about = {"hyperion": __version__, "python": sys.version.split()[0], "platform": sys.platform}
        return {"traceEvents": self.events(), "displayTimeUnit": "ms", "otherData": about}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the document; the file is whole or, where this raises OSError, as it was."""
        import json

        target = Path(path)
        beside = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_native_id()}")
        text = json.dumps(self.json(), separators=(",", ":"), allow_nan=False)
        try:
            beside.write_text(text + "\n", encoding="utf-8")
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def _thread(self) -> int:
        number = threading.get_native_id()
        if number not in self._threads:
            self._threads[number] = threading.current_thread().name
        return number

    def _event(self, phase: str, name: str, at: int, category: str) -> dict[str, object]:
        event: dict[str, object] = {"ph": phase, "name": name, "ts": _micro(at - self._origin)}
        return {**event, "cat": category} if category else event


def _metadata(kind: str, thread: int, name: str) -> dict[str, object]:
    return {"ph": "M", "name": kind, "ts": 0.0, "tid": thread, "args": {"name": name}}


def _micro(nanoseconds: int) -> float:
    return nanoseconds / 1000


def _plain(value: object) -> object:
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case list() | tuple():
            return [_plain(x) for x in cast("Sequence[object]", value)]
        case _:
            return str(value)
