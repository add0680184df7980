"""Reads the section SPAN."""

from __future__ import annotations

from hyperion.errors import Span
from hyperion.module import bulk
from hyperion.module.columns import Reader
from hyperion.module.span_writer import COLUMNS
from hyperion.module.table_order import Numbers, require

MOST_CALLERS = 64  # of one span: a message shows them all


class SpanReader:
    """The spans of a module, handed out function by function; without data there are none.

    With `exact`, `OutOfOrder` is raised for what the writer would write in another way.
    """

    def __init__(self, data: Reader | None, exact: bool = False) -> None:
        self._data = data
        self._spans: list[Span | None] = [None]
        self._uses: _Uses | None = None
        if data is not None:
            try:
                table = _Table(data)
                self._spans += _spans(data, table)
            except IndexError:
                raise data.malformed("a number is out of place") from None
            self._uses = _Uses(table) if exact else None
        self._numbers: dict[int, int] = {}  # of spans by identity, once they are asked for

    def places(self, equations: int) -> tuple[list[int], list[Span | None]]:
        """The span of the next function, then those of its equations: their numbers and themselves."""
        if self._data is None:
            return [], self._spans * (equations + 1)
        numbers = self._data.column(equations + 1)
        if self._uses is not None:
            self._uses.use_all(numbers)
        return numbers, list(map(self._spans.__getitem__, numbers))

    def span(self, number: int) -> Span | None:
        """The span of that number. Raises `IndexError` where there is none."""
        found = self._spans[number]
        if self._uses is not None:
            self._uses.use_all([number])
        return found

    def number(self, span: Span | None) -> int:
        """That of a span which `span` gave."""
        self._numbers = self._numbers or {id(span): number for number, span in enumerate(self._spans)}
        return self._numbers[id(span)]

    def end(self) -> None:
        if self._data is not None:
            self._data.end()

    def end_of_uses(self) -> None:
        """All spans were asked for."""
        if self._uses is not None:
            self._uses.end()


class _Table:
    """The columns of the section."""

    def __init__(self, data: Reader) -> None:
        self.texts = data.texts()
        count = data.uint()
        data.limits.check("spans", count, "spans in the module")
        self.count = count
        self.columns = [data.column(count) for _ in range(COLUMNS)]


class _Uses:
    """The order in which spans and their texts are first used; a span's caller comes before it."""

    def __init__(self, table: _Table) -> None:
        self._table_texts = table.texts
        self._rows: list[tuple[int, ...]] = list(zip(*table.columns, strict=True))
        self._texts = Numbers(table.texts)
        self._spans = Numbers([None, *self._rows], seen=1)

    def use_all(self, numbers: list[int]) -> None:
        for number in self._spans.new(numbers):
            self._span(number)

    def _span(self, number: int) -> None:
        if number >= self._spans.seen:
            row = self._rows[number - 1]
            source = row[5]
            self._span(row[6])
            self._texts.use(row[0])
            if source:
                require(self._table_texts[source - 1] != "")
                self._texts.use(source - 1)
            self._spans.use(number)

    def end(self) -> None:
        self._texts.end()
        self._spans.end()


def _spans(data: Reader, table: _Table) -> list[Span]:
    texts, count = table.texts, table.count
    files, lines, columns, more, ends, source, callers = table.columns
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
