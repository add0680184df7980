"""Source text as a terminal shows it: columns of wide characters, and nothing that could steer the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TAB = 4  # columns that a tab is shown as, wherever it stands
WIDEST = 160  # columns of source that are shown; of a longer line the part around the first mark
_JOINERS = "\u200c\u200d"  # invisible, and part of the writing of words and of emoji

Mark = tuple[int, int, str, str]
"""Columns (from 1, end exclusive), the character to underline with, and the text after it."""


def shown(text: str) -> str:
    r"""The text with control characters, bidirectional overrides and lone surrogates as escapes such as `\x1b`."""
    return text if text.isprintable() else "".join(map(_shown, text))


def shown_lines(text: str) -> list[str]:
    """The lines of a message, each as by `shown`."""
    return [shown(line.expandtabs(TAB)) for line in text.split("\n")]


def width(text: str) -> int:
    """The columns that `shown` text takes: two for a wide East Asian character, none for a combining one."""
    return len(text) if text.isascii() else sum(map(_width, text))


@dataclass(frozen=True, slots=True)
class Row:
    """A mark as it stands under a shown line: columns from 0, stop exclusive."""

    start: int
    stop: int
    sign: str
    note: str

    def __str__(self) -> str:
        return f"{' ' * self.start}{self.sign * (self.stop - self.start)} {self.note}".rstrip()


def marked(text: str, marks: Sequence[Mark]) -> tuple[str, list[Row]]:
    """The line of source as it is shown, and where each mark stands under it."""
    text, marks = _near(text, marks)
    line = _Line.of(text)
    ranges = [line.columns(start, stop) for start, stop, _, _ in marks]
    left, source = line.cropped(ranges[0][0])
    end = width(source)
    rows: list[Row] = []
    for (start, stop), (_, _, sign, note) in zip(ranges, marks, strict=True):
        begin = min(max(0, start - left), end)
        rows.append(Row(begin, max(begin + 1, min(stop - left, end)), sign, note))
    return source, rows


def _near(text: str, marks: Sequence[Mark]) -> tuple[str, Sequence[Mark]]:
    """Of a very long line, what is around the first mark, so that nobody goes over a whole file of one line."""
    far = 4 * WIDEST
    cut = max(0, marks[0][0] - 1 - far)
    if len(text) <= cut + 2 * far:
        return text[cut:], [(start - cut, stop - cut, sign, note) for start, stop, sign, note in marks]
    near = [(start - cut, min(stop - cut, 2 * far), sign, note) for start, stop, sign, note in marks]
    return text[cut : cut + 2 * far], near


def underlined(text: str, marks: Sequence[Mark]) -> list[str]:
    """The line of source and a line for each mark under it."""
    source, rows = marked(text, marks)
    return [source, *map(str, rows)]


def split(text: str, column: int) -> tuple[str, str]:
    """`shown` text before and from a column on; a combining character stays with what it combines with."""
    at = 0
    for i, c in enumerate(text):
        wide = _width(c)
        if at >= column and wide:
            return text[:i], text[i:]
        at += wide
    return text, ""


@dataclass(frozen=True, slots=True)
class _Line:
    """Characters as they are shown, and the columns between which each of them stands. A combining character stands
    where the one before it stands."""

    parts: list[str]
    starts: list[int]
    stops: list[int]

    @staticmethod
    def of(text: str) -> _Line:
        line = _Line([], [], [])
        at = 0
        for c in text:
            part = " " * TAB if c == "\t" else _shown(c)
            wide = width(part)
            line.starts.append(at if wide or not line.starts else line.starts[-1])
            at += wide
            line.stops.append(at)
            line.parts.append(part)
        return line

    def columns(self, start: int, stop: int) -> tuple[int, int]:
        """The columns from 0 of the characters `start` to `stop`, which count from 1; at least one column."""
        last = self.stops[-1] if self.stops else 0
        first = max(0, start - 1)
        if first >= len(self.parts):
            return last, last + 1
        end = max(first, min(stop - 1, len(self.parts)) - 1)
        begin = self.starts[first]
        return begin, max(begin + 1, self.stops[end])

    def cropped(self, first: int) -> tuple[int, str]:
        """How many columns are left out in front, and what is shown of the line."""
        whole = "".join(self.parts)
        if not self.stops or self.stops[-1] <= WIDEST:
            return 0, whole
        left = 0 if first < WIDEST // 2 else first - WIDEST // 4
        kept = [i for i, s in enumerate(self.starts) if left <= s < left + WIDEST]
        left = self.starts[kept[0]]
        body = "".join(self.parts[i] for i in kept)
        before = "..." if left else ""
        after = "..." if kept[-1] + 1 < len(self.parts) else ""
        return left - len(before), before + body + after


def _shown(c: str) -> str:
    if c.isprintable() or c in _JOINERS:
        return c
    import unicodedata  # on use: most text needs no table

    if unicodedata.category(c) in ("Zs", "Co"):
        return c
    code = ord(c)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _width(c: str) -> int:
    if c < "\u0300":
        return 1
    import unicodedata

    if c in _JOINERS or "\u1160" <= c <= "\u11ff" or unicodedata.category(c) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1
