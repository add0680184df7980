"""The text of a pipeline and the places in it."""

from __future__ import annotations

from dataclasses import dataclass

from hyperion.errors import Span


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    filename: str

    def span(self, start: int, stop: int) -> Span:
        """The characters from `start` up to `stop`, both counted from 0."""
        line, column = self._place(start)
        end_line, end_column = self._place(max(start, stop))
        return Span(self.filename, line, column, end_line, end_column, self.text.split("\n")[line - 1].rstrip("\r"))

    def _place(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
