"""Spans of time on all threads and devices in the Trace Event Format, which https://ui.perfetto.dev shows.

The format: "Trace Event Format", Google, 2016. Each device is a process there, each thread a track of it. A span is a
complete event (`X`), one that has not ended a beginning (`B`); those that overlap others are asynchronous (`b`, `e`);
an arrow from a span to what it caused on another track is a flow (`s`, `f`); counters are `C`, names metadata (`M`).
Times are microseconds from the start.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from time import perf_counter_ns

from hyperion.log import plain

PROCESS = "hyperion"
_GOES_ON = -1 << 63


@dataclass(frozen=True, slots=True)
class Recorded:
    """A span that ended: `start` and `stop` are nanoseconds of the trace's clock, `number` counts what began before.

    `process` is the device that did it, empty for this process itself, and `track` the name of its `thread`. `id` names
    the span, and `cause` the one that it is a part or a consequence of; both may be empty. `overlaps` says that others
    on its track may have gone on meanwhile, as calls in a queue do.
    """

    name: str
    category: str
    thread: int
    start: int
    stop: int
    number: int
    args: Mapping[str, object] = field(default_factory=dict[str, object])
    process: str = ""
    track: str = ""
    id: str = ""
    cause: str = ""
    overlaps: bool = False


@dataclass(slots=True)
class Open:
    """A span that has not ended."""

    name: str
    category: str
    thread: int
    start: int
    number: int
    process: str = ""
    track: str = ""
    id: str = ""
    cause: str = ""

    def ended(self, stop: int, args: Mapping[str, object] | None = None, overlaps: bool = False) -> Recorded:
        return Recorded(
            self.name, self.category, self.thread, self.start, stop, self.number, dict(args or {}), self.process,
            self.track, self.id, self.cause, overlaps,
        )  # fmt: skip


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

    def begin(self, name: str, category: str = "", process: str = "", id: str = "", cause: str = "") -> Open:
        """Opens a span on the track of this thread, which is one of the device `process` where that is given."""
        opened = self._opened(name, category, self._clock(), process, id, cause)
        self._open[opened.number] = opened
        return opened

    def end(self, opened: Open, args: Mapping[str, object] | None = None) -> None:
        """Ends a span; `args` are shown with it."""
        stop = self._clock()
        if self._open.pop(opened.number, None) is not None:
            self._spans.append(opened.ended(stop, args))

    def past(
        self, name: str, category: str, start: int, args: Mapping[str, object] | None = None, *,
        process: str = "", id: str = "", cause: str = "",
    ) -> None:  # fmt: skip
        """A span from `start`, in nanoseconds of the clock, until now; others may overlap it."""
        self._origin = min(self._origin, start)
        self._spans.append(self._opened(name, category, start, process, id, cause).ended(self._clock(), args, True))

    def add(self, spans: Iterable[Recorded], offset: int = 0, process: str = "") -> None:
        """Spans of another clock, that of a worker process or of another node: `offset` nanoseconds are added to their
        times, and `process` is put before the names of their processes. Ids are unique among all that is put together.
        """
        for s in sorted(spans, key=lambda s: (s.start, s.number)):
            self._origin = min(self._origin, s.start + offset)
            where = " ".join(filter(None, (process, s.process)))
            times = {"start": s.start + offset, "stop": s.stop + offset, "number": next(self._numbers)}
            self._spans.append(replace(s, process=where, **times))

    @contextmanager
    def span(self, name: str, category: str = "", **args: object) -> Generator[None]:
        """A span around the body."""
        opened = self.begin(name, category)
        try:
            yield
        finally:
            self.end(opened, args)

    def counter(self, name: str, **values: float) -> None:
        """The values that the counter has from now on; those that are no numbers, which JSON does not have, are left
        out."""
        finite = {key: value for key, value in values.items() if math.isfinite(value)}
        if finite:
            self._counters.append((next(self._numbers), self._clock(), self._thread(), name, finite))

    def events(self) -> list[dict[str, object]]:
        """The trace events: names first, then all others in the order of time; what begins at one time, in the order in
        which it began."""
        spans = [*self._spans, *(o.ended(_GOES_ON) for o in list(self._open.values()))]
        counters = list(self._counters)
        pids = _numbered(["", *(s.process for s in spans)], os.getpid())
        timed: list[tuple[int, int, dict[str, object]]] = []
        for number, at, thread, name, values in counters:
            timed.append((at, number, {**self._event("C", name, at, ""), "tid": thread, "args": plain(values)}))
        for s in spans:
            where = {"pid": pids[s.process], "tid": s.thread}
            timed += [(at, number, {**event, **where}) for at, number, event in self._of_span(s)]
        timed += self._arrows(spans, pids)
        timed.sort(key=lambda entry: entry[:2])
        names = [{**_metadata("process_name", 0, process or PROCESS), "pid": pid} for process, pid in pids.items()]
        tracks = {("", thread): self._threads[thread] for _, _, thread, _, _ in counters}
        tracks |= {(s.process, s.thread): s.track for s in spans}
        names += [{**_metadata("thread_name", thread, name), "pid": pids[p]} for (p, thread), name in tracks.items()]
        return [{"pid": os.getpid(), **event} for event in (*names, *(event for _, _, event in timed))]

    def _of_span(self, s: Recorded) -> Iterator[tuple[int, int, dict[str, object]]]:
        event = {**self._event("X", s.name, s.start, s.category), "args": plain(s.args)}
        if s.stop == _GOES_ON:
            yield s.start, s.number, {**event, "ph": "B"}
        elif not s.overlaps:
            yield s.start, s.number, {**event, "dur": _micro(s.stop - s.start)}
        else:
            yield s.start, s.number, {**event, "ph": "b", "id": s.number}
            yield s.stop, s.number, {**self._event("e", s.name, s.stop, s.category), "id": s.number}

    def _arrows(self, spans: Sequence[Recorded], pids: Mapping[str, int]) -> list[tuple[int, int, dict[str, object]]]:
        """From each span to those on other tracks that name it as their cause."""
        by_id = {s.id: s for s in spans if s.id and not s.overlaps}
        arrows: list[tuple[int, int, dict[str, object]]] = []
        for s in spans:
            cause = by_id.get(s.cause)
            if cause is None or s.overlaps or (cause.process, cause.thread) == (s.process, s.thread):
                continue
            for phase, end in (("s", cause), ("f", s)):
                event = {**self._event(phase, cause.category or cause.name, end.start, "flow"), "id": s.number}
                where: dict[str, object] = {"pid": pids[end.process], "tid": end.thread, "bp": "e"}
                arrows.append((end.start, end.number, {**event, **where}))
        return arrows

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

    def _opened(self, name: str, category: str, start: int, process: str, id: str, cause: str) -> Open:
        thread = self._thread()
        return Open(name, category, thread, start, next(self._numbers), process, self._threads[thread], id, cause)

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


def _numbered(names: Iterable[str], first: int) -> dict[str, int]:
    return {name: first + number for number, name in enumerate(dict.fromkeys(names))}


def _micro(nanoseconds: int) -> float:
    return nanoseconds / 1000
