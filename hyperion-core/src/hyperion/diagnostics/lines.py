"""The lines of a diagnostic, in pieces that each rendering gives its own look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from hyperion.diagnostics.layout import WIDEST, Mark, marked, shown, shown_lines, split, width
from hyperion.diagnostics.model import Diagnostic
from hyperion.diagnostics.place import Label, Span

Style = Literal["plain", "code", "message", "place", "source", "marked", "caret", "label", "note", "hint"]
Line = tuple[tuple[Style, str], ...]

MOST_ERRORS = 50
"""Of the members of one error, as many are shown."""


def diagnostic_lines(d: Diagnostic) -> Iterator[Line]:
    """The lines of the diagnostic and of its members, with an empty line before each member. Control characters of
    messages, names and source are escaped."""
    yield from _own_lines(replace(d, span=None, labels=()) if d.errors else d)
    for member in d.errors[:MOST_ERRORS]:
        yield ()
        yield from diagnostic_lines(member)
    if len(d.errors) > MOST_ERRORS:
        yield ()
        yield (("plain", f"and {len(d.errors) - MOST_ERRORS} more"),)


def _own_lines(d: Diagnostic) -> Iterator[Line]:
    first, *rest = shown_lines(d.message)
    yield (("code", shown(d.code)), ("plain", ": "), ("message", first))
    for line in rest:
        yield (("message", f"    {line}".rstrip()),)
    yield from place_lines(d.span, d.labels)
    for note in d.notes:
        yield from _hanging("  note: ", "note", note)
    for hint in d.hints:
        yield from _hanging("  try: ", "hint", hint)


def _hanging(head: str, style: Style, text: str) -> Iterator[Line]:
    first, *rest = shown_lines(text)
    yield ((style, head), ("plain", first))
    for line in rest:
        yield (("plain", f"{' ' * len(head)}{line}".rstrip()),)


def place_lines(span: Span | None, labels: Iterable[Label]) -> Iterator[Line]:
    """The source at `span` and at each label; labels on the line of `span` stand under the same line."""
    rest = list(labels)
    if span is not None:
        here = [label for label in rest if _same_line(label.span, span)]
        rest = [label for label in rest if label not in here]
        yield (("place", f"  --> {span}"),)
        yield from _source(span.text, [_mark(span, "^"), *(_mark(label.span, "-", label.text) for label in here)])
    for label in rest:
        without: Line = () if label.span.text else (("label", f": {shown(label.text)}"),)
        yield (("place", f"  ::: {label.span}"), *without)
        yield from _source(label.span.text, [_mark(label.span, "-", label.text)])


def _same_line(a: Span, b: Span) -> bool:
    return (a.file, a.line, a.text) == (b.file, b.line, b.text) and bool(a.text) and width(a.text) <= WIDEST


def _mark(span: Span, sign: str, text: str = "") -> Mark:
    return span.column, span.last_column, sign, shown(text)


def _source(text: str, marks: Sequence[Mark]) -> Iterator[Line]:
    if not text:
        return
    source, rows = marked(text, marks)
    before, rest = split(source, rows[0].start)
    inside, after = split(rest, rows[0].stop - rows[0].start)
    yield (("source", f"    {before}"), ("marked", inside), ("source", after))
    for row in rows:
        yield (("caret" if row.sign == "^" else "label", f"    {row}"),)
