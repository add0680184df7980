"""Reading the parameters of functions and regions."""

from __future__ import annotations

from hyperion.errors import TypeCheckError
from hyperion.ir.cursor import Cursor
from hyperion.ir.function import Value
from hyperion.ir.lexer import kind_of
from hyperion.ir.read_types import UNKNOWN, TypeReader
from hyperion.ir.recovery import skip_parameter
from hyperion.ir.scope import Scope


def read_parameters(cursor: Cursor, types: TypeReader, scope: Scope, found: list[Value]) -> None:
    """Reads parameters into `found`. After an error in one, which is reported, the next is read."""
    cursor.take("(")
    if cursor.accept(")"):
        return
    while True:
        at = cursor.at
        try:
            token = cursor.take_kind("value", "a parameter such as %x")
            cursor.take(":")
            kind = types.type()
        except TypeCheckError as error:
            if not skip_parameter(cursor):
                raise
            cursor.report(error)
            token, kind = _misread(cursor, scope, at), UNKNOWN
        found.append(Value(token[1:], kind))
        scope.define(token, found[-1])
        if not cursor.accept(","):
            break
    cursor.take(")")


def _misread(cursor: Cursor, scope: Scope, at: int) -> str:
    """The name that a parameter was meant to have."""
    token = cursor.tokens[at]
    match kind_of(token):
        case "value":
            return token
        case "name":
            return f"%{token}"
        case _:
            scope.complete = False
            return "%?"
