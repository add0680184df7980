"""Places in source text, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hyperion.diagnostics.layout import shown, underlined


@dataclass(frozen=True, slots=True)
class Span:
    """A range of source text. Lines and columns count from 1, columns in characters; `text` is the first line itself,
    for the caret. `caller` is the place of the call that this code was inlined into; it takes no part in equality.

    >>> print(Span("f.py", 3, 5, 3, 10, "    s = s + x").caret())
        s = s + x
        ^^^^^
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str = ""
    caller: Span | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}:{self.column}"

    def caret(self) -> str:
        """The source line with a caret line below it; empty where the text is unknown."""
        if not self.text:
            return ""
        return "\n".join(underlined(self.text, [(self.column, self.last_column, "^", "")]))

    @property
    def last_column(self) -> int:
        """Where the range ends on its first line; exclusive."""
        return self.end_column if self.end_line == self.line else len(self.text) + 1

    @property
    def callers(self) -> Iterator[Span]:
        """The calls that led here, innermost first."""
        at = self.caller
        while at is not None:
            yield at
            at = at.caller

    def called_from(self, site: Span | None) -> Span:
        """This place, where its code stands in for a call at `site`: the calls that are known already lie within."""
        if site is None:
            return self
        for within in reversed((self, *self.callers)):
            site = replace(within, caller=site)
        return site


@dataclass(frozen=True, slots=True)
class Label:
    """A secondary place of a diagnostic and what it has to do with it."""

    span: Span
    text: str
