"""Where the tables and keys of a TOML file stand, for messages: `tomllib` does not say."""

from __future__ import annotations

import re
from typing import Final

from hyperion.errors import Span

_HEADER: Final = re.compile(r"\s*\[(?P<many>\[)?\s*(?P<name>[^\[\]\s][^\[\]]*)\]")
_KEY: Final = re.compile(r"""\s*(?P<key>[A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*[=.]""")
_LONG: Final = re.compile(r'"""' + r"|'''")


class Places:
    """The lines of `text`, which messages call `file`."""

    def __init__(self, text: str, file: str) -> None:
        self._lines = text.split("\n")
        self._file = file
        self._found: dict[tuple[str, int, str], Span] = {}
        counts: dict[str, int] = {}
        table, long = "", False  # `long` within a text of several lines
        for number, line in enumerate(self._lines, 1):
            inside, long = long, long ^ (len(_LONG.findall(line)) % 2 == 1)
            if inside:
                continue
            if header := _HEADER.match(line):
                name, start = header["name"].rstrip(), header.start("name") + 1
                table, span = _bare(name), self.at(number, start, start + len(name))
                if header["many"]:
                    counts[table] = counts.get(table, -1) + 1
                parent, _, key = table.partition(".")
                self._found.setdefault((parent, counts.get(parent, 0), key), span)
            elif key := _KEY.match(line):
                span = self.at(number, key.start("key") + 1, key.end("key") + 1)
                self._found.setdefault((table, counts.get(table, 0), _bare(key["key"])), span)

    def at(self, line: int, column: int, end: int) -> Span:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return Span(self._file, line, column, line, end, text.rstrip("\r"))

    def key(self, table: str, number: int, key: str) -> Span | None:
        """The place of a key in the table of that number, else that of the table; None where neither is found."""
        return self._found.get((table, number, key)) or self._found.get((table, number, ""))


def _bare(name: str) -> str:
    return name.strip("\"'")
