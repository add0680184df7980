"""The functions that summarise pieces for `par.reduce`: one piece to a lane of a vector, or one with scalars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Region, Value
from hyperion.ir.types import BOOL, BoolType, IntType, Type
from hyperion_llvm.arrays import load_element
from hyperion_llvm.loops import plain
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.text import Writer, memory_bytes, memory_type, scalar_type, vector_type
from hyperion_llvm.transpose import columns

REGROUPED = frozenset(("add.wrap", "mul.wrap", "max", "min", "and", "or", "xor"))
"""Operations on integers of which LLVM makes a reduction by vectors."""
WIDEST_ROW = 16
"""Most columns turned at once; each is a copy of the regions in the code."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One par.reduce: its cut, element types, regions, and the outer scalars that lift, mul and guard read."""

    lanes: int
    piece: int
    elements: tuple[Type, ...]
    lift: Region
    multiply: Region
    act: Region
    guard: Region | None
    captured: tuple[Value, ...]

    @property
    def summary(self) -> list[Type]:
        return [v.type for v in self.lift.results]

    @property
    def slot_bytes(self) -> int:
        return max((memory_bytes(t) for t in self.summary), default=1)

    @property
    def group_bytes(self) -> int:
        """The bytes of the summaries of one piece per lane."""
        return max(1, self.lanes * self.slot_bytes * len(self.summary))

    @property
    def job_type(self) -> str:
        kinds = ["ptr"] * (len(self.elements) + 2) + [scalar_type(v.type) for v in self.captured]
        return f"{{{', '.join(kinds)}}}"

    @property
    def vector_lanes(self) -> int:
        """The lanes of one vector; 0 where pieces are summarised one by one: the number is no power of two, or LLVM
        makes vectors of the elements of a piece, which then need not be turned."""
        return self.lanes if self.lanes > 1 and self.lanes & (self.lanes - 1) == 0 and not self.plain else 0

    @property
    def plain(self) -> bool:
        """Whether each component is a sum, a maximum or the like, of integers, by itself."""
        m = len(self.summary)
        made = {e.results[0].name: e for e in self.multiply.equations}
        later, earlier = self.multiply.parameters[:m], self.multiply.parameters[m:]
        for result, a, b in zip(self.multiply.results, later, earlier, strict=True):
            made_by = made.get(result.name)
            if made_by is None or made_by.op not in REGROUPED or {v.name for v in made_by.operands} != {a.name, b.name}:
                return False
        return all(isinstance(kind, IntType | BoolType) for kind in self.summary)


def write_functions(lowering: Lowering, shape: Shape, name: str) -> None:
    functions = lowering.module.functions
    place = len(functions)
    functions.append("")  # holds the name's number
    last = Summariser(lowering, shape, 0)
    lines = last.function(f"{name}.last", "i64 %start, i64 %stop, i64 %group", last.one_piece)
    many = Summariser(lowering, shape, shape.vector_lanes)
    write = many.vector_pieces if shape.vector_lanes else lambda: many.piece_by_piece(name)
    lines += many.function(f"{name}.lanes", "i64 %start, i64 %size, i64 %group", write)
    lines += _block(shape, name)
    functions[place] = "\n".join(lines)


def _block(shape: Shape, name: str) -> list[str]:
    return [
        f"define internal void @{name}.block(i64 %index, ptr %job) #0 {{",
        f"  %start = mul i64 %index, {shape.lanes * shape.piece}",
        f"  call void @{name}.lanes(ptr %job, i64 %start, i64 {shape.piece}, i64 %index)",
        "  ret void",
        "}",
    ]


def load_summary(w: Writer, shape: Shape, summaries: str, index: str) -> list[str]:
    """The summary of piece `index`: its group, then component by component."""
    group = w.set(f"udiv i64 {index}, {shape.lanes}")
    lane = w.set(f"urem i64 {index}, {shape.lanes}")
    base = w.set(f"getelementptr i8, ptr {summaries}, i64 {w.set(f'mul i64 {group}, {shape.group_bytes}')}", "p")
    out: list[str] = []
    for component, kind in enumerate(shape.summary):
        place = component_place(w, shape, base, component)
        out.append(load_element(w, kind, place, lane))
    return out


def component_place(w: Writer, shape: Shape, group: str, component: int) -> str:
    return w.set(f"getelementptr i8, ptr {group}, i64 {component * shape.lanes * shape.slot_bytes}", "p")


class Summariser:
    """Writes one function that computes summaries with `lanes` lanes (0: with scalars)."""

    def __init__(self, outer: Lowering, shape: Shape, lanes: int) -> None:
        self.shape = shape
        self.lanes = lanes
        self.lowering = Lowering(outer.module, outer.function, {})
        self.lowering.ranges = outer.ranges
        self.lowering.lanes = lanes
        self.writer = self.lowering.writer
        self.slots: list[str] = []
        self.guard = ""

    def function(self, name: str, parameters: str, write: object) -> list[str]:
        assert callable(write)
        self._open()
        write()
        header = f"define internal void @{name}(ptr noalias readonly %job, {parameters}) noinline #0 {{"
        return [header, *self.writer.body(), "  ret void", "}"]

    def _open(self) -> None:
        """Loads the job's arrays, places and captured scalars."""
        fields = [self._field(i) for i in range(len(self.shape.elements) + 2)]
        *self.data, self.summaries, self.guard_place = fields
        for position, value in enumerate(self.shape.captured, len(fields)):
            scalar = self._field(position, scalar_type(value.type))
            self.lowering.values[value.name] = self._splat(scalar, value.type)

    def _field(self, position: int, kind: str = "ptr") -> str:
        w = self.writer
        place = w.set(f"getelementptr {self.shape.job_type}, ptr %job, i32 0, i32 {position}", "p")
        return w.load(kind, place, "field")

    def _splat(self, scalar: str, kind: Type) -> str:
        if not self.lanes:
            return scalar
        vector = vector_type(kind, self.lanes)
        one = self.writer.set(f"insertelement {vector} poison, {scalar_type(kind)} {scalar}, i64 0")
        return self.writer.set(f"shufflevector {vector} {one}, {vector} poison, <{self.lanes} x i32> zeroinitializer")

    # Steps

    def first(self, elements: Sequence[str]) -> None:
        """Starts the summary with the first elements."""
        w = self.writer
        summary = self.lowering.total(self.shape.lift, elements)
        kinds = [vector_type(t, self.lanes) for t in self.shape.summary]
        self.slots = [w.variable(k, v, "r") for k, v in zip(kinds, summary, strict=True)]
        if self.shape.guard is not None:
            (held,) = self.lowering.total(self.shape.guard, elements)
            self.guard = w.variable(vector_type(BOOL, self.lanes), held, "guard")

    def load(self) -> list[str]:
        kinds = [vector_type(t, self.lanes) for t in self.shape.summary]
        return [self.writer.load(k, s, "r") for k, s in zip(kinds, self.slots, strict=True)]

    def store(self, summary: Sequence[str]) -> None:
        for kind, value, slot in zip(self.shape.summary, summary, self.slots, strict=True):
            self.writer.store(vector_type(kind, self.lanes), value, slot)

    def later(self, elements: Sequence[str], summary: Sequence[str]) -> list[str]:
        """R = mul(lift x, R)."""
        if self.shape.guard is not None:
            w = self.writer
            flag = vector_type(BOOL, self.lanes)
            (held,) = self.lowering.total(self.shape.guard, elements)
            w.store(flag, w.set(f"and {flag} {held}, {w.load(flag, self.guard)}"), self.guard)
        lifted = self.lowering.total(self.shape.lift, elements)
        return self.lowering.total(self.shape.multiply, [*lifted, *summary])

    def finish(self, group: str, lane: str = "0") -> None:
        """Writes the summaries, and the guard if it failed."""
        w = self.writer
        offset = w.set(f"mul i64 {group}, {self.shape.group_bytes}")
        base = w.set(f"getelementptr i8, ptr {self.summaries}, i64 {offset}", "p")
        for component, (kind, value) in enumerate(zip(self.shape.summary, self.load(), strict=True)):
            place = component_place(w, self.shape, base, component)
            memory = f"<{self.lanes} x {memory_type(kind)}>" if self.lanes else memory_type(kind)
            if kind == BOOL:
                value = w.set(f"zext {vector_type(kind, self.lanes)} {value} to {memory}")
            place = w.offset(memory_type(kind), place, lane)
            w.emit(f"store {memory} {value}, ptr {place}, align {memory_bytes(kind)}")
        if self.shape.guard is not None:
            self._finish_guard()

    def _finish_guard(self) -> None:
        w = self.writer
        held = w.load(vector_type(BOOL, self.lanes), self.guard)
        if self.lanes:
            held = w.set(f"call i1 @llvm.vector.reduce.and.v{self.lanes}i1(<{self.lanes} x i1> {held})", "c")
        failed, on = w.fresh("failed"), w.fresh("on")
        w.branch(held, on, failed)
        w.start(failed)
        w.emit(f"store atomic i8 0, ptr {self.guard_place} monotonic, align 1")
        w.jump(on)
        w.start(on)

    # Whole functions

    def one_piece(self) -> None:
        self._scalar_piece("%start", "%stop")
        self.finish("%group")

    def _scalar_piece(self, start: str, stop: str) -> None:
        w = self.writer
        self.first(self._elements(start))
        second = w.set(f"add i64 {start}, 1")
        plain(w, second, stop, lambda i: self.store(self.later(self._elements(i), self.load())))

    def _elements(self, index: str) -> list[str]:
        pairs = zip(self.shape.elements, self.data, strict=True)
        return [load_element(self.writer, t, data, index) for t, data in pairs]

    def piece_by_piece(self, name: str) -> None:
        w = self.writer

        def one(lane: str) -> None:
            start = w.set(f"add i64 %start, {w.set(f'mul i64 {lane}, %size')}")
            self._scalar_piece(start, w.set(f"add i64 {start}, %size"))
            self.finish("%group", lane)

        plain(w, "0", str(self.shape.lanes), one)

    def vector_pieces(self) -> None:
        """One column by gathering, columns by gathering up to an aligned address, rows turned, the rest gathered."""
        w = self.writer
        self.first(self._gather("0"))
        width = self._row_width()
        offsets = [w.set(f"mul i64 %size, {lane}", "row") for lane in range(self.lanes)]
        aligned = self._to_alignment(width)
        plain(w, "1", aligned, self._gathered_step)
        whole = w.set(f"udiv i64 {w.set(f'sub i64 %size, {aligned}')}, {width}")
        plain(w, "0", whole, lambda i: self._rows_step(w.set(f"mul i64 {i}, {width}"), aligned, width, offsets))
        rest = w.set(f"add i64 {aligned}, {w.set(f'mul i64 {whole}, {width}')}")
        plain(w, rest, "%size", self._gathered_step)
        self.finish("%group")

    def _row_width(self) -> int:
        register = self.lowering.module.target.vector_bits // 8
        return min(WIDEST_ROW, *(register // memory_bytes(t) for t in self.shape.elements))

    def _to_alignment(self, width: int) -> str:
        """The column, 1 to `width`, at which the first lane's row begins a register's worth of memory."""
        w = self.writer
        kind = memory_type(self.shape.elements[0])
        size = memory_bytes(self.shape.elements[0])
        address = w.set(f"ptrtoint ptr {w.set(f'getelementptr {kind}, ptr {self.data[0]}, i64 %start')} to i64")
        past = w.set(f"and i64 {w.set(f'lshr i64 {address}, {size.bit_length() - 1}')}, {width - 1}")
        column = w.set(f"sub i64 {width}, {past}")
        return w.set(f"call i64 @llvm.umin.i64(i64 {column}, i64 %size)", "aligned")

    def _gathered_step(self, column: str) -> None:
        self.store(self.later(self._gather(column), self.load()))

    def _gather(self, column: str) -> list[str]:
        """One element of each lane's piece, of every array."""
        w = self.writer
        out: list[str] = []
        for kind, data in zip(self.shape.elements, self.data, strict=True):
            vector = "poison"
            for lane in range(self.lanes):
                row = w.set(f"add i64 %start, {w.set(f'mul i64 %size, {lane}')}")
                value = load_element(w, kind, data, w.set(f"add i64 {row}, {column}"))
                vector = w.set(
                    f"insertelement {vector_type(kind, self.lanes)} {vector}, {scalar_type(kind)} {value}, i64 {lane}"
                )
            out.append(vector)
        return out

    def _rows_step(self, column: str, aligned: str, width: int, offsets: Sequence[str]) -> None:
        w = self.writer
        start = w.set(f"add i64 %start, {w.set(f'add i64 {column}, {aligned}')}")
        turned = [
            self._rows(kind, data, start, width, offsets)
            for kind, data in zip(self.shape.elements, self.data, strict=True)
        ]
        summary = self.load()
        for position in range(width):
            summary = self.later([vectors[position] for vectors in turned], summary)
        self.store(summary)

    def _rows(self, kind: Type, data: str, start: str, width: int, offsets: Sequence[str]) -> list[str]:
        w = self.writer
        memory = memory_type(kind)
        base = w.set(f"getelementptr inbounds {memory}, ptr {data}, i64 {start}", "p")
        rows: list[str] = []
        distance = self.lowering.module.target.prefetch // memory_bytes(kind)
        for offset in offsets:
            place = w.set(f"getelementptr inbounds {memory}, ptr {base}, i64 {offset}", "p")
            rows.append(w.set(f"load <{width} x {memory}>, ptr {place}, align {memory_bytes(kind)}", "row"))
            if distance and width * memory_bytes(kind) >= 32:
                ahead = w.set(f"getelementptr {memory}, ptr {place}, i64 {distance}", "p")
                w.emit(f"call void @llvm.prefetch.p0(ptr {ahead}, i32 0, i32 3, i32 1)")
        vectors = columns(w, rows, memory, width)
        if isinstance(kind, BoolType):
            bytes_ = f"<{self.lanes} x i8>"
            return [w.set(f"icmp ne {bytes_} {v}, zeroinitializer", "x") for v in vectors]
        return vectors
