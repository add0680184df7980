"""Reads the tables that `table_writer` writes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import accumulate, pairwise

from hyperion.errors import ModuleError
from hyperion.ir.function import Attribute
from hyperion.ir.types import ArrayType, ExtensionType, TupleType, Type, scalar_types
from hyperion.module.columns import Reader
from hyperion.module.table_writer import (
    ARRAY,
    BOOL,
    EXTENSION,
    FLOAT,
    INT,
    ITEMS,
    LARGE,
    LONGEST,
    SCALAR,
    TEXT,
    TUPLE,
    Attributes,
)

MOST_NODES = 1000  # of one type, written out: a type that shares its parts may be exponentially long
DEEPEST = 100

_SCALARS: Mapping[str, Type] = scalar_types()


class TableReader:
    """The tables; numbers that are out of place raise `IndexError`, which the caller turns into HY3012."""

    def __init__(self, data: Reader) -> None:
        self._data = data
        self.texts = data.texts()
        self.types = self._types(data.uint())
        self.ops = list(map(self.texts.__getitem__, data.counted()))
        self.attributes = self._attributes(self._values(data.uint()))

    def _types(self, count: int) -> list[Type]:
        types: list[Type] = []
        sizes: list[tuple[int, int]] = []  # nodes and depth
        for _ in range(count):
            kind, parts = self._type(types)
            nodes = 1 + sum(sizes[p][0] for p in parts)
            depth = 1 + max((sizes[p][1] for p in parts), default=0)
            if nodes > MOST_NODES or depth > DEEPEST:
                raise self._data.malformed("a type is too large")
            types.append(kind)
            sizes.append((nodes, depth))
        return types

    def _type(self, known: list[Type]) -> tuple[Type, list[int]]:
        """A type and the numbers of the types that it is made of."""
        uint = self._data.uint
        form = uint()
        if form == SCALAR:
            return self._scalar(self.texts[uint()]), []
        if form == ARRAY:
            element = uint()
            shape = tuple(self._dimension(uint()) for _ in range(self._few(uint())))
            return ArrayType(known[element], shape), [element]
        if form == TUPLE:
            elements = [uint() for _ in range(self._few(uint()))]
            return TupleType(tuple(known[e] for e in elements)), elements
        if form != EXTENSION:
            raise self._data.malformed(f"a type of the form {form}")
        return ExtensionType(self.texts[uint()]), []

    def _scalar(self, name: str) -> Type:
        found = _SCALARS.get(name)
        if found is None:
            message = f"the module needs the type {name[:80]!r}, which this version of Hyperion does not have"
            raise ModuleError("HY3010", message, hints=["update hyperion-core"])
        return found

    def _few(self, count: int) -> int:
        if count > MOST_NODES:
            raise self._data.malformed("a type is too large")
        return count

    def _dimension(self, number: int) -> int | str:
        return self.texts[number >> 1] if number & 1 else number >> 1

    def _values(self, count: int) -> list[Attribute]:
        forms, payloads = self._data.column(count), self._data.column(count)
        tuples = self._rows(1)
        values: list[Attribute] = []
        for form, payload in zip(forms, payloads, strict=True):
            if form == ITEMS:
                items = [values[n] for n in tuples[payload]]
                values.append(tuple(items))  # pyright: ignore[reportArgumentType]  the verifier compares the items
            else:
                values.append(self._value(form, payload))
        return values

    def _value(self, form: int, payload: int) -> Attribute:
        if form == INT:
            return -(payload >> 1) - 1 if payload & 1 else payload >> 1
        if form == TEXT:
            return self.texts[payload]
        if form == BOOL and payload < 2:
            return bool(payload)
        if form == FLOAT:
            return struct.unpack("<d", payload.to_bytes(8, "little"))[0]
        text = self.texts[payload] if form == LARGE else ""
        if not text or len(text) > LONGEST // 4 + 1:
            raise self._data.malformed("an attribute is no value")
        try:
            return int(text, 16)
        except ValueError:
            raise self._data.malformed("an attribute is no value") from None

    def _rows(self, columns: int) -> list[tuple[int, ...]]:
        """Rows of different lengths; with two columns, the columns alternate."""
        ends = list(accumulate(self._data.counted(), initial=0))
        flat = [self._data.column(ends[-1]) for _ in range(columns)]
        rows = flat[0] if columns == 1 else [n for pair in zip(*flat, strict=True) for n in pair]
        return [tuple(rows[a * columns : b * columns]) for a, b in pairwise(ends)]

    def _attributes(self, values: list[Attribute]) -> list[Attributes]:
        return [
            tuple((self.texts[name], values[value]) for name, value in zip(row[::2], row[1::2], strict=True))
            for row in self._rows(2)
        ]
