"""par.reduce: contiguous pieces, one to a lane; blocks of pieces shared out among threads; summaries folded in order.

The pieces are those of `hyperion.ir.partition.pieces`. Three functions are made beside the kernel: `lanes` summarises
one piece per lane, `block` calls it for one full block, `last` summarises one piece with scalars. Summaries lie in
groups of one per lane: group, component, lane.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hyperion.errors import CodegenError
from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.intervals import is_interval
from hyperion.ir.partition import SHORTEST_LANE
from hyperion.ir.types import ArrayType
from hyperion_llvm import pieces
from hyperion_llvm.arrays import same_length
from hyperion_llvm.counting import batches, plain
from hyperion_llvm.ends import holds_at_ends
from hyperion_llvm.growing import GrowingReduce
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.pieces import Shape
from hyperion_llvm.running import Running
from hyperion_llvm.sharing import WORTH_THREADS, run_tasks, written_job
from hyperion_llvm.sources import Progression, Source
from hyperion_llvm.summaries import Summaries, keep
from hyperion_llvm.taken import TOOK_PARALLEL, note
from hyperion_llvm.text import element_of, scalar_type

BATCH = 1 << 16
"""The most full blocks whose summaries are kept at a time, for numbers of a range, which are more than memory holds."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where this run's input is cut: full blocks, the size of the shorter lanes after them, the last piece."""

    blocks: str
    rest_start: str
    rest_size: str
    last_start: str
    length: str


def parallel_reduce(lowering: Lowering, equation: Equation) -> None:
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    arrays = [lowering.source(x) for x in equation.operands[:count]]
    left = lowering.running.get(equation.operands[0].name) if count else None
    if left is not None:
        assert isinstance(left, Left)
        _reduce_on_the_way(lowering, equation, left)
        return
    same_length(lowering, equation, arrays)
    if _is_test_of_ends(equation, arrays):
        assert isinstance(arrays[0], Progression)
        lowering.bind(equation.result, holds_at_ends(lowering, equation.regions[3], arrays[0]))
        return
    shape = shape_of(equation, equation.operands[:count], arrays)
    shape = replace(shape, batched=_is_batched(lowering, equation, shape))
    name = f"hyperion.reduce.{len(lowering.module.functions)}"
    pieces.write_functions(lowering, shape, name)
    lowering.module.uses_pool = True
    note(lowering, TOOK_PARALLEL)
    if shape.growing:
        loop = GrowingReduce(lowering, shape, name, arrays[0].length, equation.operands[count:])
        for value, state in zip(equation.results, loop.run(job_of(lowering, shape, loop.small, "null")), strict=True):
            lowering.bind(value, state)
        return

    cut = cut_of(lowering, shape, arrays[0].length)
    summaries = summary_room(lowering, shape, cut)
    guard = lowering.writer.variable("i8", "1", "guard")
    job = job_of(lowering, shape, summaries, guard)
    state = _State(lowering, shape, equation.operands[count:], summaries)
    if shape.batched:
        cut = _run_batches(lowering, shape, cut, name, job, state)
    else:
        run_blocks(lowering, shape, cut, name, job)
    total = run_rest(lowering, shape, cut, name, job)
    if not shape.batched:
        keep(lowering, equation, Summaries(summaries, total, cut))
    _bind_results(lowering, equation, shape, state, guard, total)


def _bind_results(lowering: Lowering, equation: Equation, shape: Shape, state: _State, guard: str, total: str) -> None:
    state.fold(total)
    values = state.values()
    if shape.guard is not None:
        held = lowering.writer.set(f"icmp ne i8 {lowering.writer.load('i8', guard)}, 0", "c")
        values = [held, *values]
    for result, value in zip(equation.results, values, strict=True):
        lowering.bind(result, value)


@dataclass(frozen=True, slots=True)
class Left:
    """What a par.scan leaves to the one par.reduce that reads what it makes: the scan, its sources and its cut, the
    states that enter the pieces, and what binds the final states once these are known."""

    scan: Equation
    sources: Sequence[Source]
    cut: Cut
    states: str
    finish: Callable[[], None]


def _reduce_on_the_way(lowering: Lowering, equation: Equation, left: Left) -> None:
    """Runs the step of the scan in each piece, and summarises what it makes."""
    count, arrays = equation.attribute("arrays"), left.scan.attribute("arrays")
    assert isinstance(count, int)
    assert isinstance(arrays, int)
    (step, *_), inits = left.scan.regions, left.scan.operands[arrays:]
    place = {v.name: n for n, v in enumerate(left.scan.results)}
    columns = tuple(place[v.name] for v in equation.operands[:count])
    running = Running(step, tuple(v.type for v in inits), columns, left.states)
    shape = shape_of(equation, left.scan.operands[:arrays], left.sources, running)
    name = f"hyperion.reduce.{len(lowering.module.functions)}"
    pieces.write_functions(lowering, shape, name)
    summaries = summary_room(lowering, shape, left.cut)
    guard = lowering.writer.variable("i8", "1", "guard")
    job = job_of(lowering, shape, summaries, guard)
    run_blocks(lowering, shape, left.cut, name, job)
    total = run_rest(lowering, shape, left.cut, name, job)
    left.finish()
    state = _State(lowering, shape, equation.operands[count:], summaries)
    _bind_results(lowering, equation, shape, state, guard, total)


def _is_test_of_ends(equation: Equation, sources: Sequence[Source]) -> bool:
    """Whether nothing but a test of all numbers of a progression is asked, which its ends decide."""
    numbers = len(sources) == 1 and isinstance(sources[0], Progression)
    return numbers and len(equation.operands) == 1 and len(equation.regions) == 4 and is_interval(equation.regions[3])


def _is_batched(lowering: Lowering, equation: Equation, shape: Shape) -> bool:
    """Whether the numbers of ranges are summarised, and no scan over the same starts from the summaries."""
    over = equation.operands[: len(shape.sources)]
    scans = any(e.op == "par.scan" and e.operands[: len(over)] == over for e in lowering.function.equations)
    return not shape.growing and not scans and all(isinstance(x, Progression) for x in shape.sources)


def shape_of(
    equation: Equation, arrays: Sequence[Value], sources: Sequence[Source], running: Running | None = None
) -> Shape:
    lanes, piece = equation.attribute("lanes"), equation.attribute("piece")
    assert isinstance(lanes, int)
    assert isinstance(piece, int)
    if lanes < 1 or piece < 1 or lanes * piece >= 1 << 40:
        raise CodegenError("HY8006", f"{equation.op} cannot have {lanes} lanes of {piece}", equation.span)
    lift, multiply, act = equation.regions[:3]
    guard = equation.regions[3] if len(equation.regions) > 3 else None
    elements = tuple(element_of(x.type) for x in arrays)
    used = [lift, multiply, *([guard] if guard is not None else []), *([running.step] if running is not None else [])]
    growing = equation.attribute("growing", 0)
    assert isinstance(growing, int)
    return Shape(
        lanes, piece, elements, tuple(sources), lift, multiply, act, guard, tuple(free_scalars(used)), running, growing
    )


def free_scalars(regions: Sequence[Region]) -> list[Value]:
    """The scalars of outer scopes that the regions read, each once, in order."""
    found: dict[str, Value] = {}
    for region in regions:
        bound = {v.name for v in region.parameters}
        for equation in region.equations:
            found.update({v.name: v for v in equation.operands if v.name not in bound})
            bound.update(v.name for v in equation.results)
        found.update({v.name: v for v in region.results if v.name not in bound})
    for value in found.values():
        if isinstance(value.type, ArrayType):
            raise CodegenError("HY8004", f"a parallel region cannot read the array %{value.name}")
    return list(found.values())


def cut_of(lowering: Lowering, shape: Shape, length: str) -> Cut:
    w = lowering.writer
    block = shape.lanes * shape.piece
    blocks = w.set(f"udiv i64 {length}, {block}", "blocks")
    full = w.set(f"mul i64 {blocks}, {block}")
    rest = w.set(f"sub i64 {length}, {full}")
    enough = w.set(f"icmp uge i64 {rest}, {SHORTEST_LANE * shape.lanes}", "c")
    size = w.set(f"select i1 {enough}, i64 {w.set(f'udiv i64 {rest}, {shape.lanes}')}, i64 0", "size")
    last = w.set(f"add i64 {full}, {w.set(f'mul i64 {size}, {shape.lanes}')}", "last")
    return Cut(blocks, full, size, last, length)


def summary_room(lowering: Lowering, shape: Shape, cut: Cut) -> str:
    """Memory for all summaries: on the stack while there is no full block."""
    w = lowering.writer
    small = w.slot(f"[{2 * shape.group_bytes} x i8]", "summaries", align=64)
    place = w.variable("ptr", small)
    large, on = w.fresh("large"), w.fresh("on")
    w.branch(w.set(f"icmp ne i64 {cut.blocks}, 0", "c"), large, on)
    w.start(large)
    lowering.allocations += 1
    blocks = cut.blocks
    if shape.batched:
        blocks = w.set(f"call i64 @llvm.umin.i64(i64 {blocks}, i64 {BATCH})")
    groups = w.set(f"add i64 {blocks}, 2")
    data = w.set(f"call noalias ptr @hyperion.allocate(ptr %context, i64 {groups}, i64 {shape.group_bytes})")
    lowering.leave_without(data)
    w.store("ptr", data, place)
    w.jump(on)
    w.start(on)
    return w.load("ptr", place, "summaries")


def job_of(lowering: Lowering, shape: Shape, summaries: str, guard: str) -> str:
    """The record that every piece reads: arrays, summaries, guard, captured scalars."""
    fields = [f for each in shape.fields for f in each] + [("ptr", summaries), ("ptr", guard)]
    fields += [(scalar_type(v.type), lowering.scalar(v)) for v in shape.captured]
    fields += [("i64", "0")] if shape.has_base else []
    fields += [("ptr", shape.running.place)] if shape.running is not None else []
    return written_job(lowering.writer, fields)


def run_blocks(lowering: Lowering, shape: Shape, cut: Cut, name: str, job: str) -> None:
    w = lowering.writer
    worth = max(2, -(-WORTH_THREADS // (shape.lanes * shape.piece)))
    run_tasks(lowering, f"{name}.block", job, cut.blocks, w.set(f"icmp uge i64 {cut.blocks}, {worth}", "c"))
    if lowering.loops:
        lowering.charge(cut.length)


def run_rest(lowering: Lowering, shape: Shape, cut: Cut, name: str, job: str, last_too: bool = True) -> str:
    """Runs the pieces that follow the full blocks, with the last one or without; gives the number of pieces in all."""
    w = lowering.writer
    total = w.variable("i64", w.set(f"mul i64 {cut.blocks}, {shape.lanes}"), "pieces")
    group = w.variable("i64", cut.blocks, "group")
    some, none = w.fresh("rest"), w.fresh("on")
    w.branch(w.set(f"icmp ne i64 {cut.rest_size}, 0", "c"), some, none)
    w.start(some)
    w.emit(f"call void @{name}.lanes(ptr {job}, i64 {cut.rest_start}, i64 {cut.rest_size}, i64 {cut.blocks})")
    w.store("i64", w.set(f"add i64 {w.load('i64', total)}, {shape.lanes}"), total)
    w.store("i64", w.set(f"add i64 {cut.blocks}, 1"), group)
    w.jump(none)
    w.start(none)
    last, out = w.fresh("last"), w.fresh("on")
    w.branch(w.set(f"icmp ult i64 {cut.last_start}, {cut.length}", "c"), last, out)
    w.start(last)
    arguments = f"ptr {job}, i64 {cut.last_start}, i64 {cut.length}, i64 {w.load('i64', group)}"
    if last_too:
        w.emit(f"call void @{name}.last({arguments})")
    w.store("i64", w.set(f"add i64 {w.load('i64', total)}, 1"), total)
    w.jump(out)
    w.start(out)
    return w.load("i64", total, "pieces")


class _State:
    """The state, which summaries act on one after the other."""

    def __init__(self, lowering: Lowering, shape: Shape, inits: Sequence[Value], summaries: str) -> None:
        self._lowering, self._shape, self._summaries = lowering, shape, summaries
        self._kinds = [scalar_type(v.type) for v in inits]
        write = lowering.writer.variable
        self._slots = [write(k, lowering.scalar(v), "state") for k, v in zip(self._kinds, inits, strict=True)]

    def values(self) -> list[str]:
        return [self._lowering.writer.load(k, s) for k, s in zip(self._kinds, self._slots, strict=True)]

    def fold(self, total: str) -> None:
        """Lets the first summaries act, as many as `total`."""

        def round_(index: str) -> None:
            summary = pieces.load_summary(self._lowering.writer, self._shape, self._summaries, index)
            new = self._lowering.total(self._shape.act, summary + self.values())
            for kind, value, slot in zip(self._kinds, new, self._slots, strict=True):
                self._lowering.writer.store(kind, value, slot)

        plain(self._lowering.writer, "0", total, round_)


def _run_batches(lowering: Lowering, shape: Shape, cut: Cut, name: str, job: str, state: _State) -> Cut:
    """Runs the full blocks, of which only so many summaries are kept at a time; what is left to be cut."""
    w, size = lowering.writer, shape.lanes * shape.piece

    def run(first: str, blocks: str) -> None:
        w.store("i64", w.set(f"mul i64 {first}, {size}"), pieces.job_place(w, shape, job, shape.base_field))
        part = replace(cut, blocks=blocks, length=w.set(f"mul i64 {blocks}, {size}"))
        run_blocks(lowering, shape, part, name, job)
        state.fold(w.set(f"mul i64 {blocks}, {shape.lanes}"))

    batches(w, cut.blocks, str(BATCH), run)
    return replace(cut, blocks="0")
