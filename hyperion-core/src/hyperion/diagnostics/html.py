"""Diagnostics as HTML for notebooks.

Text inherits its colour and only accents have one of their own, readable on white and on black: a page that is shown
does not say which theme it has. Styles are inline, because notebooks drop style sheets of pages they do not trust.
"""

from __future__ import annotations

from collections.abc import Mapping

from hyperion.diagnostics.lines import Line, Style, diagnostic_lines
from hyperion.diagnostics.model import Diagnostic, Reportable, diagnostic_of

RED, BLUE, GREEN, GREY = "#d4351c", "#3574e3", "#2a8540", "#757575"

_STYLES: Mapping[Style, str] = {
    "code": f"color:{RED};font-weight:bold",
    "message": "font-weight:bold",
    "place": f"color:{GREY}",
    "marked": f"border-bottom:1px solid {RED}",
    "caret": f"color:{RED};font-weight:bold",
    "label": f"color:{BLUE}",
    "note": f"color:{BLUE};font-weight:bold",
    "hint": f"color:{GREEN};font-weight:bold",
}
_BLOCK = "font-family:monospace;white-space:pre;overflow-x:auto;line-height:1.35;margin:0;background:none;color:inherit"


def render_html(found: Diagnostic | Reportable) -> str:
    """The diagnostic as one HTML element. Everything that came from outside is escaped."""
    lines = "\n".join(_line(line) for line in diagnostic_lines(diagnostic_of(found)))
    return f'<pre class="hyperion-diagnostic" style="{_BLOCK}">{lines}</pre>'


def _line(line: Line) -> str:
    from html import escape  # on use: only notebooks need it

    pieces = ((_STYLES.get(style), escape(text)) for style, text in line if text)
    return "".join(f'<span style="{look}">{text}</span>' if look else text for look, text in pieces)
