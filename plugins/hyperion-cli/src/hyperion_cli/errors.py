"""Errors on the terminal: coloured by rich where colours are wanted, the same text without."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from hyperion.diagnostics import Style, diagnostic_lines, render_text
from hyperion.errors import HyperionError
from hyperion_cli.output import colours, say

if TYPE_CHECKING:
    from rich.text import Text

_STYLES: Mapping[Style, str] = {
    "code": "bold red",
    "message": "bold",
    "place": "dim",
    "marked": "bold",
    "caret": "bold red",
    "label": "blue",
    "note": "bold blue",
    "hint": "bold green",
}


def print_error(error: HyperionError, stream: TextIO | None = None) -> None:
    """Prints an error to stderr."""
    out = sys.stderr if stream is None else stream
    if not colours(out):
        say(render_text(error), stream=out)
        return
    from rich.console import Console

    Console(file=out, soft_wrap=True, highlight=False).print(rich_text(error))


def rich_text(error: HyperionError) -> Text:
    """The error as a rich text. Nothing in it is taken as markup."""
    from rich.text import Text

    text = Text()
    for i, line in enumerate(diagnostic_lines(error.diagnostic)):
        text.append("\n" if i else "")
        for style, piece in line:
            text.append(piece, _STYLES.get(style, ""))
    return text
