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

from hyperion.diagnostics.lines import diagnostic_lines
from hyperion.diagnostics.model import Diagnostic, Reportable, diagnostic_of


def render_text(found: Diagnostic | Reportable) -> str:
    """The whole diagnostic; several errors follow each other with an empty line between them. It holds no control
    characters, whatever the source does."""
    return "\n".join("".join(text for _, text in line) for line in diagnostic_lines(diagnostic_of(found)))
