"""The functions that summarise pieces for `par.reduce`: one piece to a lane of a vector, or one with scalars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hyperion.ir.function import Region, Value
from hyperion.ir.types import BOOL, BoolType, IntType, Type
from hyperion_llvm.counting import plain
from hyperion_llvm.element_tests import ElementTest, element_test
from hyperion_llvm.lanes import Lanes
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.running import Running, States
from hyperion_llvm.sources import Field, Source, element_at, fields, handed, load_element
from hyperion_llvm.text import Writer, memory_bytes, memory_type, scalar_type, vector_type

REGROUPED = frozenset(("add.wrap", "mul.wrap", "max", "min", "and", "or", "xor"))
"""Operations on integers of which LLVM makes a reduction by vectors."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One par.reduce: its cut, elements and where they come from, regions, and the outer scalars that lift, mul and
    guard read."""

    lanes: int
    piece: int
    elements: tuple[Type, ...]
    sources: tuple[Source, ...]
    lift: Region
    multiply: Region
    act: Region
    guard: Region | None
    captured: tuple[Value, ...]
    running: Running | None = None  # where the elements are made by a scan of the sources
    growing: int = 0  # how many pieces of one element come first; 0 for pieces that do not grow
    batched: bool = False  # whether only some of the full blocks are summarised at a time

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
    def fields(self) -> list[list[Field]]:
        """What the pieces must be handed of each source."""
        return [fields(x, t) for x, t in zip(self.sources, self.elements, strict=True)]

    @property
    def job_type(self) -> str:
        kinds = [kind for each in self.fields for kind, _ in each] + ["ptr", "ptr"]
        kinds += [scalar_type(v.type) for v in self.captured]
        kinds += ["i64"] if self.has_base else []
        kinds += ["ptr"] if self.running else []  # the states that enter the pieces
        return f"{{{', '.join(kinds)}}}"

    @property
    def summaries_field(self) -> int:
        """The place of the summaries in the job."""
        return sum(map(len, self.fields))

    @property
    def has_base(self) -> bool:
        """Whether the job says where the first block starts."""
        return bool(self.growing) or self.batched

    @property
    def base_field(self) -> int:
        """The place in the job of where the first block starts, or of the states where a scan runs."""
        return self.summaries_field + 2 + len(self.captured)

    @property
    def vector_lanes(self) -> int:
        """The lanes of one vector; 0 where pieces are summarised one by one: the number is no power of two, or LLVM
        makes vectors of the elements of a piece, which then need not be turned."""
        return (
            self.lanes
            if self.lanes > 1 and self.lanes & (self.lanes - 1) == 0 and (self.running or not self.plain)
            else 0
        )

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
    lines += block_function(shape, name)
    functions[place] = "\n".join(lines)


def job_place(w: Writer, shape: Shape, job: str, position: int) -> str:
    """Where a field of the job lies."""
    return w.set(f"getelementptr {shape.job_type}, ptr {job}, i32 0, i32 {position}", "p")


def block_function(shape: Shape, name: str) -> list[str]:
    start = [f"  %start = mul i64 %index, {shape.lanes * shape.piece}"]
    if shape.has_base:
        start = [
            f"  %place = getelementptr {shape.job_type}, ptr %job, i32 0, i32 {shape.base_field}",
            "  %base = load i64, ptr %place",
            f"  %from = mul i64 %index, {shape.lanes * shape.piece}",
            "  %start = add i64 %base, %from",
        ]
    return [
        f"define internal void @{name}.block(i64 %index, ptr %job) #0 {{",
        *start,
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


Again = Callable[[Callable[[Sequence[str]], None]], None]
"""Runs something on the elements of a piece, or of one piece for each lane."""


class Summariser:
    """Writes one function that computes summaries with `lanes` lanes (0: with scalars)."""

    def __init__(self, outer: Lowering, shape: Shape, lanes: int) -> None:
        self.shape = shape
        self.lanes = lanes
        self.lowering = Lowering(outer.module, outer.function, {})
        self.lowering.ranges = outer.ranges
        self.lowering.lanes = lanes
        self.writer = self.lowering.writer
        self.sources: list[Source] = []
        self.slots: list[str] = []
        self.states: States | None = None
        self.guard = element_test(self.lowering, shape.guard) if shape.guard is not None else None

    def function(self, name: str, parameters: str, write: object) -> list[str]:
        assert callable(write)
        self._open()
        write()
        header = f"define internal void @{name}(ptr noalias readonly %job, {parameters}) noinline #0 {{"
        return [header, *self.writer.body(), "  ret void", "}"]

    def _open(self) -> None:
        """Loads the job's arrays, places and captured scalars."""
        position = 0
        for source, handed_on in zip(self.shape.sources, self.shape.fields, strict=True):
            values = [self._field(position + k, kind) for k, (kind, _) in enumerate(handed_on)]
            self.sources.append(handed(source, values))
            position += len(handed_on)
        self.summaries, self.guard_place = self._field(position), self._field(position + 1)
        for place, value in enumerate(self.shape.captured, position + 2):
            scalar = self._field(place, scalar_type(value.type))
            self.lowering.values[value.name] = self._splat(scalar, value.type)

    def _field(self, position: int, kind: str = "ptr") -> str:
        return self.writer.load(kind, job_place(self.writer, self.shape, "%job", position), "field")

    def _splat(self, scalar: str, kind: Type) -> str:
        if not self.lanes:
            return scalar
        vector = vector_type(kind, self.lanes)
        one = self.writer.set(f"insertelement {vector} poison, {scalar_type(kind)} {scalar}, i64 0")
        return self.writer.set(f"shufflevector {vector} {one}, {vector} poison, <{self.lanes} x i32> zeroinitializer")

    # Elements that a scan makes

    def _enter(self, piece: str) -> None:
        """Begins at a piece, or at that and the pieces after it."""
        running = self.shape.running
        if running is not None:
            place = self._field(self.shape.base_field)
            self.states = States(self.writer, running, self.lanes, place, piece)

    def _made(self, elements: Sequence[str]) -> list[str]:
        """What the scan makes of the next elements, where there is one."""
        running = self.shape.running
        if running is None or self.states is None:
            return list(elements)
        values = self.lowering.total(running.step, [*elements, *self.states.load()])
        self.states.store(values)
        return [values[column] for column in running.columns]

    # Steps

    def first(self, elements: Sequence[str]) -> None:
        """Starts the summary with the first elements."""
        w = self.writer
        summary = self.lowering.total(self.shape.lift, elements)
        kinds = [vector_type(t, self.lanes) for t in self.shape.summary]
        self.slots = [w.variable(k, v, "r") for k, v in zip(kinds, summary, strict=True)]
        if self.guard is not None:
            self.guard.first(elements)

    def load(self) -> list[str]:
        kinds = [vector_type(t, self.lanes) for t in self.shape.summary]
        return [self.writer.load(k, s, "r") for k, s in zip(kinds, self.slots, strict=True)]

    def store(self, summary: Sequence[str]) -> None:
        for kind, value, slot in zip(self.shape.summary, summary, self.slots, strict=True):
            self.writer.store(vector_type(kind, self.lanes), value, slot)

    def later(self, elements: Sequence[str], summary: Sequence[str]) -> list[str]:
        """R = mul(lift x, R)."""
        if self.guard is not None:
            self.guard.later(elements)
        lifted = self.lowering.total(self.shape.lift, elements)
        return self.lowering.total(self.shape.multiply, [*lifted, *summary])

    def finish(self, group: str, again: Again, lane: str = "0") -> None:
        """Writes the summaries, and the guard if it failed; `again` goes over the elements once more where the test of
        them is in doubt."""
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
        if self.guard is not None:
            self._finish_guard(self.guard, again)
        if self.states is not None:
            self.states.leave()

    def _finish_guard(self, test: ElementTest, again: Again) -> None:
        w = self.writer
        doubt, failed, on = (w.fresh(hint) for hint in ("doubt", "failed", "on"))
        w.branch(self._in_all_lanes(test.holds()), on, failed if test.settles else doubt)
        if not test.settles:
            w.start(doubt)
            flag = vector_type(BOOL, self.lanes)
            place = w.variable(flag, "splat (i1 true)" if self.lanes else "true", "held")

            def one(elements: Sequence[str]) -> None:
                w.store(flag, w.set(f"and {flag} {test.exactly(elements)}, {w.load(flag, place)}"), place)

            if self.states is not None:
                self.states.again()
            again(one)
            w.branch(self._in_all_lanes(w.load(flag, place)), on, failed)
        w.start(failed)
        w.emit(f"store atomic i8 0, ptr {self.guard_place} monotonic, align 1")
        w.jump(on)
        w.start(on)

    def _in_all_lanes(self, truth: str) -> str:
        if not self.lanes:
            return truth
        return self.writer.set(f"call i1 @llvm.vector.reduce.and.v{self.lanes}i1(<{self.lanes} x i1> {truth})", "c")

    # Whole functions

    def one_piece(self) -> None:
        self._enter(self.writer.set(f"mul i64 %group, {self.shape.lanes}", "piece"))
        self._scalar_piece("%start", "%stop")
        self.finish("%group", self._elements_from("%start", "%stop"))

    def _scalar_piece(self, start: str, stop: str) -> None:
        w = self.writer
        self.first(self._elements(start))
        second = w.set(f"add i64 {start}, 1")
        plain(w, second, stop, lambda i: self.store(self.later(self._elements(i), self.load())))

    def _elements_from(self, start: str, stop: str) -> Again:
        return lambda body: plain(self.writer, start, stop, lambda i: body(self._elements(i)))

    def _elements(self, index: str) -> list[str]:
        pairs = zip(self.shape.elements, self.sources, strict=True)
        return self._made([element_at(self.writer, t, source, index) for t, source in pairs])

    def piece_by_piece(self, name: str) -> None:
        w = self.writer

        def one(lane: str) -> None:
            start = w.set(f"add i64 %start, {w.set(f'mul i64 {lane}, %size')}")
            stop = w.set(f"add i64 {start}, %size")
            self._enter(w.set(f"add i64 {w.set(f'mul i64 %group, {self.shape.lanes}')}, {lane}", "piece"))
            self._scalar_piece(start, stop)
            self.finish("%group", self._elements_from(start, stop), lane)

        plain(w, "0", str(self.shape.lanes), one)

    def vector_pieces(self) -> None:
        """One column by gathering, columns by gathering up to an aligned address, rows turned, the rest gathered."""
        w = self.writer
        lanes = Lanes(w, self.lowering.module.target, self.lanes, self.shape.elements, self.sources)
        self._enter(w.set(f"mul i64 %group, {self.lanes}", "piece"))
        self.first(self._made(lanes.column("0")))
        width = lanes.width
        aligned = lanes.to_alignment()

        def gathered(column: str) -> None:
            self.store(self.later(self._made(lanes.column(column)), self.load()))

        def turned(i: str) -> None:
            first = w.set(f"add i64 {w.set(f'mul i64 {i}, {width}')}, {aligned}")
            columns, summary = lanes.columns(first), self.load()
            for position in range(width):
                summary = self.later(self._made([vectors[position] for vectors in columns]), summary)
            self.store(summary)

        plain(w, "1", aligned, gathered)
        whole = w.set(f"udiv i64 {w.set(f'sub i64 %size, {aligned}')}, {width}")
        plain(w, "0", whole, turned)
        rest = w.set(f"add i64 {aligned}, {w.set(f'mul i64 {whole}, {width}')}")
        plain(w, rest, "%size", gathered)
        self.finish("%group", lambda body: plain(w, "0", "%size", lambda i: body(self._made(lanes.column(i)))))
