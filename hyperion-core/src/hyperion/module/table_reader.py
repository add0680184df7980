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
    """The tables, and their rows as they are written. Numbers that are out of place raise `IndexError`, which the
    caller turns into HY3012."""

    def __init__(self, data: Reader) -> None:
        self._data = data
        self.texts = data.texts()
        self.type_parts: list[tuple[list[int], list[int]]] = []  # the types, then the texts that each is made of
        self.types = self._types(data.uint())
        self.op_texts = data.counted()
        self.ops = list(map(self.texts.__getitem__, self.op_texts))
        self.attributes = self._attributes(self._values(data.uint()))

    def _types(self, count: int) -> list[Type]:
        types: list[Type] = []
        sizes: list[tuple[int, int]] = []  # nodes and depth
        for _ in range(count):
            kind, parts, texts = self._type(types)
            nodes = 1 + sum(sizes[p][0] for p in parts)
            depth = 1 + max((sizes[p][1] for p in parts), default=0)
            if nodes > MOST_NODES or depth > DEEPEST:
                raise self._data.malformed("a type is too large")
            types.append(kind)
            sizes.append((nodes, depth))
            self.type_parts.append((parts, texts))
        return types

    def _type(self, known: list[Type]) -> tuple[Type, list[int], list[int]]:
        """A type, and the numbers of the types and texts that it is made of."""
        uint = self._data.uint
        form = uint()
        if form == ARRAY:
            element = uint()
            sizes = [uint() for _ in range(self._few(uint()))]
            shape = tuple(map(self._dimension, sizes))
            return ArrayType(known[element], shape), [element], [size >> 1 for size in sizes if size & 1]
        if form == TUPLE:
            elements = [uint() for _ in range(self._few(uint()))]
            return TupleType(tuple(known[e] for e in elements)), elements, []
        if form not in (SCALAR, EXTENSION):
            raise self._data.malformed(f"a type of the form {form}")
        number = uint()
        text = self.texts[number]
        return self._scalar(text) if form == SCALAR else ExtensionType(text), [], [number]

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
        self.value_rows = list(zip(self._data.column(count), self._data.column(count), strict=True))
        self.tuple_rows = self._rows(1)
        values: list[Attribute] = []
        for form, payload in self.value_rows:
            values.append(self._items(payload, values) if form == ITEMS else self._value(form, payload))
        return values

    def _items(self, number: int, known: list[Attribute]) -> Attribute:
        items = [known[n] for n in self.tuple_rows[number]]
        if any(isinstance(item, tuple) for item in items):  # of tuples that share their parts, the text may be endless
            raise self._data.malformed("an attribute is a tuple of tuples")
        return tuple(items)  # pyright: ignore[reportReturnType]  the verifier compares the items

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
        self.attribute_rows = self._rows(2)
        return [
            tuple((self.texts[name], values[value]) for name, value in zip(row[::2], row[1::2], strict=True))
            for row in self.attribute_rows
        ]
