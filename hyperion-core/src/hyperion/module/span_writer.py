"""The section SPAN: where functions and equations stand in the user's source.

    texts | uint spans | column files, lines, columns, more lines, end columns, source lines, callers | places

`more lines` is how many lines later a span ends. A source line is a text, counted from 1; 0 is none. A caller is an
earlier span, counted from 1; 0 is none. `places` is a column for each function of the section IR, in order, of one
number for the function and one for each of its equations: that of a span, counted from 1; 0 is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from hyperion.errors import ModuleError, Span
from hyperion.ir.function import Equation
from hyperion.module.columns import Writer

Spans = Literal["text", "places", "none"]
"""What is kept of the places in the user's source: with the source lines, without them, nothing."""

COLUMNS = 7


class SpanWriter:
    """Gathers the spans of functions."""

    def __init__(self, keep: Spans) -> None:
        self._keep = keep
        self._texts: dict[str, int] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._places: list[tuple[int, ...]] = []
        self._seen: dict[int, tuple[Span, int]] = {}  # by identity, which is quicker than equality

    def places(self, own: Span | None, equations: Iterable[Equation]) -> tuple[int, ...]:
        """The numbers for a function and its equations."""
        if self._keep == "none":
            return ()
        return (self.number(own), *(self.number(e.span) for e in equations))

    def function(self, places: tuple[int, ...]) -> None:
        """The next function of the section IR has these places."""
        self._places.append(places)

    def number(self, span: Span | None) -> int:
        """The number of a span, from 1; 0 where there is none or none is kept."""
        if span is None or self._keep == "none":
            return 0
        seen = self._seen.get(id(span))
        if seen is not None:
            return seen[1]
        number = 0
        for each in reversed([span, *span.callers]):
            row = self._row(each, number)
            number = self._numbers.setdefault(row, len(self._numbers) + 1)
        self._seen[id(span)] = span, number
        return number

    def _row(self, span: Span, caller: int) -> tuple[int, ...]:
        row = (
            self._text(span.file),
            span.line,
            span.column,
            span.end_line - span.line,
            span.end_column,
            self._text(span.text) + 1 if self._keep == "text" and span.text else 0,
            caller,
        )
        if min(row) < 0:
            raise ModuleError("HY3016", f"a span ends before it starts: {span}")
        return row

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def write(self) -> bytes:
        out = Writer()
        out.texts(list(self._texts))
        out.uint(len(self._numbers))
        rows = list(self._numbers)
        for column in range(COLUMNS):
            out.column([row[column] for row in rows])
        for places in self._places:
            out.column(places)
        return bytes(out.data)
