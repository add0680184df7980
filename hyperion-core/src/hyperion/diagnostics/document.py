"""Diagnostics as JSON documents; docs/reference/diagnostics.md describes the members."""

from __future__ import annotations

from hyperion.diagnostics.model import Diagnostic, Reportable, diagnostic_of
from hyperion.diagnostics.place import Span

SCHEMA = 1
"""Grows when a member changes its meaning or is taken away; new members may appear at any time."""

_UNSAFE = "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"


def to_json(found: Diagnostic | Reportable) -> dict[str, object]:
    """The diagnostic as plain values. Texts are as they are, not escaped for a terminal."""
    return {"schema": SCHEMA, **_document(diagnostic_of(found))}


def json_text(value: object, indent: int | None = 2) -> str:
    """JSON text of plain values, in which control characters, bidirectional overrides and lone surrogates are escaped,
    so that it is safe to print and to encode. Raises ValueError for NaN and infinities."""
    import json  # on use: errors are part of every import
    import re

    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    return re.sub(_UNSAFE, lambda match: f"\\u{ord(match.group()):04x}", text)


def span_json(span: Span | None) -> dict[str, object] | None:
    if span is None:
        return None
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "text": span.text,
    }


def _document(d: Diagnostic) -> dict[str, object]:
    return {
        "code": d.code,
        "kind": d.kind,
        "severity": d.severity,
        "message": d.message,
        "span": span_json(d.span),
        "labels": [{"span": span_json(label.span), "text": label.text} for label in d.labels],
        "notes": list(d.notes),
        "hints": list(d.hints),
        "errors": [_document(e) for e in d.errors],
    }
