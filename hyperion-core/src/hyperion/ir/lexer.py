"""Tokens of the text form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from hyperion.errors import Span, TypeCheckError

TokenKind = Literal["value", "function", "name", "number", "string", "sign", "end"]

NAME = re.compile(r"[\w$.]+")  # what may follow % and @
SIZE = re.compile(r"[^\W\d]\w*(?:\.\w+)*")  # the name of a symbolic size

_TOKEN = re.compile(
    r"""(?P<skip>(?:\s|//[^\n]*)+)
    |(?P<value>%[\w$.]+)
    |(?P<function>@[\w$.]+)
    |(?P<number>-?(?:0x[0-9a-f]+(?:\.[0-9a-f]+)?p[+-]?[0-9]+|[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)|-inf(?!\w))
    |(?P<name>[^\W\d]\w*(?:\.\w+)*)
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<sign>->|[{}()\[\],:=^])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str
    start: int
    stop: int


class Source:
    """A text and the places in it."""

    def __init__(self, text: str, filename: str) -> None:
        self.text = text
        self.filename = filename
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def span(self, start: int, stop: int) -> Span:
        line, column = self._place(start)
        end_line, end_column = self._place(max(stop, start))
        begin = self._starts[line - 1]
        end = self.text.find("\n", begin)
        text = self.text[begin:] if end < 0 else self.text[begin:end]
        return Span(self.filename, line, column, end_line, end_column, text.rstrip("\r"))

    def _place(self, offset: int) -> tuple[int, int]:
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low + 1, offset - self._starts[low] + 1


def tokens(source: Source) -> tuple[list[Token], list[TypeCheckError]]:
    """The tokens, the last of kind `end`, and an error for each run of characters that is none."""
    found: list[Token] = []
    errors: list[TypeCheckError] = []
    position, text = 0, source.text
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            stop = position + 1
            while stop < len(text) and not text[stop].isspace() and _TOKEN.match(text, stop) is None:
                stop += 1
            errors.append(
                TypeCheckError("HY6001", f"{text[position:stop]!r} begins no token", source.span(position, stop))
            )
            position = stop
            continue
        position = match.end()
        kind = match.lastgroup
        match kind:
            case "value" | "function" | "name" | "number" | "string" | "sign":
                found.append(Token(kind, match.group(), match.start(), match.end()))
            case _:
                pass
    found.append(Token("end", "end of text", len(text), len(text)))
    return found, errors
