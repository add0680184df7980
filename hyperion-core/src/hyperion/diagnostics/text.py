"""Diagnostics as plain text: the code and message, the source with carets, notes and hints.

HY5101: the result of this step leaves the range of its integer type
  --> totals.py:3:12
    return a + b
           ^^^^^
  ::: totals.py:8:9
    s = plus(s, x)
        ---------- called from here
  note: ...
  try: ...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hyperion.diagnostics.layout import WIDEST, Mark, shown, shown_lines, underlined, width
from hyperion.diagnostics.model import Diagnostic, Reportable, diagnostic_of
from hyperion.diagnostics.place import Label, Span

MOST_ERRORS = 50
"""Of the members of one error, as many are shown."""


def render_text(found: Diagnostic | Reportable) -> str:
    """The whole diagnostic; several errors follow each other with an empty line between them."""
    d = diagnostic_of(found)
    if not d.errors:
        return "\n".join(_lines(d))
    blocks = [*_lines(d, places=False), *("\n" + render_text(e) for e in d.errors[:MOST_ERRORS])]
    if len(d.errors) > MOST_ERRORS:
        blocks.append(f"\nand {len(d.errors) - MOST_ERRORS} more")
    return "\n".join(blocks)


def _lines(d: Diagnostic, places: bool = True) -> Iterator[str]:
    yield from _hanging(f"{shown(d.code)}: ", d.message, "    ")
    if places:
        yield from place_lines(d.span, d.labels)
    for word, texts in (("note", d.notes), ("try", d.hints)):
        for text in texts:
            yield from _hanging(f"  {word}: ", text, " " * (len(word) + 4))


def _hanging(head: str, text: str, indent: str) -> Iterator[str]:
    first, *rest = shown_lines(text)
    yield head + first
    yield from (f"{indent}{line}".rstrip() for line in rest)


def place_lines(span: Span | None, labels: Iterable[Label]) -> Iterator[str]:
    """The source at `span` and at each label; labels on the line of `span` stand under the same line."""
    rest = list(labels)
    if span is not None:
        here = [label for label in rest if _same_line(label.span, span)]
        rest = [label for label in rest if label not in here]
        yield f"  --> {span}"
        yield from _source(span, [_mark(span, "^", ""), *(_mark(label.span, "-", label.text) for label in here)])
    for label in rest:
        yield f"  ::: {label.span}" if label.span.text else f"  ::: {label.span}: {shown(label.text)}"
        yield from _source(label.span, [_mark(label.span, "-", label.text)])


def _same_line(a: Span, b: Span) -> bool:
    return (a.file, a.line, a.text) == (b.file, b.line, b.text) and bool(a.text) and width(a.text) <= WIDEST


def _mark(span: Span, sign: str, text: str) -> Mark:
    return span.column, span.last_column, sign, shown(text)


def _source(span: Span, marks: list[Mark]) -> Iterator[str]:
    if span.text:
        yield from (f"    {line}" for line in underlined(span.text, marks))
