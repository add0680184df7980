"""The text form of pipelines, read into a tree of elements that know their places.

    pipeline = [ element { "," element } ] ;
    element  = name [ options ] [ "(" pipeline ")" ] ;
    options  = "{" [ option { [ "," ] option } ] "}" ;
    option   = name [ "=" value ] ;                        a name alone means true
    value    = "true" | "false" | integer | float | name | string | "[" [ value { "," value } ] "]" ;

`docs/reference/pipelines.md` has the tokens too. The shape is that of MLIR's textual pass pipelines
(https://mlir.llvm.org/docs/PassManagement/), with combinators in the place of anchors.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from hyperion.errors import Label, PassError, Span
from hyperion.pipeline.options import Value
from hyperion.pipeline.text import Text

MAX_DEPTH: Final = 64
_MOST_DIGITS: Final = 4000  # Python refuses to read longer integers

_TOKEN = re.compile(
    r"""(?P<skip>\s+)
    |(?P<number>(?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|-inf)(?![\w.-]))
    |(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<sign>[{}()\[\],=])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """`name=value`, and where each stands."""

    name: str
    value: Value
    span: Span
    value_span: Span


@dataclass(frozen=True, slots=True)
class Element:
    """`name{settings}(body)`; `body` is None without parentheses. `span` is that of the name."""

    name: str
    settings: tuple[Setting, ...]
    body: tuple[Element, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["number", "name", "string", "sign", "end"]
    text: str
    start: int
    stop: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(self.text)


def parse_pipeline(text: str, filename: str = "<pipeline>") -> tuple[Element, ...]:
    """The elements of a text. Raises `PassError` (HY4010) with a caret where it does not follow the grammar."""
    return _Parser(Text(text, filename)).whole()


class _Parser:
    def __init__(self, source: Text) -> None:
        self._source = source
        self._tokens = list(self._scan())
        self._next = 0
        self._depth = 0

    def whole(self) -> tuple[Element, ...]:
        elements = self._elements()
        if self._peek.kind != "end":
            closing = self._peek.text in (")", "}", "]")
            hint = "nothing is open here" if closing else "elements are separated by commas: cse,dce"
            raise self._error(self._peek, f"{self._peek} is not expected here", hint)
        return elements

    def _scan(self) -> list[_Token]:
        found: list[_Token] = []
        text, position = self._source.text, 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._no_token(position)
            position = match.end()
            match match.lastgroup:
                case "number" | "name" | "string" | "sign" as kind:
                    found.append(_Token(kind, match.group(), match.start(), match.end()))
                case _:
                    pass
        found.append(_Token("end", "", len(text), len(text)))
        return found

    def _no_token(self, position: int) -> PassError:
        text = self._source.text
        stop = position + 1
        if text[position] == '"':
            return self._at(position, stop, "this string has no end", "close it on the same line")
        word = re.compile(r"-?[\w.-]+").match(text, position)
        if word is not None:
            hint = "names are of ASCII letters, digits, `_`, `-` and `.`; numbers are 8, -1, 0.5 or 1e-3"
            return self._at(position, word.end(), f"{word.group()!r:.40} is neither a name nor a number", hint)
        while stop < len(text) and not text[stop].isspace() and _TOKEN.match(text, stop) is None:
            stop += 1
        hint = "strings stand in double quotes" if text[position] == "'" else ""
        return self._at(position, stop, f"{text[position:stop]!r:.40} belongs to no pipeline", hint)

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._peek
        self._next += token.kind != "end"
        return token

    def _taken(self, sign: str) -> bool:
        found = self._peek.kind == "sign" and self._peek.text == sign
        self._next += found
        return found

    def _elements(self) -> tuple[Element, ...]:
        if self._peek.kind == "end" or self._peek.text == ")":
            return ()
        found = [self._element()]
        while self._taken(","):
            found.append(self._element())
        return tuple(found)

    def _element(self) -> Element:
        name = self._name("the name of a pass", "pass{option=1},fixpoint(pass,pass)")
        settings = self._settings() if self._taken("{") else ()
        opening = self._peek
        body: tuple[Element, ...] | None = None
        if self._taken("("):
            self._enter(opening)
            body = self._elements()
            if not self._taken(")"):
                self._still_open(opening, ")")
            self._depth -= 1
        return Element(name.text, settings, body, self._span(name))

    def _settings(self) -> tuple[Setting, ...]:
        found: dict[str, Setting] = {}
        while not self._taken("}"):
            if found:
                self._taken(",")
            name = self._name("the name of an option", "options stand between braces: {max=4,fast}")
            if name.text in found:
                raise self._error(name, f"the option {name.text!r} is set twice", "keep one of them")
            value, place = True, self._span(name)
            if self._taken("="):
                start = self._peek.start
                value = self._value()
                place = self._source.span(start, self._tokens[self._next - 1].stop)
            found[name.text] = Setting(name.text, value, self._span(name), place)
        return tuple(found.values())

    def _value(self) -> Value:
        token = self._take()
        match token.kind:
            case "number":
                return self._number(token)
            case "string":
                try:
                    return str(json.loads(token.text))
                except ValueError as error:
                    raise self._error(
                        token, f"this string does not read: {error}", "escapes are those of JSON"
                    ) from None
            case "name":
                known: dict[str, Value] = {"true": True, "false": False, "nan": float("nan"), "inf": float("inf")}
                return known.get(token.text, token.text)
            case "sign" if token.text == "[":
                return self._values(token)
            case _:
                raise self._error(
                    token, f"{token} where a value should be", 'a value: 8, 0.5, true, word, "text", [1,2]'
                )

    def _values(self, opening: _Token) -> Value:
        self._enter(opening)
        found: list[Value] = []
        while not self._taken("]"):
            if found and not self._taken(","):
                self._still_open(opening, "]")
            found.append(self._value())
        self._depth -= 1
        return tuple(found)

    def _still_open(self, opening: _Token, closing: str) -> NoReturn:
        error = self._error(self._peek, f"{self._peek} instead of `,` or `{closing}`", f"close it with `{closing}`")
        error.labels = (Label(self._span(opening), "opened here"),)
        raise error

    def _number(self, token: _Token) -> Value:
        if len(token.text) > _MOST_DIGITS:
            raise self._error(token, f"a number of {len(token.text)} characters", f"{_MOST_DIGITS} are enough")
        return float(token.text) if re.search("[.eEi]", token.text) else int(token.text)

    def _name(self, what: str, hint: str) -> _Token:
        token = self._take()
        if token.kind != "name":
            raise self._error(token, f"{token} where {what} should be", hint)
        return token

    def _enter(self, opening: _Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(
                opening, f"nested more than {MAX_DEPTH} deep", "name a part: it is then a pipeline of its own"
            )

    def _span(self, token: _Token) -> Span:
        return self._source.span(token.start, token.stop)

    def _error(self, token: _Token, message: str, hint: str) -> PassError:
        return self._at(token.start, token.stop, message, hint)

    def _at(self, start: int, stop: int, message: str, hint: str) -> PassError:
        return PassError("HY4010", message, self._source.span(start, stop), hints=[hint] if hint else [])
