"""The elements of the pieces of `par.reduce`, a column of one element of each lane's piece at a time.

Lane i goes over `size` elements from `start + i * size`. Memory is read by rows that are turned; what lies in the
opposite order as well, each row the other way round. Other strides are read element by element, and what is computed is
computed in lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hyperion.ir.types import BoolType, Type
from hyperion_llvm.sources import Array, Progression, Source, Strided, element_at, product, resized, total
from hyperion_llvm.target import TargetSpec
from hyperion_llvm.text import Writer, memory_bytes, memory_type, scalar_type, vector_type
from hyperion_llvm.transpose import columns, shuffle

WIDEST_ROW = 16
"""Most columns turned at once; each is a copy of the regions in the code."""


@dataclass(slots=True)
class Lanes:
    """Reads columns in a function that has `%start` and `%size`."""

    writer: Writer
    target: TargetSpec
    lanes: int
    elements: Sequence[Type]
    sources: Sequence[Source]
    width: int = field(init=False)
    _rows: list[str] = field(init=False)
    _firsts: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        w, register = self.writer, self.target.vector_bits // 8
        self.width = min(WIDEST_ROW, *(register // memory_bytes(t) for t in self.elements))
        self._rows = [w.set(f"mul i64 %size, {lane}", "row") for lane in range(self.lanes)]
        moving = [k for k, x in enumerate(self.sources) if isinstance(x, Progression) and x.step != "0"]
        self._firsts = {k: self._first(k) for k in moving}

    def _first(self, position: int) -> str:
        """The element of each lane of a progression in column 0."""
        return self._each_lane(position, "0")

    def column(self, column: str) -> list[str]:
        """One element of each lane's piece, of every source."""
        return [self._column(position, column) for position in range(len(self.sources))]

    def columns(self, column: str) -> list[list[str]]:
        """As many columns as a row is wide, from this one on, of every source."""
        return [self._columns(position, column) for position in range(len(self.sources))]

    def to_alignment(self) -> str:
        """The column, 1 to `width`, at which the first lane's row begins a register's worth of memory."""
        w = self.writer
        found = next((k for k, x in enumerate(self.sources) if isinstance(x, Array)), None)
        if found is None:
            return "1"
        source, kind = self.sources[found], memory_type(self.elements[found])
        assert isinstance(source, Array)
        size = memory_bytes(self.elements[found])
        address = w.set(f"ptrtoint ptr {w.set(f'getelementptr {kind}, ptr {source.data}, i64 %start')} to i64")
        past = w.set(f"and i64 {w.set(f'lshr i64 {address}, {size.bit_length() - 1}')}, {self.width - 1}")
        column = w.set(f"sub i64 {self.width}, {past}")
        return w.set(f"call i64 @llvm.umin.i64(i64 {column}, i64 %size)", "aligned")

    def _column(self, position: int, column: str) -> str:
        if position in self._firsts:
            return self._progressed(position, column)
        return self._each_lane(position, column)

    def _each_lane(self, position: int, column: str) -> str:
        w, element = self.writer, self.elements[position]
        kind, vector = vector_type(element, self.lanes), "poison"
        for lane, row in enumerate(self._rows):
            index = w.set(f"add i64 {w.set(f'add i64 %start, {row}')}, {column}")
            value = element_at(w, element, self.sources[position], index)
            vector = w.set(f"insertelement {kind} {vector}, {scalar_type(element)} {value}, i64 {lane}")
        return vector

    def _progressed(self, position: int, column: str) -> str:
        """A column of a progression: column 0, moved by the same distance in each lane."""
        w, element, source = self.writer, self.elements[position], self.sources[position]
        assert isinstance(source, Progression)
        kind, vector = scalar_type(element), vector_type(element, self.lanes)
        distance = product(w, kind, resized(w, element, column), source.step)
        one = w.set(f"insertelement {vector} poison, {kind} {distance}, i64 0")
        every = w.set(f"shufflevector {vector} {one}, {vector} poison, <{self.lanes} x i32> zeroinitializer")
        return w.set(f"add {vector} {self._firsts[position]}, {every}")

    def _columns(self, position: int, column: str) -> list[str]:
        w, source = self.writer, self.sources[position]
        if isinstance(source, Array) or (isinstance(source, Strided) and source.stride == "-1"):
            return self._turned(self.elements[position], source, column)
        return [self._column(position, total(w, "i64", column, str(k))) for k in range(self.width)]

    def _turned(self, element: Type, source: Array | Strided, column: str) -> list[str]:
        w, width, memory, size = self.writer, self.width, memory_type(element), memory_bytes(element)
        forward = isinstance(source, Array)
        start = w.set(f"add i64 %start, {column}")
        if not forward:
            start = w.set(f"sub i64 {1 - width}, {start}")
        base = w.set(f"getelementptr {memory}, ptr {source.data}, i64 {start}", "p")
        distance = self.target.prefetch // size
        rows: list[str] = []
        for row in self._rows:
            offset = row if forward else w.set(f"sub i64 0, {row}")
            place = w.set(f"getelementptr {memory}, ptr {base}, i64 {offset}", "p")
            loaded = w.set(f"load <{width} x {memory}>, ptr {place}, align {size}", "row")
            rows.append(loaded if forward else shuffle(w, memory, width, loaded, "poison", range(width - 1, -1, -1)))
            if distance and width * size >= 32:
                ahead = w.set(f"getelementptr {memory}, ptr {place}, i64 {distance if forward else -distance}", "p")
                w.emit(f"call void @llvm.prefetch.p0(ptr {ahead}, i32 0, i32 3, i32 1)")
        vectors = columns(w, rows, memory, width)
        if isinstance(element, BoolType):
            return [w.set(f"icmp ne <{self.lanes} x i8> {v}, zeroinitializer", "x") for v in vectors]
        return vectors
