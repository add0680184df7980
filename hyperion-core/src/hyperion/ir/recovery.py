"""Where to go on reading after a syntax error: at the next equation, or else at the next function.

head   the line of an equation up to its regions; a text that breaks in it goes on at its regions or behind it
block  equations up to `}`
"""

from __future__ import annotations

from hyperion.ir.cursor import Cursor
from hyperion.ir.lexer import END, kind_of
from hyperion.ir.lookahead import begins_equation, begins_function, opens_attributes

_LEAVES = frozenset(("return", "yield"))
_NOT_IN_ATTRIBUTES = _LEAVES | {"{", "^", "func", END}
_OPEN = frozenset((",", "->", ":", "=", "(", "["))  # a line that ends with one of these goes on


def skip_head(cursor: Cursor, first: int) -> None:
    """After an error in the equation that begins at `first`: to its first region, or behind it."""
    tokens, source = cursor.tokens, cursor.source
    least = max(cursor.at, first + 1)
    at = first
    while True:
        token = tokens[at]
        if at >= least:
            if token in _LEAVES or token in ("}", END) or begins_function(tokens, at):
                break
            if token == "{" and not opens_attributes(tokens, at):
                break
            if tokens[at - 1] != "," and begins_equation(tokens, at):
                break
            if source.starts_line(at) and tokens[at - 1] not in _OPEN and kind_of(token) in ("name", "value"):
                break
            if source.starts_line(at) and token == "=":
                break
        at = _behind_attributes(tokens, at) if opens_attributes(tokens, at) else at + 1
    cursor.at = at


def _behind_attributes(tokens: list[str], at: int) -> int:
    """Behind the `}` that closes the attributes; where none does before a brace opens, behind the first of them."""
    start = at
    while True:
        at += 1
        if tokens[at] == "}":
            return at + 1
        if tokens[at] in _NOT_IN_ATTRIBUTES or (tokens[at - 1] != "," and begins_equation(tokens, at)):
            return start + 1


def skip_block(cursor: Cursor) -> None:
    """Behind the `}` that closes the block the cursor is in; at the next function where that comes first."""
    depth = 0
    while not cursor.ends():
        token = cursor.tokens[cursor.at]
        if token == "}" and depth == 0:
            cursor.at += 1
            return
        depth += (token == "{") - (token == "}")
        cursor.at += 1


def skip_parameter(cursor: Cursor) -> bool:
    """To the comma or parenthesis that ends a parameter; False, and no step, where none does."""
    at, depth = cursor.at, 0
    while cursor.tokens[at] not in ("{", "}", "=", "->", "^", "func", END):
        token = cursor.tokens[at]
        if depth == 0 and token in (",", ")"):
            cursor.at = at
            return True
        depth += (token in ("(", "[")) - (token in (")", "]"))
        at += 1
    return False


def skip_header(cursor: Cursor) -> bool:
    """Behind the `{` that opens the body of a function; False, and no step, where none is found."""
    tokens, at = cursor.tokens, cursor.at
    while tokens[at] not in ("}", END, "func", "return", "yield") and not begins_equation(tokens, at):
        at += 1
        if tokens[at - 1] == "{":
            cursor.at = at
            return True
    return False


def skip_function(cursor: Cursor, first: int) -> None:
    """To the next function that begins behind `first`."""
    cursor.at = max(cursor.at, first + 1)
    while not cursor.ends():
        cursor.at += 1
