"""Where the parts of an equation stand in its text. Only errors ask, so the text is read again then.

The text is that of the program or, where a pass made the program, the line that the equation's span carries. What was
built in Python has no text: its places are in the printed function, `<@f>`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from hyperion.errors import Span
from hyperion.ir import printer
from hyperion.ir.function import Equation, Function, SourceText, walk
from hyperion.ir.lexer import Source, kind_of
from hyperion.ir.lookahead import begins_equation, behind_type, closing, definition, next_function, opens_attributes

Place = tuple[Source, int]
"""A text and a token of it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The tokens of one equation up to its regions; `types` are the first and the last."""

    source: Source
    results: list[int]
    op: int
    literal: bool  # whether a literal or the name of a callee stands behind the op
    operands: list[int]
    attributes: dict[str, int]
    types: tuple[int, int] | None
    end: int


class Text:
    """The text of a program as tokens, read when it is first asked for."""

    def __init__(self, written: SourceText | None, source: Source | None = None) -> None:
        self._written = written
        self._source = source

    def source(self, file: str) -> Source | None:
        """The tokens of a file, where the program was read from it."""
        if self._written is None or self._written.file != file:
            return None
        if self._source is None:
            self._source = Source(self._written.text, self._written.file)
        return self._source


class Heads:
    """The equations of one function in its text. While it is being read, `reading` is where it begins."""

    def __init__(self, text: Text, function: Function | None = None, reading: Place | None = None) -> None:
        self._text = text
        self._function = function
        self._reading = reading

    def equation(self, equation: Equation) -> Span | None:
        """An equation, its regions left out."""
        if equation.span is not None:
            return equation.span
        head = self.head(equation)
        return None if head is None else head.source.span((*head.results, head.op)[0], head.end - 1)

    def head(self, equation: Equation) -> Head | None:
        """The tokens of an equation; None where they are not those that its span shows."""
        place = self._of_span(equation.span) if equation.span is not None else self._in_print(equation)
        found = None if place is None else _read_head(*place)
        if found is None:
            return None
        tokens = found.source.tokens
        operands = [tokens[i] for i in found.operands]
        same = tokens[found.op] == equation.op and operands == [str(v) for v in equation.operands]
        return found if same else None

    def span(self, equation: Equation, head: Head, first: int, last: int | None = None) -> Span:
        """Tokens of a head; the calls that the equation was inlined into stay."""
        span = head.source.span(first, last)
        return span if equation.span is None else replace(span, caller=equation.span.caller)

    def defined_at(self, owner: Equation | None, name: str) -> Span | None:
        """Where the results of an equation, or the parameters of the function, name the value."""
        if owner is None:
            return self._named(name)
        head = self.head(owner)
        if head is None:
            return self.equation(owner)
        at = next((i for i in head.results if head.source.tokens[i] == f"%{name}"), None)
        return self.equation(owner) if at is None else self.span(owner, head, at)

    def definition(self, name: str) -> Span | None:
        """Where the function first defines the value."""
        owner = None if name in self._parameters else self._owners.get(name)
        return self._named(name) if owner is None else self.defined_at(owner, name)

    def _named(self, name: str) -> Span | None:
        """The first definition of the name among the function's tokens."""
        place = self._start()
        if place is None:
            return None
        source, first = place
        tokens = source.tokens
        found = definition(tokens, f"%{name}", first, next_function(tokens, first))
        return None if found is None else source.span(found)

    @cached_property
    def _parameters(self) -> frozenset[str]:
        return frozenset() if self._function is None else frozenset(v.name for v in self._function.parameters)

    @cached_property
    def _owners(self) -> dict[str, Equation]:
        equations = [] if self._function is None else list(walk(self._function.equations))
        return {v.name: e for e in reversed(equations) for v in e.results}

    @cached_property
    def _print(self) -> tuple[Source, dict[int, int]]:
        """The printed function, and the line of each equation by identity."""
        function = self._function
        pairs = [] if function is None else list(printer.lines(function))
        name = "" if function is None else function.name
        owners = {id(owner): line for line, (_, owner) in enumerate(pairs) if owner is not None}
        return Source("\n".join(text for text, _ in pairs), f"<@{name}>"), owners

    def _start(self) -> Place | None:
        """Where the function begins."""
        if self._reading is not None:
            return self._reading
        if self._function is None or self._function.span is None:
            return self._print[0], 0
        return self._of_span(self._function.span)

    def _of_span(self, span: Span) -> Place | None:
        source = self._text.source(span.file)
        if source is None and span.text:
            source = Source(span.text, span.file, span.line)
        index = None if source is None else source.index_at(span.line, span.column)
        return None if source is None or index is None else (source, index)

    def _in_print(self, equation: Equation) -> Place | None:
        source, lines = self._print
        line = lines.get(id(equation))
        return None if line is None else (source, source.first_of_line(line))


def _read_head(source: Source, first: int) -> Head | None:
    tokens = source.tokens
    at, results = first, []
    if begins_equation(tokens, first):
        at = tokens.index("=", first)
        results = list(range(first, at, 2))
        at += 1
    op = at
    literal = kind_of(tokens[op + 1]) in ("number", "function") or tokens[op + 1] in ("true", "false", "nan", "inf")
    at, operands = _read_operands(tokens, op + 2 if literal else op + 1)
    attributes: dict[str, int] = {}
    if opens_attributes(tokens, at):
        end = closing(tokens, at)
        names = [i for i in range(at, end) if tokens[i + 1] == "=" and tokens[i] != "="]
        attributes = {tokens[i]: i for i in reversed(names)}
        at = min(end + 1, len(tokens) - 1)
    types = None
    if tokens[at] == ":":
        types = at + 1, behind_type(tokens, at + 1) - 1
        at = types[1] + 1
    return Head(source, results, op, literal, operands, attributes, types, at)


def _read_operands(tokens: list[str], at: int) -> tuple[int, list[int]]:
    """Behind the operands, and each of them."""
    operands: list[int] = []
    while True:
        token = tokens[at]
        if token[0] == "%" and (tokens[at - 1] == "," or not begins_equation(tokens, at)):
            operands.append(at)
        elif token not in ("(", ")", ","):
            return at, operands
        at += 1


def behind_region(tokens: list[str], at: int) -> int:
    """Behind the region that opens at `at`."""
    return min(closing(tokens, at) + 1, len(tokens) - 1) if tokens[at] == "{" else at


def region_parameters(tokens: list[str], at: int) -> tuple[int, int] | None:
    """The first and the last token of the parameters; the brace where the region has none."""
    if tokens[at] != "{":
        return None
    return (at + 1, closing(tokens, at + 2)) if tokens[at + 1 : at + 3] == ["^", "("] else (at, at)


def region_results(tokens: list[str], at: int) -> tuple[int, int] | None:
    """The first and the last token of `yield` and its values."""
    end = behind_region(tokens, at) - 1
    leave = next((i for i in range(end - 1, at, -1) if tokens[i] == "yield"), None)
    return None if leave is None else (leave, end - 1)
