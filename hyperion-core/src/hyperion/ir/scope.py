"""The values that are visible at one place of a text."""

from __future__ import annotations

from hyperion.errors import Label, TypeCheckError
from hyperion.ir.cursor import Cursor
from hyperion.ir.diagnostics import MOST_EXPLAINED, did_you_mean, shortened
from hyperion.ir.function import Value
from hyperion.ir.lookahead import definition
from hyperion.ir.read_types import UNKNOWN


class Scope:
    """Values by their token, such as `%x`.

    `complete` is False where a parameter could not be read: then a name that is not found may be that parameter. Values
    of inner scopes (`nested`) are defined through `define`, which remembers what to take back.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.begin()

    def begin(self) -> None:
        """Begins a function, at the cursor."""
        self.first = self._cursor.at
        self.values: dict[str, Value] = {}
        self.complete = True
        self.nested = False
        self._replaced: list[tuple[str, Value | None]] = []
        self._missing: list[tuple[int, tuple[str, ...]]] = []

    def define(self, token: str, value: Value) -> None:
        self._replaced.append((token, self.values.get(token)))
        self.values[token] = value

    def open(self) -> tuple[bool, int]:
        """Begins an inner scope; what it gives closes that."""
        before = self.nested
        self.nested = True
        return before, len(self._replaced)

    def close(self, mark: tuple[bool, int]) -> None:
        """Ends an inner scope: what it defined is visible no more."""
        self.nested, mark_at = mark
        while len(self._replaced) > mark_at:
            token, before = self._replaced.pop()
            if before is None:
                del self.values[token]
            else:
                self.values[token] = before

    def missing(self, at: int) -> Value:
        """Notes that the value named at a token is not visible; it counts as known from here on."""
        token = self._cursor.tokens[at]
        value = Value(token[1:], UNKNOWN)
        if self.complete:
            near = did_you_mean(token, self.values) if len(self._missing) < MOST_EXPLAINED else ()
            self._missing.append((at, near))
        self.define(token, value)
        return value

    def report_missing(self) -> None:
        """Reports the names that were not visible, with where they are defined; at the end of the function."""
        for number, (at, near) in enumerate(self._missing):
            cursor = self._cursor
            known = (
                definition(cursor.tokens, cursor.tokens[at], self.first, cursor.at) if number < MOST_EXPLAINED else None
            )
            cursor.report(self._error(at, near, known))

    def _error(self, at: int, near: tuple[str, ...], found: int | None) -> TypeCheckError:
        span = self._cursor.source.span
        message = f"{shortened(self._cursor.tokens[at])} is not visible here"
        if found is None:
            return TypeCheckError("HY6002", message, span(at), hints=near or ("define it before this line",))
        if found > at:
            label, hint = "defined here, after its use", "move the definition before this line"
        else:
            label, hint = "defined here, in a region that has ended", "yield it from the region that defines it"
        return TypeCheckError("HY6002", message, span(at), hints=(hint,), labels=(Label(span(found), label),))
