"""Tokens of the text form.

A token is its text; the first character tells its kind. Places are kept by line and made exact where one is asked for,
since nearly every token is read without anyone asking where it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

from hyperion.errors import Span

TokenKind = Literal["value", "function", "name", "number", "string", "sign", "end", "none"]

NAME = re.compile(r"[\w$.]+")  # what may follow % and @
SIZE = re.compile(r"[^\W\d]\w*(?:\.\w+)*")  # the name of a symbolic size
LONGEST_NAME = 1000  # characters
LONGEST_STRING = 65536  # characters, as it is written
LARGEST_SIZE = 2**63 - 1  # of one dimension

END = " "  # stands after the last token; no token begins with a space

_TOKEN = re.compile(
    r"""\s*+(
      [%@][\w$.]++
    | [{}()\[\],:=^]
    | [^\W\d]\w*+(?:\.\w+)*+
    | ->
    | -?(?:0[xX][0-9a-fA-F]++(?:\.[0-9a-fA-F]++)?[pP][+-]?[0-9]++|[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)
    | -inf(?!\w)
    | "(?:[^"\\]|\\.)*+"?
    | //.*+
    | .)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = frozenset("0123456789")
_SIGNS = frozenset(("->", "{", "}", "(", ")", "[", "]", ",", ":", "=", "^"))
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NAME_START = re.compile(r"[^\W\d]")


def kind_of(token: str) -> TokenKind:
    """What a token is; `none` for a character that begins no token, and for a string without end."""
    first = token[0]
    if first in "%@":
        return "none" if len(token) == 1 else "value" if first == "%" else "function"
    if token in _SIGNS:
        return "sign"
    if first in _NUMBER or (first == "-" and len(token) > 1):
        return "number"
    if first == '"':
        return "string" if _STRING.fullmatch(token) else "none"
    if token == END:
        return "end"
    return "name" if _NAME_START.match(token) else "none"


class Source:
    """A text as tokens, `END` as the last one. Tokens are counted from 0, lines and columns of a span from 1."""

    def __init__(self, text: str, filename: str, first_line: int = 1) -> None:
        self.filename = filename
        self._first_line = first_line  # the number of the first line, where the text is an excerpt
        self.tokens: list[str] = []
        self._lines = [line.rstrip() for line in text.split("\n")]
        self._ends: list[int] = []  # how many tokens stand up to the end of each line
        self._last_line = 0  # that has a token
        self._columns: tuple[int, list[tuple[int, int]]] = (-1, [])  # the places in one line
        found, ends = self.tokens, self._ends
        for line in self._lines:
            found += _words(line)
            ends.append(len(found))
        if found:
            self._last_line = bisect_right(ends, len(found) - 1)
        found.append(END)

    def line_of(self, index: int) -> int:
        """The line, from 0, on which a token stands; `END` stands after the last one."""
        line = bisect_right(self._ends, index)
        return line if line < len(self._ends) else self._last_line

    def starts_line(self, index: int) -> bool:
        return index == self.first_of_line(self.line_of(index))

    def first_of_line(self, line: int) -> int:
        """The first token that stands on this line, counted from 0, or after it."""
        return self._ends[line - 1] if line > 0 else 0

    def span(self, first: int, last: int | None = None) -> Span:
        """From the start of token `first` to the end of token `last`, or of the first."""
        ends = self._ends
        line = end_line = self.line_of(first)
        last = first if last is None else max(first, last)
        if last >= ends[line]:
            end_line = self.line_of(last)
        text = self._lines[line]
        # Most equations fill a line, so that no other token needs to be found.
        if first == (ends[line - 1] if line else 0):
            column = len(text) - len(text.lstrip()) + 1
        else:
            column = self._place(line, first)[0]
        if last == ends[end_line] - 1 and "//" not in self._lines[end_line]:
            end_column = len(self._lines[end_line]) + 1
        else:
            end_column = self._place(end_line, last)[1]
        number = self._first_line
        return Span(self.filename, line + number, column, end_line + number, end_column, text)

    def index_at(self, line: int, column: int) -> int | None:
        """The token that begins at a line and column of a span, if one does."""
        at = line - self._first_line
        if not 0 <= at < len(self._lines):
            return None
        first = self.first_of_line(at)
        return next((i for i in range(first, self._ends[at]) if self._place(at, i)[0] == column), None)

    def _place(self, line: int, index: int) -> tuple[int, int]:
        """The first column of a token, and the one after its last."""
        text = self._lines[line]
        known, places = self._columns
        if known != line:
            places = [(start + 1, start + len(word) + 1) for start, word in words(text)]
            self._columns = line, places
        at = index - self.first_of_line(line)
        return places[at] if at < len(places) else (len(text) + 1, len(text) + 1)


def words(line: str) -> Iterator[tuple[int, str]]:
    """Where each token of a line begins, from 0, and its text."""
    for match in _TOKEN.finditer(line):
        if match[1][:2] != "//":
            yield match.start(1), match[1]


def _words(line: str) -> list[str]:
    found = _TOKEN.findall(line)
    return [word for word in found if word[:2] != "//"] if "//" in line else found
