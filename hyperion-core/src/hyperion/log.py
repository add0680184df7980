"""Logging through the standard library: named loggers, structured fields, no handler of our own but a NullHandler.

    with to_json_lines("log.jsonl", level="DEBUG"):
        ...

Nothing is configured on import, or without being asked for.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import IO, Protocol, cast

from hyperion.errors import HyperionError, PluginError
from hyperion.stages import identifiers

ROOT = "hyperion"
logging.getLogger(ROOT).addHandler(logging.NullHandler())

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DEEPEST, MOST_ITEMS, MOST_OF_ALL, LONGEST = 6, 1000, 10_000, 20_000
"""What is kept of a value in a JSON line: levels, items of one thing and of all, and characters of a text."""


class Writes(Protocol):
    def write(self, text: str, /) -> object: ...


def logger(name: str = "") -> logging.Logger:
    """The logger `hyperion` or `hyperion.<name>`."""
    return logging.getLogger(f"{ROOT}.{name}" if name else ROOT)


def write(log: logging.Logger, level: int, message: str, fields: Mapping[str, object]) -> None:
    """Logs `message`; handlers find `fields`, and the instance, function, correlation and device of the work that is
    going on, as the record's attribute `hyperion`."""
    if log.isEnabledFor(level):
        log.log(level, "%s", message, extra={"hyperion": {**identifiers(), **fields}})


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON (RFC 8259), in ASCII: `time` (RFC 3339, UTC), `level`, `logger`, `thread`,
    `message`, `fields`, and `exception` where there is one.

    An exception has `type`, `message` and `traceback`; a `HyperionError` also `code`, `notes`, `hints` and `place`. For
    any handler and any record: what cannot be formatted is said in the line instead, and what JSON does not have
    becomes text.

    >>> import json
    >>> record = logging.LogRecord("hyperion", logging.INFO, "", 0, "at %s", ("9:00\\n",), None)
    >>> json.loads(JsonFormatter().format(record))["message"]
    'at 9:00\\n'
    """

    def format(self, record: logging.LogRecord) -> str:
        import json

        line: dict[str, object] = {
            "time": _time(record.created),
            "level": record.levelname,
            "logger": record.name,
            "thread": record.threadName,
            "message": _text(record.getMessage),
            "fields": getattr(record, "hyperion", {}),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["exception"] = {**_described(error), "traceback": _text(lambda: _traceback(error))}
        try:
            return json.dumps(plain(line), allow_nan=False)
        except Exception as failure:  # fields that change while they are read, for instance
            line |= {"fields": {}, "unformatted": type(failure).__name__}
            return json.dumps({key: value for key, value in line.items() if key != "exception"})


class JsonLines:
    """JSON lines that are being written; a context manager. `lost` counts lines that could not be written: a full disk
    or a closed stream disturbs nobody's work."""

    def __init__(self, stream: IO[str] | Writes, level: int, own: bool) -> None:
        self.level = level
        self._stream = stream
        self._own = own
        self._handler = _Handler(cast("IO[str]", stream))
        self._handler.setLevel(level)
        self._handler.setFormatter(JsonFormatter())
        _levels.opened(self)
        logger().addHandler(self._handler)

    @property
    def lost(self) -> int:
        return self._handler.lost

    def close(self) -> None:
        """Ends it; the loggers are as they were before. A second call does nothing."""
        if not _levels.closed(self):
            return
        logger().removeHandler(self._handler)
        self._handler.close()
        if self._own:
            try:
                cast("IO[str]", self._stream).close()
            except OSError:  # what did not fit the disk is written once more, in vain; `lost` counts it already
                self._handler.lost = max(self._handler.lost, 1)

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def to_json_lines(where: str | os.PathLike[str] | IO[str] | Writes, level: int | str = logging.INFO) -> JsonLines:
    """Has what Hyperion logs from `level` on written as JSON lines, to the end of a file or to a stream, until the
    handle that this returns is closed.

    Meanwhile the logger `hyperion` has that level, if it was higher: handlers of your own get these records too, unless
    they have a level. Raises OSError where the file cannot be opened, `PluginError` (HY1043) for a level or a place
    that is none.
    """
    number = _level(level)
    if isinstance(where, str | os.PathLike):
        return JsonLines(open(where, "a", encoding="utf-8"), number, own=True)
    if not callable(getattr(where, "write", None)):
        raise PluginError("HY1043", f"logs are written to a path or a stream, not to {where!r:.80}")
    return JsonLines(where, number, own=False)


class _Handler(logging.StreamHandler["IO[str]"]):
    lost = 0

    def flush(self) -> None:
        if callable(getattr(self.stream, "flush", None)):
            super().flush()

    def handleError(self, record: logging.LogRecord) -> None:
        self.lost += 1


class _Levels:
    """The level of the logger `hyperion` while JSON lines are written: low enough for all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[JsonLines] = []
        self._before = self._ours = logging.NOTSET

    def opened(self, lines: JsonLines) -> None:
        with self._lock:
            if not self._open:
                self._before = logger().level
            self._open.append(lines)
            self._set(min(lines.level, logger().getEffectiveLevel()))

    def closed(self, lines: JsonLines) -> bool:
        """Whether it was open."""
        with self._lock:
            if lines not in self._open:
                return False
            self._open.remove(lines)
            if logger().level == self._ours:  # else somebody else set it since
                self._set(self._before)
                if self._open:
                    self._set(min(logger().getEffectiveLevel(), *(other.level for other in self._open)))
            return True

    def _set(self, level: int) -> None:
        self._ours = level
        logger().setLevel(level)


_levels = _Levels()


def plain(value: object, depth: int = DEEPEST, room: Iterator[int] | None = None) -> object:
    """The value as JSON has it. Arrays are said by their shape, never by their elements. `room` has as many items as
    are still shown."""
    room = room or iter(range(MOST_OF_ALL))
    match value:
        case bool() | None:
            return value
        case int():
            return int(value) if -(1 << 63) <= value < 1 << 64 else f"an integer of {value.bit_length()} bits"
        case float():
            return float(value) if abs(value) < float("inf") else str(float(value))
        case str():
            return _cut(str(value))
        case bytes() | bytearray():
            return f"{len(value)} bytes"
        case Mapping() if depth:
            pairs = islice(cast("Mapping[object, object]", value).items(), MOST_ITEMS)
            return {
                _cut(_text(partial(str, key))): plain(x, depth - 1, room)
                for (key, x), _ in zip(pairs, room, strict=False)
            }
        case list() | tuple() | set() | frozenset() if depth:
            items = islice(cast("Iterable[object]", value), MOST_ITEMS)
            return [plain(x, depth - 1, room) for x, _ in zip(items, room, strict=False)]
        case Mapping() | list() | tuple() | set() | frozenset():
            return f"{type(cast('object', value)).__name__}, not shown"
        case _ if hasattr(value, "shape"):
            return _text(lambda: f"{type(value).__name__} of shape {getattr(value, 'shape', '')}")
        case _:
            return _cut(_text(partial(str, value)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ... ({len(text)} characters)"


def _text(make: Callable[[], str]) -> str:
    try:
        return make()
    except Exception as error:
        return f"<cannot be formatted: {type(error).__name__}>"


def _time(created: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(created, UTC).isoformat(timespec="microseconds")


def _traceback(error: BaseException) -> str:
    from traceback import format_exception

    return "".join(format_exception(error))


def _described(error: BaseException) -> dict[str, object]:
    about: dict[str, object] = {"type": type(error).__name__}
    if not isinstance(error, HyperionError):
        return {**about, "message": _text(partial(str, error))}
    span = error.span
    place = {} if span is None else {"place": f"{span.file}:{span.line}:{span.column}"}
    return {**about, "message": error.message, "code": error.code, "notes": error.notes, "hints": error.hints, **place}


def _level(level: int | str) -> int:
    if isinstance(level, int) and not isinstance(level, bool) and level >= 0:
        return level
    if isinstance(level, str) and level.upper() in LEVELS:
        return logging.getLevelNamesMapping()[level.upper()]
    raise PluginError("HY1043", f"{level!r} is no level of logs", hints=[f"levels are {', '.join(LEVELS)}, or numbers"])
