"""Reading values and groups of values."""

from __future__ import annotations

from hyperion.ir.cursor import Cursor
from hyperion.ir.function import Value
from hyperion.ir.literals import Attributes, read_literal
from hyperion.ir.lookahead import begins_equation
from hyperion.ir.printer import GROUPED
from hyperion.ir.scope import Scope


class OperandReader:
    """Reads values that the scope has; one that it has not is noted there and has an unknown type."""

    def __init__(self, cursor: Cursor, scope: Scope) -> None:
        self._cursor = cursor
        self._scope = scope

    def operands(self, op: str, attributes: Attributes) -> tuple[Value, ...]:
        """The operands, and in `attributes` what their syntax says."""
        cursor = self._cursor
        if op == "const":
            attributes.append(("value", read_literal(cursor)))
            return ()
        if op == "call":
            attributes.append(("callee", cursor.take_kind("function", "a function name such as @f")[1:]))
            return tuple(self.group())
        if op in GROUPED:
            arrays = self.group() if cursor.tokens[cursor.at] == "(" else [self._value()]
            attributes.append(("arrays", len(arrays)))
            return tuple(arrays + self.group() if cursor.accept(",") else arrays)
        return tuple(self.values(groups=True))

    def group(self) -> list[Value]:
        self._cursor.take("(")
        found = self.values()
        self._cursor.take(")")
        return found

    def values(self, groups: bool = False) -> list[Value]:
        """Values separated by commas, possibly none; with `groups` also values in parentheses: `%a, %b, (%c, %d)`."""
        cursor = self._cursor
        tokens, values = cursor.tokens, self._scope.values
        found: list[Value] = []
        at = cursor.at
        if tokens[at][0] == "%" and begins_equation(tokens, at):
            return found
        while True:
            token = tokens[at]
            value = values.get(token)
            if value is not None:
                at += 1
                found.append(value)
            else:
                cursor.at = at
                if groups and token == "(":
                    found += self.group()
                elif token[0] == "%" or tokens[at - 1] == ",":
                    found.append(self._value())
                else:
                    return found
                at = cursor.at
            if tokens[at] != ",":
                break
            at += 1
        cursor.at = at
        if tokens[at][0] == "%" and not begins_equation(tokens, at):
            raise cursor.expected("`,`")
        return found

    def _value(self) -> Value:
        cursor = self._cursor
        at = cursor.at
        token = cursor.take_kind("value", "a value such as %x")
        return self._scope.values.get(token) or self._scope.missing(at)
