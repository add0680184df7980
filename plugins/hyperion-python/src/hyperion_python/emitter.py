"""Appends equations to blocks: fresh names, constants said once, facts about values."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from hyperion.errors import Span
from hyperion.ir.function import Attribute, Equation, Region, Value
from hyperion.ir.ops import is_total
from hyperion.ir.rounding import round_float
from hyperion.ir.scalars import float_text
from hyperion.ir.types import I64, FloatType, Type
from hyperion_python.operands import Origin

_CHEAP = 4  # equations that may run although their branch is not taken


@dataclass(slots=True)
class Block:
    """A list of equations being written; inner blocks see the constants and lengths of outer ones."""

    parent: Block | None = None
    equations: list[Equation] = field(default_factory=list[Equation])
    known: dict[tuple[str, str, Type], Value] = field(default_factory=dict[tuple[str, str, Type], Value])

    def find(self, key: tuple[str, str, Type]) -> Value | None:
        block: Block | None = self
        while block is not None:
            if key in block.known:
                return block.known[key]
            block = block.parent
        return None

    @property
    def total(self) -> bool:
        """Whether nothing in it traps or diverges."""
        return all(is_total(e) for e in self.equations)

    @property
    def cheap(self) -> bool:
        """Total, straight, and short enough to run where it is not needed."""
        return self.total and len(self.equations) <= _CHEAP and not any(e.regions for e in self.equations)


class Emitter:
    """Where the equations of one function go. `span` is the place of the expression that is being lowered."""

    def __init__(self, span: Span) -> None:
        self.block = Block()
        self.span = span
        self.least: dict[str, int] = {}  # lower bounds of integer values
        self.exact: dict[str, int] = {}  # values of integer constants
        self.length_of: dict[str, str] = {}  # a value that is the length of the array of that name
        self.measured: dict[str, Value] = {}  # a value that is the length of the array, and that array
        self.vector_of: dict[str, tuple[Value, int]] = {}  # a vector -> the matrix of one column or row that it was
        self.same_size: dict[str, str] = {}  # an updated array -> the array it came from
        self.weak: dict[str, frozenset[Origin]] = {}  # values that may still adopt another type
        self._taken: dict[str, int] = {}

    @property
    def _facts(self) -> tuple[dict[str, object], ...]:
        """What is known of values, by their names."""
        return (
            self.least, self.exact, self.length_of, self.measured, self.vector_of, self.same_size, self.weak,
        )  # fmt: skip  # pyright: ignore[reportReturnType]  nothing new is put in

    def fresh(self, stem: str) -> str:
        """A name no other value of the function has."""
        number = self._taken.get(stem)
        if number is None:
            self._taken[stem] = 0
            return stem
        while True:
            number += 1
            name = f"{stem}.{number}"
            if name not in self._taken:
                self._taken[stem] = number
                self._taken[name] = 0
                return name

    def names(self) -> dict[str, int]:
        """The names taken, to go back to when a loop is lowered again."""
        return dict(self._taken)

    def restore_names(self, taken: dict[str, int]) -> None:
        self._taken = dict(taken)
        for table in self._facts:
            for name in [n for n in table if n not in taken]:
                del table[name]

    @contextmanager
    def at(self, span: Span) -> Generator[None, None, None]:
        before, self.span = self.span, span
        try:
            yield
        finally:
            self.span = before

    @contextmanager
    def inside(self, block: Block) -> Generator[Block, None, None]:
        before, self.block = self.block, block
        try:
            yield block
        finally:
            self.block = before

    def child(self) -> Block:
        return Block(self.block)

    def equation(
        self,
        op: str,
        operands: Sequence[Value],
        types: Sequence[Type],
        *,
        names: Sequence[str] = (),
        attributes: Sequence[tuple[str, Attribute]] = (),
        regions: Sequence[Region] = (),
    ) -> tuple[Value, ...]:
        stems = [*names, *("v" for _ in types[len(names) :])]
        results = tuple(Value(self.fresh(stem), kind) for stem, kind in zip(stems, types, strict=True))
        self.block.equations.append(
            Equation(results, op, tuple(operands), tuple(attributes), tuple(regions), self.span)
        )
        return results

    def emit(
        self, op: str, operands: Sequence[Value], kind: Type, attributes: Sequence[tuple[str, Attribute]] = ()
    ) -> Value:
        """An equation with one result."""
        (value,) = self.equation(op, operands, (kind,), attributes=attributes)
        return value

    def constant(self, value: bool | int | float, kind: Type) -> Value:
        """A literal of a type that holds it; a float is rounded to the width of `kind`."""
        if isinstance(kind, FloatType):
            literal: bool | int | str = float_text(round_float(float(value), kind))
        else:
            assert not isinstance(value, float)
            literal = value
        key = ("const", f"{literal!r}", kind)
        found = self.block.find(key)
        if found is not None:
            return found
        result = self.equation("const", (), (kind,), names=("c",), attributes=(("value", literal),))[0]
        if isinstance(literal, int) and not isinstance(literal, bool):
            self.least[result.name] = self.exact[result.name] = literal
        self.block.known[key] = result
        return result

    def length(self, array: Value) -> Value:
        """The length of an array, computed once per scope; updates of an array share it."""
        root = self.root(array.name)
        key = ("len", root, I64)
        found = self.block.find(key)
        if found is None:
            found = self.emit("len", (array,), I64)
            self.length_of[found.name] = root
            self.measured[found.name] = array
            self.least[found.name] = 0
            self.block.known[key] = found
        return found

    def columns(self, matrix: Value) -> Value:
        """The second size of a matrix, computed once per scope."""
        key = ("columns", self.root(matrix.name), I64)
        found = self.block.find(key)
        if found is None:
            found = self.emit("dim", (matrix,), I64, (("axis", 1),))
            self.has_columns(matrix, found)
        return found

    def has_columns(self, matrix: Value, columns: Value) -> None:
        self.least[columns.name] = max(0, self.least.get(columns.name, 0))
        self.block.known["columns", self.root(matrix.name), I64] = columns

    def has_length(self, array: Value, length: Value) -> None:
        """Notes the length of a new array."""
        self.block.known["len", self.root(array.name), I64] = length

    def root(self, name: str) -> str:
        while name in self.same_size:
            name = self.same_size[name]
        return name

    def splice(self, block: Block) -> None:
        """Appends the equations of a child of the present block to it."""
        self.block.equations.extend(block.equations)
        self.block.known.update(block.known)

    def call_it(self, value: Value, stem: str) -> Value:
        """Names the result of the last equation, if that is `value` under an automatic name."""
        last = self.block.equations[-1] if self.block.equations else None
        if last is None or last.results != (value,) or not (value.name == "v" or value.name.startswith("v.")):
            return value
        renamed = Value(self.fresh(stem), value.type)
        self.block.equations[-1] = replace(last, results=(renamed,))
        for table in self._facts:
            if value.name in table:
                table[renamed.name] = table[value.name]
        for key, known in list(self.block.known.items()):
            if known == value:
                self.block.known[key] = renamed
        return renamed


def close(block: Block, results: Sequence[Value], parameters: Sequence[Value] = ()) -> Region:
    """The region that a block became."""
    return Region(tuple(parameters), tuple(block.equations), tuple(results))
