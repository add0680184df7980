"""The text form as HTML for notebooks: coloured, and each value tells its type when the pointer rests on it.

Text inherits its colour and only accents have one of their own, readable on white and on black. Styles are inline,
because notebooks drop style sheets of pages they do not trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hyperion.diagnostics.html import BLUE, GREEN, GREY, RED
from hyperion.diagnostics.layout import shown
from hyperion.ir import printer
from hyperion.ir.function import Function, Program, values_of
from hyperion.ir.lexer import TokenKind, kind_of, words

MOST_LINES = 500
"""Of a longer program the first lines are shown."""

_LOOKS: Mapping[TokenKind, str] = {
    "value": f"color:{BLUE}",
    "function": f"color:{RED}",
    "number": f"color:{GREEN}",
    "string": f"color:{GREEN}",
    "sign": f"color:{GREY}",
}
_BLOCK = "font-family:monospace;white-space:pre;overflow-x:auto;line-height:1.35;margin:0;background:none;color:inherit"


def html(what: Program | Function) -> str:
    """The text form as one HTML element. Everything is escaped."""
    lines = list(_lines(what))
    rest = len(lines) - MOST_LINES
    more = [f'<span style="color:{GREY}">… and {rest} more lines</span>'] if rest > 0 else []
    body = "\n".join([*lines[:MOST_LINES], *more])
    return f'<pre class="hyperion-ir" style="{_BLOCK}">{body}</pre>'


def _lines(what: Program | Function) -> Iterator[str]:
    if isinstance(what, Function):
        functions = [what]
    else:
        functions = [what.main, *(f for name, f in what.functions.items() if name != what.entry)]
    for number, function in enumerate(functions):
        if number:
            yield ""
        types = {f"%{value.name}": shown(str(value.type)) for value in values_of(function)}
        for line, _ in printer.lines(function):
            yield "".join(_pieces(shown(line), types))


def _pieces(line: str, types: Mapping[str, str]) -> Iterator[str]:
    from html import escape  # on use: only notebooks need it

    at = 0
    for start, word in words(line):
        yield escape(line[at:start])
        at = start + len(word)
        look = _LOOKS.get(kind_of(word))
        title = f' title="{escape(types[word])}"' if word in types else ""
        yield f'<span style="{look}"{title}>{escape(word)}</span>' if look else escape(word)
    yield escape(line[at:])
