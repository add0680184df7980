"""The text of a pipeline and the places in it."""

from __future__ import annotations

from bisect import bisect_right

from hyperion.errors import Span


class Text:
    """A text that knows where its lines begin."""

    def __init__(self, text: str, filename: str) -> None:
        self.text = text
        self.filename = filename
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, start: int, stop: int) -> Span:
        """The characters from `start` up to `stop`, both counted from 0."""
        line, column = self._place(start)
        end_line, end_column = self._place(max(start, stop))
        return Span(self.filename, line, column, end_line, end_column, self._lines[line - 1].rstrip("\r"))

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
