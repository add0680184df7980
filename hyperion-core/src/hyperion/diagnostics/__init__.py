"""What went wrong, where, why and what to try: one model for all stages, and its renderings.

`render_text`, `render_html` and `to_json` take a `Diagnostic` or a `HyperionError`; rich terminal output is made by the
command line, from `diagnostic_lines`.
"""

from __future__ import annotations

from hyperion.diagnostics.document import SCHEMA, json_text, span_json, to_json
from hyperion.diagnostics.html import render_html
from hyperion.diagnostics.layout import shown
from hyperion.diagnostics.lines import Style, diagnostic_lines
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
    "Style",
    "called_from",
    "diagnostic_lines",
    "diagnostic_of",
    "json_text",
    "render_html",
    "render_text",
    "shown",
    "span_json",
    "to_json",
]
