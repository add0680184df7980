"""Reads the section SPAN."""

from __future__ import annotations

from itertools import repeat

from hyperion.errors import Span
from hyperion.module import bulk
from hyperion.module.columns import Reader


class SpanReader:
    """The spans of a module, handed out function by function."""

    def __init__(self, data: Reader) -> None:
        self._data = data
        texts = data.texts()
        count = data.uint()
        files, lines, columns, more, ends, source = (data.column(count) for _ in range(6))
        shown = ["", *texts]
        self._spans: list[Span | None] = [
            None,
            *bulk.make(
                Span,
                count,
                map(texts.__getitem__, files),
                lines,
                columns,
                map(int.__add__, lines, more),
                ends,
                map(shown.__getitem__, source),
            ),
        ]

    def places(self, equations: int) -> list[Span | None]:
        """The span of the next function, then those of its equations."""
        return list(map(self._spans.__getitem__, self._data.column(equations + 1)))

    def end(self) -> None:
        self._data.end()


def unknown(equations: int) -> list[Span | None]:
    """For a function of a module without spans."""
    return list(repeat(None, equations + 1))
