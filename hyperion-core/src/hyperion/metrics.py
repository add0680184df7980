"""Counters, gauges and histograms of one Instance, and their text for Prometheus and OpenMetrics.

The format: "OpenMetrics", version 1.0.0 (openmetrics.io, 2020). Names are given here without the prefix `hyperion_` and
the suffix `_total`; seconds and bytes are in the name, as the format asks.
"""

from __future__ import annotations

import math
import os
import threading
import weakref
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import accumulate, count, groupby
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from hyperion import log
from hyperion.errors import PluginError
from hyperion.families import FAMILIES as FAMILIES
from hyperion.families import Family as Family
from hyperion.families import Kind as Kind

Series: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A name and its labels, sorted."""
Sample: TypeAlias = tuple[str, Mapping[str, str], float]
"""The name, labels and value of a gauge."""
Owner = TypeVar("Owner")

BOUNDS = (*(float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 3)), 100.0)
"""The upper bounds of a histogram's buckets, in seconds; what is longer is in one more bucket."""
MOST_SERIES = 1000
"""For one name; the labels of further ones become `other`, so that no label can fill the memory."""

_SUFFIXES = ("_total", "_bucket", "_count", "_sum", "_created")
_log = log.logger("metrics")
_sources = count(1)


@dataclass(frozen=True, slots=True)
class Histogram:
    """`number` times, together `total` seconds; `buckets` says how many were up to each of `BOUNDS`, and beyond."""

    number: int
    total: float
    buckets: tuple[int, ...]


Value: TypeAlias = float | Histogram


class Adds(Protocol):
    """What `Metrics.counter` gives."""

    def __call__(self, value: int = 1) -> None: ...


class Metrics:
    """What is counted. All methods may be called from any thread, and take about a microsecond.

    Labels say which of few: a device, an outcome; never a value of the user's data. Raises `PluginError` (HY1040) for
    names, labels and values that metrics cannot have.
    """

    def __init__(self) -> None:
        self._source = next(_sources)
        self._lock = threading.RLock()  # what is collected meanwhile may count
        self._counters: dict[Series, list[float]] = {}
        self._histograms: dict[Series, list[float]] = {}  # the buckets, then the sum
        self._gauges: dict[Series, Callable[[], float]] = {}
        self._collectors = weakref.WeakKeyDictionary[object, Callable[[Any], Iterable[Sample]]]()  # Any: its own key
        self._written: dict[Series, list[float]] = {}  # the same lists, by labels in the order in which they were given
        self._kinds: dict[str, Kind] = {}
        self._sizes: dict[str, int] = {}
        _all.add(self)
        for gathered in list(_gathered):
            gathered.append(self)

    def count(self, name: str, value: float = 1, /, **labels: str) -> None:
        """Adds `value`, which is not negative, to a counter."""
        if not 0 <= value < math.inf:
            raise PluginError("HY1040", f"the counter {name!r} only grows, and not by {value!r}")
        written = (name, tuple(labels.items()))
        with self._lock:
            cell = self._written.get(written)
            if cell is None or len(cell) > 1:
                cell = self._kept(written, self._counter(name, labels))
            cell[0] += value if type(value) is int else float(value)  # of NumPy: it has a text of its own

    def observe(self, name: str, seconds: float, /, **labels: str) -> None:
        """Puts a time into a histogram."""
        if not 0 <= seconds < math.inf:
            raise PluginError("HY1040", f"the histogram {name!r} is of times, and {seconds!r} is none")
        written = (name, tuple(labels.items()))
        with self._lock:
            cells = self._written.get(written)
            if cells is None or len(cells) == 1:
                cells = self._kept(written, self._cells(name, labels))
            cells[bisect_left(BOUNDS, seconds)] += 1
            cells[-1] += float(seconds)

    def counter(self, name: str, /, **labels: str) -> Adds:
        """What adds to this counter, 1 where nothing else is given, as `count` does, several times faster: for what is
        counted at every call. Takes whole numbers on trust."""
        lock, cell = self._lock, list[float]()

        def add(value: int = 1) -> None:
            nonlocal cell
            with lock:
                if not cell:
                    cell = self._counter(name, labels)
                cell[0] += value

        return add

    def timer(self, name: str, /, **labels: str) -> Callable[[float], None]:
        """What puts times into this histogram, as `observe` does; takes those of `time.perf_counter` on trust."""
        lock, cells = self._lock, list[float]()

        def put(seconds: float) -> None:
            nonlocal cells
            bucket = bisect_left(BOUNDS, seconds)
            with lock:
                if not cells:
                    cells = self._cells(name, labels)
                cells[bucket] += 1
                cells[-1] += seconds

        return put

    def several(self, counters: Sequence[str], timer: str, /, **labels: str) -> Callable[[float, Sequence[int]], None]:
        """What puts a time into a histogram and adds a whole number to each of the counters, all of which have these
        labels, at the cost of one."""
        cells: list[list[float]] = [[] for _ in counters]
        times = list[float]()

        def put(seconds: float, values: Sequence[int]) -> None:
            nonlocal times
            bucket = bisect_left(BOUNDS, seconds)
            with self._lock:
                if not times:
                    times = self._cells(timer, labels)
                times[bucket] += 1
                times[-1] += seconds
                for number, value in enumerate(values):
                    if value:
                        cell = cells[number] = cells[number] or self._counter(counters[number], labels)
                        cell[0] += value

        return put

    def gauge(self, name: str, read: Callable[[], float], /, **labels: str) -> Callable[[], None]:
        """Has `read` called for each snapshot, until the function that this returns is called. A later one for the same
        name and labels takes its place. What it raises is logged, and the gauge is left out."""
        with self._lock:
            series = self._series("gauge", name, labels)
            self._gauges[series] = read

        def forget() -> None:
            with self._lock:
                if self._gauges.get(series) is read:
                    del self._gauges[series]
                    self._sizes[name] -= 1

        return forget

    def collect(self, owner: Owner, read: Callable[[Owner], Iterable[Sample]]) -> None:
        """Has `read(owner)` called for each snapshot, as long as `owner` lives, for gauges that come and go: it gives
        name, labels and value of each. Values of one series add up. What it raises is logged, and its gauges are left
        out."""
        with self._lock:
            self._collectors[owner] = read

    def snapshot(self) -> Snapshot:
        """All values as they are now."""
        with self._lock:
            values: dict[Series, Value] = {series: found[0] for series, found in self._counters.items()}
            values |= {series: _histogram(found) for series, found in self._histograms.items()}
            gauges, sources = list(self._gauges.items()), list(self._collectors.items())
        for series, read in gauges:  # without the lock: it is a stranger's code
            try:
                values[series] = float(read())
            except Exception as error:
                _log.warning("the gauge %s cannot be read: %s: %s", series[0], type(error).__name__, error)
        for series, value in self._collected(sources).items():
            values[series] = cast("float", values.get(series, 0.0)) + value
        with self._lock:
            kinds = dict(self._kinds)
        return Snapshot(MappingProxyType(dict(sorted(values.items()))), MappingProxyType(kinds), self._source)

    def _collected(self, sources: Iterable[tuple[Owner, Callable[[Owner], Iterable[Sample]]]]) -> dict[Series, float]:
        found: dict[Series, float] = {}
        sizes: dict[str, int] = {}
        for owner, read in sources:
            try:
                samples = [(self._gauge(name, labels), float(value)) for name, labels, value in read(owner)]
            except Exception as error:
                _log.warning("gauges of %s cannot be read: %s: %s", owner, type(error).__name__, error)
                continue
            for series, value in samples:
                if series not in found:
                    sizes[series[0]] = sizes.get(series[0], 0) + 1
                if sizes[series[0]] > MOST_SERIES:
                    series = _others(series)
                found[series] = found.get(series, 0.0) + value
        return found

    def forked(self) -> None:
        """In the child of a fork: a thread of the parent may have held the lock."""
        self._lock = threading.RLock()

    def _kept(self, written: Series, cells: list[float]) -> list[float]:
        if len(self._written) < MOST_SERIES:  # further ones take the longer way
            self._written[written] = cells
        return cells

    def _counter(self, name: str, labels: Mapping[str, str]) -> list[float]:
        return self._counters.setdefault(self._series("counter", name, labels), [0])

    def _cells(self, name: str, labels: Mapping[str, str]) -> list[float]:
        return self._histograms.setdefault(self._series("histogram", name, labels), [0.0] * (len(BOUNDS) + 2))

    def _gauge(self, name: str, labels: Mapping[str, str]) -> Series:
        with self._lock:
            return self._named("gauge", name, labels)

    def _series(self, kind: Kind, name: str, labels: Mapping[str, str]) -> Series:
        """The series that has, or gets, this name and these labels."""
        series = self._named(kind, name, labels)
        if series not in self._counters and series not in self._histograms and series not in self._gauges:
            size = self._sizes[name] = self._sizes.get(name, 0) + 1
            if size > MOST_SERIES:
                return _others(series)
        return series

    def _named(self, kind: Kind, name: str, labels: Mapping[str, str]) -> Series:
        known = self._kinds.get(name) or (FAMILIES[name].kind if name in FAMILIES else kind)
        if known != kind:
            raise PluginError("HY1040", f"{name!r} is a {known}, and was used as a {kind}")
        for word in (name, *labels):
            if not (word.isascii() and word.isidentifier()) or word in ("le", "quantile"):
                raise PluginError("HY1040", f"{word!r} is no name for a metric or a label")
        if name.endswith(_SUFFIXES):
            raise PluginError("HY1040", f"{name!r} ends as the text for Prometheus ends names: give it without")
        self._kinds[name] = kind
        return (name, tuple(sorted((key, str(value)) for key, value in labels.items())))


def _others(series: Series) -> Series:
    return series[0], tuple((key, "other") for key, _ in series[1])


_all: weakref.WeakSet[Metrics] = weakref.WeakSet()
_gathered: list[list[Metrics]] = []
"""Lists that each new `Metrics` comes to."""


@contextmanager
def gathered() -> Generator[list[Metrics]]:
    """All that are made in the body: those of Instances that are gone by its end, too."""
    found: list[Metrics] = []
    _gathered.append(found)
    try:
        yield found
    finally:
        _gathered[:] = [other for other in _gathered if other is not found]


def _in_child() -> None:
    for metrics in list(_all):
        metrics.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Snapshot:
    """The values at one time, by name and labels; `repr` shows them. `later - earlier` has what came between, and
    gauges as in the later one. Raises `PluginError`: HY1040 for a name that nothing has, HY1041 where `earlier` is of
    another Instance, or later."""

    values: Mapping[Series, Value]
    kinds: Mapping[str, Kind]
    source: int

    def total(self, name: str, /, **labels: str) -> float:
        """The sum over everything with these labels: of a counter or gauge, or the seconds of a histogram."""
        return sum(v.total if isinstance(v, Histogram) else v for v in self._all(name, labels))

    def number(self, name: str, /, **labels: str) -> float:
        """How many times a histogram has; of a counter its total."""
        return sum(v.number if isinstance(v, Histogram) else v for v in self._all(name, labels))

    def __sub__(self, earlier: Snapshot) -> Snapshot:
        values = {s: _difference(v, earlier.values.get(s)) for s, v in self.values.items() if self._grows(s)}
        gone = [s for s in earlier.values if self._grows(s) and s not in values]
        if earlier.source != self.source or gone or any(_number(v) < 0 for v in values.values()):
            raise PluginError("HY1041", "what is subtracted is no earlier snapshot of the same Instance")
        changed = {s: v for s, v in values.items() if _number(v)}
        gauges = {s: v for s, v in self.values.items() if not self._grows(s)}
        return Snapshot(MappingProxyType(changed | gauges), self.kinds, self.source)

    def __add__(self, other: Snapshot) -> Snapshot:
        """What two Instances have together. Of gauges of the process the larger value counts."""
        kinds: dict[str, Kind] = {**self.kinds, **other.kinds}
        values = dict(self.values)
        for name in self.kinds:
            if kinds[name] != self.kinds[name]:
                what = f"{name!r} is a {self.kinds[name]} in one Instance and a {kinds[name]} in the other"
                raise PluginError("HY1040", what)
        for series, value in other.values.items():
            known = values.get(series)
            shared = series[0] in FAMILIES and FAMILIES[series[0]].shared
            values[series] = value if known is None else _together(known, value, shared)
        return Snapshot(MappingProxyType(dict(sorted(values.items()))), MappingProxyType(kinds), next(_sources))

    def json(self) -> dict[str, object]:
        """The values as JSON has them: by name, a list of objects with `labels` and `value`, or `number`, `total` and
        `buckets`, which are numbers of times up to each of the `bounds`, and beyond."""
        families = {
            name: {"kind": self.kinds[name], "series": [_json(labels, value) for labels, value in found]}
            for name, found in self._families()
        }
        return {"bounds": list(BOUNDS), "metrics": families}

    def openmetrics(self) -> str:
        """The text that Prometheus and whatever reads OpenMetrics takes, as
        `application/openmetrics-text; version=1.0.0; charset=utf-8`."""
        lines: list[str] = []
        for name, found in self._families():
            lines += _about(f"hyperion_{name}", self.kinds[name], FAMILIES.get(name))
            for labels, value in found:
                lines += _samples(f"hyperion_{name}", self.kinds[name], labels, value)
        return "\n".join([*lines, "# EOF", ""])

    def __repr__(self) -> str:
        lines = [f"{name}{_labels(labels)}  {_short(value)}" for (name, labels), value in self.values.items()]
        return "\n".join(lines) or "nothing was counted"

    def _all(self, name: str, labels: Mapping[str, str]) -> Iterator[Value]:
        if name not in FAMILIES and name not in self.kinds:
            hints = [f"did you mean {near}?" for near in get_close_matches(name, {**FAMILIES, **self.kinds}, n=1)]
            raise PluginError("HY1040", f"nothing is counted as {name!r}", hints=hints)
        wanted = set(labels.items())
        return (value for (other, found), value in self.values.items() if other == name and wanted <= set(found))

    def _families(self) -> Iterator[tuple[str, list[tuple[tuple[tuple[str, str], ...], Value]]]]:
        for name, group in groupby(sorted(self.values.items(), key=lambda entry: entry[0]), lambda entry: entry[0][0]):
            yield name, [(labels, value) for (_, labels), value in group]

    def _grows(self, series: Series) -> bool:
        return self.kinds[series[0]] != "gauge"


def _histogram(found: list[float]) -> Histogram:
    buckets = tuple(map(int, found[:-1]))
    return Histogram(sum(buckets), found[-1], buckets)


def _number(value: Value) -> float:
    return value.number if isinstance(value, Histogram) else value


def _difference(later: Value, earlier: Value | None) -> Value:
    match later, earlier:
        case Histogram(), Histogram():
            buckets = tuple(a - b for a, b in zip(later.buckets, earlier.buckets, strict=True))
            return Histogram(later.number - earlier.number, max(later.total - earlier.total, 0.0), buckets)
        case ((float() | int()), (float() | int())):
            return later - earlier
        case _:
            return later


def _together(one: Value, other: Value, shared: bool) -> Value:
    if isinstance(one, Histogram) and isinstance(other, Histogram):
        buckets = tuple(a + b for a, b in zip(one.buckets, other.buckets, strict=True))
        return Histogram(one.number + other.number, one.total + other.total, buckets)
    pair = cast("float", one), cast("float", other)
    return max(pair) if shared else sum(pair)


def _json(labels: Iterable[tuple[str, str]], value: Value) -> dict[str, object]:
    if isinstance(value, Histogram):
        counted = {"number": value.number, "total": value.total, "buckets": list(value.buckets)}
        return {"labels": dict(labels), **counted}
    return {"labels": dict(labels), "value": value if math.isfinite(value) else str(value)}


def _short(value: Value) -> str:
    return f"{value.number} in {value.total:.3g} s" if isinstance(value, Histogram) else f"{value:,.15g}"


def _labels(labels: Iterable[tuple[str, str]]) -> str:
    text = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels)
    return f"{{{text}}}" if text else ""


def _escaped(text: str) -> str:
    text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _about(name: str, kind: Kind, family: Family | None) -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    for unit in ("seconds", "bytes"):
        if name.endswith(f"_{unit}"):
            yield f"# UNIT {name} {unit}"
    if family is not None:
        yield f"# HELP {name} {family.help}"


def _samples(name: str, kind: Kind, labels: tuple[tuple[str, str], ...], value: Value) -> Iterator[str]:
    if not isinstance(value, Histogram):
        yield f"{name}{'_total' if kind == 'counter' else ''}{_labels(labels)} {_sample(value)}"
        return
    for bound, below in zip([*map(str, BOUNDS), "+Inf"], accumulate(value.buckets), strict=True):
        yield f"{name}_bucket{_labels((*labels, ('le', bound)))} {below}"
    yield f"{name}_count{_labels(labels)} {value.number}"
    yield f"{name}_sum{_labels(labels)} {_sample(value.total)}"


def _sample(value: float) -> str:
    return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value) or ("NaN" if math.isnan(value) else repr(value))
