"""Reading types; the grammar is in `hyperion.ir.types`."""

from __future__ import annotations

from collections.abc import Mapping

from hyperion.ir.cursor import Cursor
from hyperion.ir.diagnostics import did_you_mean, shortened
from hyperion.ir.lexer import LARGEST_SIZE, kind_of
from hyperion.ir.literals import read_whole
from hyperion.ir.types import ArrayType, SpecType, TupleType, Type

Types = tuple[Type, ...]
Size = int | str

UNKNOWN: Type = SpecType("?")
"""The type of a value after an error. No program that is returned has it, and the verifier refuses it."""


class TypeReader:
    """Reads types; the same type is the same object, so that comparing them is quick."""

    def __init__(self, cursor: Cursor, scalars: Mapping[str, Type]) -> None:
        self._cursor = cursor
        self._scalars = scalars
        self._arrays: dict[tuple[str, tuple[Size, ...]], Type] = {}
        self._single: dict[str, Types] = {name: (kind,) for name, kind in scalars.items()}

    def types(self) -> Types:
        """One type, or any number of them in parentheses."""
        cursor = self._cursor
        single = self._single.get(cursor.tokens[cursor.at])
        if single is not None and cursor.tokens[cursor.at + 1] != "[":
            cursor.at += 1
            return single
        if not cursor.accept("("):
            return (self.type(),)
        found = self._listed()
        return (UNKNOWN,) if self._has_shape() else found

    def _has_shape(self) -> bool:
        """Whether the sizes of an array follow a tuple, which is reported."""
        cursor = self._cursor
        if cursor.tokens[cursor.at] != "[":
            return False
        hints = ("make one array for each element of the tuple",)
        cursor.report(cursor.error("HY6024", "an array has scalar elements, not tuples", hints=hints))
        self._shape()
        return True

    def _listed(self) -> Types:
        cursor = self._cursor
        if cursor.accept(")"):
            return ()
        found = [self.type()]
        while cursor.accept(","):
            found.append(self.type())
        cursor.take(")")
        return tuple(found)

    def type(self) -> Type:
        """A type; where the name is none, that is reported and the type is unknown."""
        cursor = self._cursor
        at = cursor.at
        token = cursor.tokens[at]
        kind = self._scalars.get(token)
        if kind is not None:
            cursor.at = at + 1
            return self._array(token, kind) if cursor.tokens[at + 1] == "[" else kind
        if token == "(":
            return self._tuple()
        if kind_of(token) != "name":
            raise cursor.expected("a type")
        known = f"types: {', '.join(self._scalars)}"
        hints = did_you_mean(token, self._scalars) or (known,)
        cursor.report(cursor.error("HY6024", f"there is no type {shortened(token)}", at, hints))
        cursor.at = at + 1
        if cursor.tokens[at + 1] == "[":
            self._shape()
        return UNKNOWN

    def _tuple(self) -> Type:
        cursor = self._cursor
        cursor.enter()
        cursor.take("(")
        elements = self._listed()
        cursor.leave()
        return UNKNOWN if self._has_shape() or UNKNOWN in elements else TupleType(elements)

    def _array(self, name: str, element: Type) -> Type:
        shape = self._shape()
        if shape is None:
            return UNKNOWN
        if self._cursor.tokens[self._cursor.at] == "[":
            hints = ("write the sizes of all axes in one bracket, as in f64[n, 3]",)
            raise self._cursor.error("HY6001", "an array has scalar elements, not arrays", hints=hints)
        return self._arrays.setdefault((name, shape), ArrayType(element, shape))

    def _shape(self) -> tuple[Size, ...] | None:
        """Sizes in brackets; None where one is out of range, which is reported."""
        cursor = self._cursor
        cursor.take("[")
        shape = [self._size()]
        while cursor.accept(","):
            shape.append(self._size())
        cursor.take("]")
        known = tuple(size for size in shape if size is not None)
        return known if len(known) == len(shape) else None

    def _size(self) -> Size | None:
        cursor = self._cursor
        at = cursor.at
        token = cursor.tokens[at]
        if kind_of(token) == "name":
            cursor.at += 1
            return token
        if kind_of(token) != "number":
            raise cursor.expected("a size: a number or a name")
        size = read_whole(cursor)
        if 0 <= size <= LARGEST_SIZE:
            return size
        message = "a size is not negative" if size < 0 else f"a size is at most {LARGEST_SIZE}"
        cursor.report(cursor.error("HY6022", message, at))
        return None
