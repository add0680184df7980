"""Where text goes: results to stdout, everything else to stderr; colours only on a terminal that wants them."""

from __future__ import annotations

import math
import os
import shutil
import sys
import textwrap
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO

from hyperion.diagnostics import json_text
from hyperion.errors import HyperionError

WRITABLE = "a file in a folder that exists"  # the hint where one cannot be written
WIDEST = 100  # columns; longer lines are hard to read


class UsageError(HyperionError):
    """The command line asks for something that does not exist (HY12xx); exit code 2."""


@contextmanager
def named_files(*hints: str) -> Generator[None]:
    """A file that cannot be read or written at all (HY3014) was named wrongly: `UsageError`. What is in a file that can
    be read is another matter."""
    try:
        yield
    except HyperionError as error:
        if error.code != "HY3014":
            raise
        raise UsageError(error.code, error.message, notes=error.notes, hints=[*error.hints, *hints]) from error


class OutputError(OSError):
    """stdout or stderr cannot be written to."""


def say(text: str = "", style: str = "", stream: TextIO | None = None) -> None:
    """Prints text as it is, in a rich style such as `bold` or `green` where colours are wanted."""
    out = sys.stdout if stream is None else stream
    with _written():
        if style and colours(out):
            from rich.console import Console
            from rich.text import Text

            Console(file=out, soft_wrap=True).print(Text(text, style))
        else:
            print(text, file=out)


def flush() -> None:
    with _written():
        sys.stdout.flush()


@contextmanager
def _written() -> Generator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.errno, error.strerror) from error


def say_wrapped(text: str, style: str = "") -> None:
    """Prints each line of the text, wrapped to the terminal with a hanging indent."""
    for line in text.splitlines() or [""]:
        for part in wrapped(line):
            say(part, style)


def wrapped(line: str) -> list[str]:
    """The line in parts that fit the terminal (100 columns where there is none); what follows is indented further."""
    width = max(40, min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST))
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line.strip(),
        width,
        initial_indent=indent,
        subsequent_indent=indent + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


@contextmanager
def stdout_for_json(wanted: bool) -> Generator[None]:
    """Keeps stdout for the one document that is printed at the end: what the user's file prints goes to stderr."""
    if not wanted:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def colours(stream: TextIO) -> bool:
    """Whether `stream` is a terminal and NO_COLOR (https://no-color.org) is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_json(value: object) -> None:
    """One JSON document on stdout. NaN and infinities, which JSON lacks, become text."""
    say(json_text(plain(value)))


def plain(value: Any) -> Any:  # Any: results of user functions
    """The value as JSON types: arrays become lists, NumPy scalars Python ones."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any mapping
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(v) for v in value]  # pyright: ignore[reportUnknownVariableType] - any sequence
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def seconds(value: float) -> str:
    """A duration in the unit that fits: `12.3 ms`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def size(count: int) -> str:
    """A number of bytes in the unit that fits: `12.3 KiB`."""
    for unit, scale in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count} B"


def workers(count: int) -> str:
    return f"{count} worker{'' if count == 1 else 's'}"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as aligned columns; the last column is not padded."""
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join([*(c.ljust(w) for c, w in zip(r[:-1], widths, strict=False)), r[-1]]).rstrip() for r in rows]
