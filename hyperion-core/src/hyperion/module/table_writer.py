"""What the functions of a module share: texts, types, names of ops, attributes. Each is written once, in the order of
first use.

    types        uint count; for each uint form and uints:  0 scalar: text   1 array: element, rank, dimensions
                 2 tuple: count, elements   3 extension: text         a dimension is 2 * number or 2 * text + 1
    ops          counted column of texts
    values       uint count; column of forms; column of payloads:  0 bool: 0 or 1   1 int: zigzag
                 2 large int: text, hexadecimal   3 float: its bits   4 text: text   5 tuple: place in `tuples`
    tuples       counted column of lengths; column of values, all of them together
    attributes   counted column of lengths; column of names (texts); column of values, all of them together
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from hyperion.errors import ModuleError
from hyperion.ir.function import Attribute
from hyperion.ir.types import ArrayType, ExtensionType, TupleType, Type, scalar_types
from hyperion.module.columns import Writer

Attributes = tuple[tuple[str, Attribute], ...]

SCALAR, ARRAY, TUPLE, EXTENSION = range(4)
BOOL, INT, LARGE, FLOAT, TEXT, ITEMS = range(6)
LONGEST = 14_000  # bits of an integer; Python writes no longer ones in decimal

_SCALARS = scalar_types()


class TableWriter:
    """The tables of a module that is written; each method gives the number of what it is asked for."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._types: dict[Type, int] = {}
        self._type_rows: list[list[int]] = []
        self._ops: dict[str, int] = {}
        self._values: dict[tuple[int, int], int] = {}
        self._tuples: dict[tuple[int, ...], int] = {}
        self._attributes: dict[tuple[tuple[int, int], ...], int] = {(): 0}

    @property
    def ops(self) -> tuple[str, ...]:
        return tuple(self._ops)

    @property
    def extensions(self) -> tuple[str, ...]:
        """The names of the types that plugins own."""
        return tuple(kind.name for kind in self._types if isinstance(kind, ExtensionType))

    def text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def names(self, names: Iterable[str]) -> list[int]:
        """The numbers of many texts, most of them new."""
        texts = self._texts
        return [texts.setdefault(name, len(texts)) for name in names]

    def op_column(self, names: Sequence[str]) -> list[int]:
        """The numbers of many ops, few of them different."""
        for name in dict.fromkeys(names):
            if name not in self._ops:
                self.text(name)
                self._ops[name] = len(self._ops)
        return list(map(self._ops.__getitem__, names))

    def type_column(self, kinds: Sequence[Type]) -> list[int]:
        """The numbers of many types, few of them different objects: their identity is quicker to compare."""
        objects = {id(kind): kind for kind in kinds}
        numbers = {identity: self.type(kind) for identity, kind in objects.items()}
        return list(map(numbers.__getitem__, map(id, kinds)))

    def type(self, kind: Type) -> int:
        number = self._types.get(kind)
        if number is None:
            row = self._type_row(kind)
            number = self._types[kind] = len(self._type_rows)
            self._type_rows.append(row)
        return number

    def _type_row(self, kind: Type) -> list[int]:
        match kind:
            case ArrayType():
                return [ARRAY, self.type(kind.element), len(kind.shape), *map(self._dimension, kind.shape)]
            case TupleType():
                return [TUPLE, len(kind.elements), *map(self.type, kind.elements)]
            case ExtensionType():
                return [EXTENSION, self.text(kind.name)]
            case _:
                if _SCALARS.get(str(kind)) != kind:
                    raise ModuleError("HY3016", f"a module file cannot hold the type {kind}")
                return [SCALAR, self.text(str(kind))]

    def _dimension(self, size: int | str) -> int:
        return 2 * size if isinstance(size, int) else 2 * self.text(size) + 1

    def attributes(self, attributes: Attributes) -> int:
        if not attributes:
            return 0
        row = tuple((self.text(name), self._value(value)) for name, value in attributes)
        return self._attributes.setdefault(row, len(self._attributes))

    def _value(self, value: Attribute) -> int:
        form = self._form(value)
        return self._values.setdefault(form, len(self._values))

    def _form(self, value: Attribute) -> tuple[int, int]:
        match value:
            case bool():
                return BOOL, int(value)
            case int():
                if -(1 << 63) <= value < 1 << 63:
                    return INT, 2 * value if value >= 0 else -2 * value - 1
                if value.bit_length() > LONGEST:
                    raise ModuleError("HY3016", f"a module file holds integers of at most {LONGEST} bits")
                return LARGE, self.text(f"{value:x}")
            case float():
                return FLOAT, int.from_bytes(struct.pack("<d", value), "little")
            case str():
                return TEXT, self.text(value)
            case tuple():
                items = tuple(map(self._value, value))
                return ITEMS, self._tuples.setdefault(items, len(self._tuples))

    def write(self, out: Writer) -> None:
        out.texts(list(self._texts))
        out.uint(len(self._type_rows))
        for row in self._type_rows:
            for number in row:
                out.uint(number)
        out.counted([self._texts[name] for name in self._ops])
        out.uint(len(self._values))
        out.column([form for form, _ in self._values])
        out.column([payload for _, payload in self._values])
        _write_rows(out, list(self._tuples), 1)
        _write_rows(out, [tuple(n for pair in row for n in pair) for row in self._attributes], 2)


def _write_rows(out: Writer, rows: Sequence[tuple[int, ...]], columns: int) -> None:
    out.counted([len(row) // columns for row in rows])
    for column in range(columns):
        out.column([n for row in rows for n in row[column::columns]])
