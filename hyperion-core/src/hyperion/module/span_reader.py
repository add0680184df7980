"""Reads the section SPAN."""

from __future__ import annotations

from hyperion.errors import Span
from hyperion.module import bulk
from hyperion.module.columns import Reader
from hyperion.module.span_writer import COLUMNS

MOST_CALLERS = 64  # of one span: a message shows them all


class SpanReader:
    """The spans of a module, handed out function by function; without data there are none."""

    def __init__(self, data: Reader | None) -> None:
        self._data = data
        self._spans: list[Span | None] = [None]
        if data is not None:
            try:
                self._spans += _spans(data)
            except IndexError:
                raise data.malformed("a number is out of place") from None

    def places(self, equations: int) -> list[Span | None]:
        """The span of the next function, then those of its equations."""
        if self._data is None:
            return self._spans * (equations + 1)
        return list(map(self._spans.__getitem__, self._data.column(equations + 1)))

    def span(self, number: int) -> Span | None:
        """The span of that number. Raises `IndexError` where there is none."""
        return self._spans[number]

    def end(self) -> None:
        if self._data is not None:
            self._data.end()


def _spans(data: Reader) -> list[Span]:
    texts = data.texts()
    count = data.uint()
    data.limits.check("spans", count, "spans in the module")
    files, lines, columns, more, ends, source, callers = (data.column(count) for _ in range(COLUMNS))
    shown = ["", *texts]
    spans = bulk.make(
        Span,
        count,
        map(texts.__getitem__, files),
        lines,
        columns,
        map(int.__add__, lines, more),
        ends,
        map(shown.__getitem__, source),
        [None] * count,
    )
    depths = [0]
    for caller in callers:
        depths.append(depths[caller] + 1)  # an IndexError where it is not an earlier one
        if depths[-1] > MOST_CALLERS:
            raise data.malformed(f"a span has more than {MOST_CALLERS} callers")
    bulk.put(Span, "caller", spans, map([None, *spans].__getitem__, callers))
    return spans
