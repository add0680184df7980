"""The files that configure Hyperion: one of the project, `hyperion.toml` or `[tool.hyperion]` in `pyproject.toml`,
found upwards from the current folder, and one of the user, `hyperion/config.toml` where XDG has configuration.

A file of the project that belongs to another user does not count. `HYPERION_CONFIG` names one file instead of both;
where it is empty, there are none. XDG: "XDG Base Directory
Specification", freedesktop.org.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from hyperion._toml import loads
from hyperion.errors import PluginError, Span

PROJECT_FILES = ("hyperion.toml", "pyproject.toml")
_SECTION = rb"(?m)tool[ \t]*\.[ \t]*[\"']?hyperion\b|^[ \t]*\[[ \t]*tool[ \t]*\]|^[ \t]*tool[ \t]*="


class SettingsFile(NamedTuple):
    """What one file says: `values` are its tables, below `[tool.hyperion]` in a `pyproject.toml`. `met` is whether it
    counts only because a program runs in some folder: nobody who runs it has chosen the file."""

    path: str
    values: Mapping[str, object]
    lines: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    met: bool = False

    def place(self, *keys: str) -> str:
        """The file, and the line of the key where it can be told."""
        span = self.span(*keys)
        return f"{self.path}:{span.line}" if span else self.path

    def span(self, *keys: str) -> Span | None:
        """Where the key stands."""
        wanted, section = (*self.section, *keys), tuple[str, ...]()
        for number, line in enumerate(self.lines, 1):
            header = re.match(r"\s*\[([^\[\]]+)\]", line)
            if header:
                section = _parts(header[1])
                if section == wanted:
                    return Span(self.path, number, 1, number, len(line) + 1, line)
                continue
            name, equals, _ = line.partition("=")
            if equals and (*section, *_parts(name)) == wanted:
                start = len(name) - len(name.lstrip()) + 1
                return Span(self.path, number, start, number, len(name.rstrip()) + 1, line)
        return None

    def error(self, code: str, message: str, *keys: str, hints: list[str] | None = None) -> PluginError:
        """What is wrong with a key of this file."""
        span = self.span(*keys)
        return PluginError(code, message if span else f"{self.path}: {message}", span, hints=hints or [])


def read_files() -> tuple[SettingsFile, ...]:
    """The files that count here, the one that takes precedence first. Raises `PluginError` (HY1020) for one that cannot
    be read."""
    return tuple(file for path in file_paths() if (file := read_file(path)))


def file_paths() -> list[str]:
    """Those that count here: of the project, of the user. A `pyproject.toml` may turn out to have no such table."""
    named = os.environ.get("HYPERION_CONFIG")
    if named is not None:
        return [os.path.abspath(os.path.expanduser(named))] if named else []
    found = [path for path in [next(_of_the_project(), "")] if path and not foreign(path)]
    return [path for path in [*found, _of_the_user()] if os.path.isfile(path)]


def ignored_path() -> str:
    """The project's file, where it does not count because it is foreign; empty where there is none."""
    path = "" if "HYPERION_CONFIG" in os.environ else next(_of_the_project(), "")
    return path if path and foreign(path) else ""


def foreign(path: str) -> bool:
    """Whether a file that was found somewhere above the current folder is that of another user, who may have put it
    there for us: neither of this one, nor of root, nor of whom the current folder belongs to; or all may write it."""
    try:
        found, here = os.stat(path), os.stat(os.curdir)
    except OSError:
        return True
    if not hasattr(os, "geteuid"):
        return False
    return bool(found.st_mode & stat.S_IWOTH) or found.st_uid not in (os.geteuid(), 0, here.st_uid)


def read_file(path: str) -> SettingsFile | None:
    """The file; None for a `pyproject.toml` without `[tool.hyperion]`. Raises `PluginError` (HY1020) where it cannot be
    read or is not TOML."""
    content = ""
    try:
        with open(path, "rb") as file:
            content = file.read().decode("utf-8-sig")  # some editors begin a file with a mark
        values: dict[str, object] = loads(content)
    except (OSError, ValueError) as error:  # ValueError: UnicodeDecodeError too
        why = getattr(error, "strerror", None) or str(error)
        hints = ["repair it; HYPERION_CONFIG= (empty) goes on without such files"]
        raise PluginError("HY1020", f"{path} cannot be read: {why}", _at(path, why, content), hints=hints) from error
    section: tuple[str, ...] = ()
    if os.path.basename(path) == "pyproject.toml":
        section = ("tool", "hyperion")
        for name in section:
            inner = values.get(name)
            if not isinstance(inner, dict):
                return None
            values = cast("dict[str, Any]", inner)  # Any: what TOML holds
    met = "HYPERION_CONFIG" not in os.environ and path != _of_the_user()
    return SettingsFile(path, values, tuple(content.splitlines()), section, met)


def _at(path: str, why: str, content: str) -> Span | None:
    """The place that `tomllib` names in its message."""
    found = re.search(r"at line (\d+), column (\d+)", why)
    if found is None:
        return None
    line, column = int(found[1]), int(found[2])
    text = dict(enumerate(content.splitlines(), 1)).get(line, "")
    return Span(path, line, column, line, column + 1, text)


def _of_the_project() -> Iterator[str]:
    try:
        folder = os.getcwd()
    except OSError:  # it was removed
        return
    while True:
        for name in PROJECT_FILES:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and (name == "hyperion.toml" or _has_section(path)):
                yield path
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _has_section(path: str) -> bool:
    """Whether the file may have a table for Hyperion, told without the time that reading TOML takes."""
    try:
        with open(path, "rb") as file:
            content = file.read()
            return b"hyperion" in content and bool(re.search(_SECTION, content))
    except OSError:
        return False


def _of_the_user() -> str:
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(home, "hyperion", "config.toml")


def _parts(dotted: str) -> tuple[str, ...]:
    """The names of a dotted key, without quotes."""
    found = re.findall(r"\"([^\"]*)\"|'([^']*)'|([^\s.\"']+)", dotted)
    return tuple(next((part for part in parts if part), "") for parts in found)
