"""What a run of tokens is, seen from its beginning."""

from __future__ import annotations

from hyperion.ir.lexer import END, kind_of


def opens_attributes(tokens: list[str], at: int) -> bool:
    """Whether the `{` at `at` opens attributes, not a region."""
    return tokens[at] == "{" and kind_of(tokens[at + 1]) == "name" and tokens[at + 2] == "="


def begins_equation(tokens: list[str], at: int) -> bool:
    """Whether the names of results and `=` stand here."""
    while tokens[at][0] == "%":
        if tokens[at + 1] != ",":
            return tokens[at + 1] == "="
        at += 2
    return False


def begins_function(tokens: list[str], at: int) -> bool:
    return tokens[at] == "func" and tokens[at + 1][0] == "@"


def next_function(tokens: list[str], at: int) -> int:
    """The next `func` behind `at` that begins a function, or the end of the text."""
    while True:
        try:
            at = tokens.index("func", at + 1)
        except ValueError:
            return len(tokens) - 1
        if begins_function(tokens, at):
            return at


def closing(tokens: list[str], at: int) -> int:
    """The bracket that closes the one at `at`, whatever stands between; the end of the text where there is none."""
    opening = tokens[at]
    other = {"(": ")", "[": "]", "{": "}"}[opening]
    depth = 0
    while tokens[at] != END:
        depth += (tokens[at] == opening) - (tokens[at] == other)
        if depth == 0:
            return at
        at += 1
    return at


def behind_type(tokens: list[str], at: int) -> int:
    """Behind the type, or the types in parentheses, at `at`."""
    at = closing(tokens, at) if tokens[at] == "(" else at
    at = min(at + 1, len(tokens) - 1)
    return min(closing(tokens, at) + 1, len(tokens) - 1) if tokens[at] == "[" else at


def definition(tokens: list[str], name: str, first: int, stop: int) -> int | None:
    """Where between two tokens the value with this token, such as `%x`, is defined."""
    at = first - 1
    behind, defines = first, False  # the end of the last run of values, and whether `=` follows it
    while True:
        try:
            at = tokens.index(name, at + 1, stop)
        except ValueError:
            return None
        if at >= behind:
            behind = _behind_values(tokens, at)
            defines = tokens[behind] == "="
        if defines or _is_parameter(tokens, at):
            return at


def _behind_values(tokens: list[str], at: int) -> int:
    """Behind the values, separated by commas, that begin at `at`."""
    while tokens[at + 1] == "," and tokens[at + 2][0] == "%":
        at += 2
    return at + 1


def _is_parameter(tokens: list[str], at: int) -> bool:
    if tokens[at + 1] != ":":
        return False
    before, opener = tokens[at - 1], tokens[at - 2]
    if before == "(":
        return opener == "^" or opener[0] == "@"
    return before == "," and opener[0] not in "%)"
