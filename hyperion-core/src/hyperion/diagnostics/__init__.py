"""What went wrong, where, why and what to try: one model for all stages, and its renderings.

`render_text`, `to_json` and `json_text` take a `Diagnostic` or a `HyperionError`.
"""

from __future__ import annotations

from hyperion.diagnostics.document import SCHEMA, json_text, span_json, to_json
from hyperion.diagnostics.layout import shown
from hyperion.diagnostics.model import Diagnostic, Reportable, Severity, called_from, diagnostic_of
from hyperion.diagnostics.place import Label, Span
from hyperion.diagnostics.text import render_text

__all__ = [
    "SCHEMA",
    "Diagnostic",
    "Label",
    "Reportable",
    "Severity",
    "Span",
    "called_from",
    "diagnostic_of",
    "json_text",
    "render_text",
    "shown",
    "span_json",
    "to_json",
]
