"""Whether a section IR is written in the one way that the writer has, without writing it again: its tables hold nothing
twice, and their numbers are given in the order of first use.

The reader tells each function's columns in the order in which the writer fills them.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.module.table_order import Numbers, require
from hyperion.module.table_reader import TableReader
from hyperion.module.table_writer import ITEMS, LARGE, LONGEST, TEXT


class FirstUses:
    """The tables of one section. Each method raises `OutOfOrder` where the writer would have written something else."""

    def __init__(self, tables: TableReader) -> None:
        self._tables = tables
        self._texts = Numbers(tables.texts)
        self._types = Numbers(tables.types)
        self._ops = Numbers(tables.op_texts)
        self._values = Numbers(tables.value_rows)
        self._tuples = Numbers(tables.tuple_rows)
        self._attributes = Numbers(tables.attribute_rows, seen=1)
        self._bodies: set[tuple[bytes, tuple[int, ...]]] = set()
        require(tables.attribute_rows[:1] == [()])

    def function(
        self, name: int, names: Sequence[int], types: Sequence[int], ops: Sequence[int], attributes: Sequence[int]
    ) -> None:
        """The next function: its name, then its columns of texts, types, ops and attributes."""
        self._texts.use(name)
        require(len(set(names)) == len(names))
        self._texts.use_all(names)
        for number in self._types.new(types):
            self._type(number)
        for number in self._ops.new(ops):
            self._texts.use(self._tables.op_texts[number])
            self._ops.use(number)
        for number in self._attributes.new(attributes):
            row = self._tables.attribute_rows[number]
            for text, value in zip(row[::2], row[1::2], strict=True):
                self._texts.use(text)
                self._value(value)
            self._attributes.use(number)

    def body(self, data: bytes, places: tuple[int, ...]) -> None:
        """The bytes and the places of the next function, which no other has."""
        key = data, places
        require(key not in self._bodies)
        self._bodies.add(key)

    def _type(self, number: int) -> None:
        if number >= self._types.seen:
            parts, texts = self._tables.type_parts[number]
            for part in parts:
                self._type(part)
            for text in texts:
                self._texts.use(text)
            self._types.use(number)

    def _value(self, number: int) -> None:
        if number >= self._values.seen:
            form, payload = self._tables.value_rows[number]
            if form == ITEMS:
                for item in self._tables.tuple_rows[payload]:
                    self._value(item)
                self._tuples.use(payload)
            elif form in (LARGE, TEXT):
                require(form == TEXT or _is_large(self._tables.texts[payload]))
                self._texts.use(payload)
            self._values.use(number)

    def end(self) -> None:
        """Everything in the tables was used."""
        for numbers in (self._texts, self._types, self._ops, self._values, self._tuples, self._attributes):
            numbers.end()


def _is_large(text: str) -> bool:
    """Whether it is how the writer writes an integer that is too large for the other form."""
    value = int(text, 16)
    return text == f"{value:x}" and not -(1 << 63) <= value < 1 << 63 and value.bit_length() <= LONGEST
