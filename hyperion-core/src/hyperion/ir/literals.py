"""Reading literals and attributes.

attributes ::= "{" name "=" attribute ("," name "=" attribute)* "}"
attribute  ::= literal | string | "[" [whole ("," whole)*] "]"
literal    ::= "true" | "false" | "nan" | "inf" | "-inf" | number
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from hyperion.ir.cursor import Cursor
from hyperion.ir.function import Attribute
from hyperion.ir.lexer import kind_of
from hyperion.ir.lookahead import opens_attributes
from hyperion.ir.scalars import float_text
from hyperion.ir.types import FloatType, SpecType, Type

Attributes = list[tuple[str, Attribute]]

_WORDS: dict[str, bool | str] = {"true": True, "false": False, "nan": "nan", "inf": "inf", "-inf": "-inf"}
_LONGEST_NUMBER = 4300  # digits; Python itself reads no more


def read_attributes(cursor: Cursor, into: Attributes) -> None:
    """Reads attributes where they stand."""
    if not opens_attributes(cursor.tokens, cursor.at):
        return
    cursor.at += 1
    while True:
        name = cursor.take_kind("name", "an attribute name")
        cursor.take("=")
        into.append((name, _attribute(cursor)))
        if not cursor.accept(","):
            break
    cursor.take("}")


def _attribute(cursor: Cursor) -> Attribute:
    token = cursor.tokens[cursor.at]
    if kind_of(token) == "string":
        cursor.at += 1
        return _string(cursor, token)
    if cursor.accept("["):
        numbers: list[int] = []
        if not cursor.accept("]"):
            numbers.append(read_whole(cursor))
            while cursor.accept(","):
                numbers.append(read_whole(cursor))
            cursor.take("]")
        return tuple(numbers)
    value = read_literal(cursor)
    return float.fromhex(value) if isinstance(value, str) else value


def _string(cursor: Cursor, token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        message = "the string has a wrong escape"
        hints = ('escapes are those of JSON, such as \\n, \\" and \\u00e9',)
        raise cursor.error("HY6001", message, cursor.at - 1, hints) from None


def read_whole(cursor: Cursor) -> int:
    """A number without fraction."""
    at = cursor.at
    value = read_literal(cursor)
    if isinstance(value, bool) or not isinstance(value, int):
        cursor.at = at
        raise cursor.expected("a whole number")
    return value


def read_literal(cursor: Cursor) -> bool | int | str:
    """A literal; floats as their canonical text (see `float_text`). One that is too large is reported and read as 0."""
    token = cursor.tokens[cursor.at]
    word = _WORDS.get(token)
    if word is None:
        if kind_of(token) != "number":
            raise cursor.expected("a literal")
        word = _number(cursor, token)
    cursor.at += 1
    return word


def _number(cursor: Cursor, token: str) -> int | str:
    try:
        if token.isascii() and token.lstrip("-").isdigit():
            return int(token)
        if len(token) > _LONGEST_NUMBER:
            raise OverflowError
        value = float.fromhex(token) if "x" in token or "X" in token else float(token)
        if value in (float("inf"), float("-inf")):
            raise OverflowError
    except (ValueError, OverflowError):
        cursor.report(cursor.error("HY6022", "the number is too large to read"))
        return 0
    return float_text(value)


def in_type(value: Attribute, hint: Sequence[Type]) -> Attribute:
    """Lets `const 1 : f64` be written; the canonical form is `const 0x1.0p+0 : f64`."""
    of_float = len(hint) == 1 and (isinstance(hint[0], FloatType) or hint[0] == SpecType("real"))
    if of_float and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 1 << 53:
        return float_text(float(value))
    return value
