"""map, scan and par.scan: loops that also give a value for every element.

par.scan goes over its input twice, cut as par.reduce cuts it. First the pieces are summarised, by the functions of
`pieces`, unless a par.reduce left the summaries (`summaries`); they give the state that enters each piece, in order.
Then every piece runs the step from its state and writes its elements. The functions of that second pass are named and
called as those of the first: `lanes` runs one piece per lane, `block` calls it for one full block, `last` runs one
piece. Where no state is a float, regrouping changes no bit, and an input without a full block is one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.ops import is_total
from hyperion.ir.types import FloatType, Type
from hyperion_llvm import pieces
from hyperion_llvm.arrays import same_length
from hyperion_llvm.counting import plain
from hyperion_llvm.loops import counted, is_heavy, weight
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.pieces import Shape
from hyperion_llvm.reduce import Cut, Left, cut_of, free_scalars, job_of, run_blocks, run_rest, shape_of, summary_room
from hyperion_llvm.running import only_reader, state_place
from hyperion_llvm.sharing import read_job, written_job
from hyperion_llvm.sources import Array, Made, Progression, Source, element_at, handed, store_element
from hyperion_llvm.summaries import Summaries, kept
from hyperion_llvm.taken import TOOK_PARALLEL, note
from hyperion_llvm.text import element_of, scalar_type

MOST_SIDE_BY_SIDE = 256
"""Equations of a step, times lanes, beyond which the pieces of a block run one after the other."""


def scan(lowering: Lowering, equation: Equation) -> None:
    """In order, as a fold. A map is a scan without a state."""
    operands, inits, made = _parts(equation)
    elements_of = [element_of(x.type) for x in operands]
    sources = [lowering.source(x) for x in operands]
    same_length(lowering, equation, sources)
    w, region = lowering.writer, equation.regions[0]
    if equation.op == "map" and not region.equations and not set(region.results) & set(region.parameters):
        for result, value in zip(made, region.results, strict=True):  # the same for every element: see `sources`
            lowering.bind(result, Progression(lowering.scalar(value), sources[0].length, "0"))
        return
    outputs = _made(lowering, equation, made, sources[0].length)
    kinds = [scalar_type(v.type) for v in inits]
    slots = [w.variable(k, lowering.scalar(v), "state") for k, v in zip(kinds, inits, strict=True)]

    def round_(index: str) -> None:
        elements = [element_at(w, kind, a, index) for kind, a in zip(elements_of, sources, strict=True)]
        outer = lowering.scope
        lowering.loops += 1
        lowering.scope = lowering.child_scope(region)
        states = [w.load(k, s) for k, s in zip(kinds, slots, strict=True)]
        for parameter, operand in zip(region.parameters, elements + states, strict=True):
            lowering.bind(parameter, operand)
        lowering.equations(region.equations, lowering.scope)
        values = [lowering.scalar(x) for x in region.results]
        for kind, value, slot in zip(kinds, values, slots, strict=False):
            w.store(kind, value, slot)
        for result, array, value in zip(made, outputs, values[len(inits) :], strict=True):
            store_element(w, element_of(result.type), value, array.data, index)
        lowering.loops -= 1
        lowering.scope = outer

    counted(lowering, sources[0].length, round_, is_heavy(equation.regions), weight(equation.regions))
    final = [w.load(k, s) for k, s in zip(kinds, slots, strict=True)]
    for value, operand in zip(equation.results, [*final, *outputs], strict=True):
        lowering.bind(value, operand)


def _parts(equation: Equation) -> tuple[Sequence[Value], Sequence[Value], Sequence[Value]]:
    """The arrays that it goes over, the initial states, and the arrays that it makes."""
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    inits = equation.operands[count:]
    return equation.operands[:count], inits, equation.results[len(inits) :]


def _made(lowering: Lowering, equation: Equation, made: Sequence[Value], length: str) -> list[Array]:
    """Arrays of a map that may trap go where the caller of the function has room for them. The loop of another one may
    be made one over vectors, for which it helps to know that new memory is nobody else's."""
    if equation.op != "map" or all(
        is_total(e, lowering.module.program.registry) for e in equation.regions[0].equations
    ):
        return new_arrays(lowering, made, length)
    return offered_arrays(lowering, equation, made, length)


def offered_arrays(lowering: Lowering, equation: Equation, made: Sequence[Value], length: str) -> list[Array]:
    return [Array(lowering.result_memory(equation, r, element_of(r.type), length), length, owned=True) for r in made]


def new_arrays(lowering: Lowering, made: Sequence[Value], length: str) -> list[Array]:
    return [Array(lowering.allocate(element_of(r.type), length), length, owned=True) for r in made]


def parallel_scan(lowering: Lowering, equation: Equation) -> None:
    operands, inits, made = _parts(equation)
    sources = [lowering.source(x) for x in operands]
    same_length(lowering, equation, sources)
    step, *summary = equation.regions
    shape = shape_of(replace(equation, regions=tuple(summary)), operands, sources)
    name = f"hyperion.scan.{len(lowering.module.functions)}"
    runs = Runs(shape, step, tuple(v.type for v in inits), tuple(element_of(r.type) for r in made))
    lowering.module.uses_pool = True
    note(lowering, TOOK_PARALLEL)
    reader = only_reader(lowering.function, equation, len(inits), lowering.viewed)
    found = kept(lowering, equation) or _summarised(lowering, runs, name, alone=reader is None)
    cut = found.cut
    assert isinstance(cut, Cut)
    if reader is not None:
        _leave(lowering, equation, runs, found, cut)
        return
    write_step(lowering, runs, f"{name}.step")
    outputs = new_arrays(lowering, made, sources[0].length)
    states = _entering(lowering, runs, inits, found.place, cut, found.total)
    second = step_job(lowering, runs, outputs, states)
    run_blocks(lowering, shape, cut, f"{name}.step", second)
    run_rest(lowering, shape, cut, f"{name}.step", second)
    final = _final(lowering, runs, inits, states, found.total)
    for value, operand in zip(equation.results, [*final, *outputs], strict=True):
        lowering.bind(value, operand)


def _leave(lowering: Lowering, equation: Equation, runs: Runs, found: Summaries, cut: Cut) -> None:
    """Leaves the second pass to the par.reduce that reads what this scan would make."""
    _, inits, made = _parts(equation)
    sources = runs.shape.sources
    states = _entering(lowering, runs, inits, found.place, cut, found.total)

    def finish() -> None:
        for value, operand in zip(equation.results, _final(lowering, runs, inits, states, found.total), strict=False):
            lowering.bind(value, operand)

    for value in made:
        lowering.bind(value, Made(sources[0].length))
        lowering.running[value.name] = Left(equation, sources, cut, states, finish)


def _summarised(lowering: Lowering, runs: Runs, name: str, *, alone: bool) -> Summaries:
    """The first pass: the summaries of all pieces but the last. A scan that is `alone` may be one piece; one that goes
    into a reduction has the pieces of that."""
    shape = runs.shape
    pieces.write_functions(lowering, shape, name)
    cut = cut_of(lowering, shape, shape.sources[0].length)
    if alone and not any(isinstance(kind, FloatType) for kind in runs.states):
        cut = _uncut(lowering, cut)
    place = summary_room(lowering, shape, cut)
    job = job_of(lowering, shape, place, lowering.writer.variable("i8", "1", "guard"))
    run_blocks(lowering, shape, cut, name, job)
    return Summaries(place, run_rest(lowering, shape, cut, name, job, last_too=False), cut)


def _uncut(lowering: Lowering, cut: Cut) -> Cut:
    """One piece where there is no full block."""
    w = lowering.writer
    short = w.set(f"icmp eq i64 {cut.blocks}, 0", "c")
    size, last = (w.set(f"select i1 {short}, i64 0, i64 {x}") for x in (cut.rest_size, cut.last_start))
    return replace(cut, rest_size=size, last_start=last)


@dataclass(frozen=True, slots=True)
class Runs:
    """The second pass of one par.scan: its cut, the step, the types of the states and of the elements made."""

    shape: Shape
    step: Region
    states: tuple[Type, ...]
    made: tuple[Type, ...]

    @property
    def captured(self) -> list[Value]:
        return free_scalars([self.step])

    @property
    def state_type(self) -> str:
        """The states that enter a piece, and after its run those that leave it."""
        return f"{{{', '.join(map(scalar_type, self.states))}}}"

    @property
    def job_kinds(self) -> list[str]:
        """What the job holds: of each source, the arrays made, the states, and captured scalars."""
        kinds = [kind for each in self.shape.fields for kind, _ in each] + ["ptr"] * (len(self.made) + 1)
        return kinds + [scalar_type(v.type) for v in self.captured]

    @property
    def side_by_side(self) -> bool:
        return self.shape.lanes * sum(1 for _ in walk(self.step.equations)) <= MOST_SIDE_BY_SIDE


def _entering(lowering: Lowering, runs: Runs, inits: Sequence[Value], summaries: str, cut: Cut, total: str) -> str:
    """Memory for the states that enter each piece, filled in."""
    w = lowering.writer
    few = w.slot(f"[{runs.shape.lanes + 1} x {runs.state_type}]", "states", align=64)
    place = w.variable("ptr", few)
    large, on = w.fresh("large"), w.fresh("on")
    w.branch(w.set(f"icmp ne i64 {cut.blocks}, 0", "c"), large, on)
    w.start(large)
    lowering.allocations += 1
    size = w.set(f"ptrtoint ptr getelementptr ({runs.state_type}, ptr null, i64 1) to i64", "size")
    data = w.set(f"call noalias ptr @hyperion.allocate(ptr %context, i64 {total}, i64 {size})")
    lowering.leave_without(data)
    w.store("ptr", data, place)
    w.jump(on)
    w.start(on)
    states = w.load("ptr", place, "states")
    kinds = [scalar_type(k) for k in runs.states]
    slots = [w.variable(k, lowering.scalar(v), "state") for k, v in zip(kinds, inits, strict=True)]

    def write(piece: str) -> list[str]:
        values = [w.load(k, s) for k, s in zip(kinds, slots, strict=True)]
        for component, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            w.store(kind, value, state_place(w, runs.state_type, states, piece, component))
        return values

    def round_(piece: str) -> None:
        before = write(piece)
        summary = pieces.load_summary(w, runs.shape, summaries, piece)
        after = lowering.total(runs.shape.act, summary + before)
        for kind, value, slot in zip(kinds, after, slots, strict=True):
            w.store(kind, value, slot)

    # The summary of the last piece is never computed; without pieces there is room for one all the same.
    before_last = w.set(f"call i64 @llvm.usub.sat.i64(i64 {total}, i64 1)", "last")
    plain(w, "0", before_last, round_)
    write(before_last)
    return states


def step_job(lowering: Lowering, runs: Runs, outputs: Sequence[Array], states: str) -> str:
    values = [value for each in runs.shape.fields for _, value in each] + [a.data for a in outputs] + [states]
    values += [lowering.scalar(v) for v in runs.captured]
    return written_job(lowering.writer, list(zip(runs.job_kinds, values, strict=True)))


def _final(lowering: Lowering, runs: Runs, inits: Sequence[Value], states: str, total: str) -> list[str]:
    """The states that leave the last piece; without elements the initial ones, which lie at a first piece's place."""
    w = lowering.writer
    last = w.set(f"call i64 @llvm.usub.sat.i64(i64 {total}, i64 1)", "last")
    return [
        w.load(scalar_type(v.type), state_place(w, runs.state_type, states, last, component))
        for component, v in enumerate(inits)
    ]


def write_step(lowering: Lowering, runs: Runs, name: str) -> None:
    functions = lowering.module.functions
    one = _Runner(lowering, runs)
    lines = one.function(f"{name}.last", "i64 %start, i64 %stop, i64 %group", one.last)
    many = _Runner(lowering, runs)
    lines += many.function(f"{name}.lanes", "i64 %start, i64 %size, i64 %group", many.lanes)
    lines += pieces.block_function(runs.shape, name)
    functions.append("\n".join(lines))


class _Runner:
    """Writes one function that runs pieces."""

    def __init__(self, outer: Lowering, runs: Runs) -> None:
        self.runs = runs
        self.lowering = Lowering(outer.module, outer.function, outer.control)
        self.lowering.ranges = outer.ranges
        self.writer = self.lowering.writer
        self.sources: list[Source] = []
        self.outputs: list[str] = []
        self.states = ""

    def function(self, name: str, parameters: str, write: Callable[[], None]) -> list[str]:
        w, runs = self.writer, self.runs
        loaded = read_job(w, runs.job_kinds)
        for source, given in zip(runs.shape.sources, runs.shape.fields, strict=True):
            self.sources.append(handed(source, loaded[: len(given)]))
            del loaded[: len(given)]
        self.outputs, (self.states, *captured) = loaded[: len(runs.made)], loaded[len(runs.made) :]
        self.lowering.values.update({v.name: x for v, x in zip(runs.captured, captured, strict=True)})
        write()
        header = f"define internal void @{name}(ptr noalias readonly %job, {parameters}) noinline #0 {{"
        return [header, *w.body(), "  ret void", "}"]

    def last(self) -> None:
        piece = self.writer.set(f"mul i64 %group, {self.runs.shape.lanes}", "piece")
        size = self.writer.set("sub i64 %stop, %start", "size")
        self._run([(piece, "%start")], size)

    def lanes(self) -> None:
        w, lanes = self.writer, self.runs.shape.lanes
        first = w.set(f"mul i64 %group, {lanes}", "piece")

        def place(lane: str) -> tuple[str, str]:
            return w.set(f"add i64 {first}, {lane}"), w.set(f"add i64 %start, {w.set(f'mul i64 {lane}, %size')}")

        if self.runs.side_by_side:
            self._run([place(str(lane)) for lane in range(lanes)], "%size")
        else:
            plain(w, "0", str(lanes), lambda lane: self._run([place(lane)], "%size"))

    def _run(self, together: Sequence[tuple[str, str]], size: str) -> None:
        """Runs pieces, each given by its number and its first index, side by side."""
        w, runs = self.writer, self.runs
        kinds = [scalar_type(k) for k in runs.states]
        rows: list[list[str]] = []
        for piece, _ in together:
            places = [state_place(w, runs.state_type, self.states, piece, c) for c in range(len(kinds))]
            rows.append([w.variable(k, w.load(k, p), "state") for k, p in zip(kinds, places, strict=True)])

        def round_(column: str) -> None:
            for (_, start), slots in zip(together, rows, strict=True):
                self._element(w.set(f"add i64 {start}, {column}"), kinds, slots)

        plain(w, "0", size, round_)
        for (piece, _), slots in zip(together, rows, strict=True):
            for component, (kind, slot) in enumerate(zip(kinds, slots, strict=True)):
                w.store(kind, w.load(kind, slot), state_place(w, runs.state_type, self.states, piece, component))

    def _element(self, index: str, kinds: Sequence[str], slots: Sequence[str]) -> None:
        w, runs = self.writer, self.runs
        elements = [element_at(w, t, x, index) for t, x in zip(runs.shape.elements, self.sources, strict=True)]
        states = [w.load(k, s) for k, s in zip(kinds, slots, strict=True)]
        values = self.lowering.total(runs.step, elements + states)
        for kind, value, slot in zip(kinds, values, slots, strict=False):
            w.store(kind, value, slot)
        for kind, data, value in zip(runs.made, self.outputs, values[len(kinds) :], strict=True):
            store_element(w, kind, value, data, index)
