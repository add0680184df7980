"""pieces.summaries and pieces.scan: the passes of par.reduce and par.scan by themselves, on the same functions.

Summaries lie in groups of one per lane, and states in records, where those functions read and write them; in the
program each component is an array of its own.
"""

from __future__ import annotations

from dataclasses import replace

from hyperion.ir.function import Equation, Region
from hyperion.ir.intervals import is_interval
from hyperion_llvm import pieces
from hyperion_llvm.arrays import same_length
from hyperion_llvm.counting import plain
from hyperion_llvm.ends import holds_at_ends
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.reduce import Cut, cut_of, job_of, run_blocks, run_rest, shape_of, summary_room
from hyperion_llvm.running import state_place
from hyperion_llvm.scan import Runs, offered_arrays, step_job, write_step
from hyperion_llvm.sources import Array, Progression, load_element, store_element
from hyperion_llvm.taken import TOOK_PARALLEL, note
from hyperion_llvm.text import Writer, element_of, scalar_type

NOTHING = Region((), (), ())


def summaries(lowering: Lowering, equation: Equation) -> None:
    sources = [lowering.source(x) for x in equation.operands]
    same_length(lowering, equation, sources)
    lift, multiply, *guards = equation.regions
    first = sources[0]
    if not lift.results and guards and isinstance(first, Progression) and len(sources) == 1 and is_interval(guards[0]):
        lowering.bind(equation.result, holds_at_ends(lowering, guards[0], first))
        return
    w = lowering.writer
    shape = shape_of(replace(equation, regions=(lift, multiply, NOTHING, *guards)), equation.operands, sources)
    name = f"hyperion.summaries.{len(lowering.module.functions)}"
    pieces.write_functions(lowering, shape, name)
    lowering.module.uses_pool = True
    note(lowering, TOOK_PARALLEL)
    cut = cut_of(lowering, shape, first.length)
    place = summary_room(lowering, shape, cut)
    guard = w.variable("i8", "1", "guard")
    job = job_of(lowering, shape, place, guard)
    run_blocks(lowering, shape, cut, name, job)
    total = run_rest(lowering, shape, cut, name, job)
    made = [Array(lowering.allocate(kind, total), total, owned=True) for kind in shape.summary]

    def moved(piece: str) -> None:
        summary = pieces.load_summary(w, shape, place, piece)
        for kind, value, array in zip(shape.summary, summary, made, strict=True):
            store_element(w, kind, value, array.data, piece)

    plain(w, "0", total, moved)
    for value, array in zip(equation.results, made, strict=False):
        lowering.bind(value, array)
    if guards:
        lowering.bind(equation.results[-1], w.set(f"icmp ne i8 {w.load('i8', guard)}, 0", "c"))


def scan_pieces(lowering: Lowering, equation: Equation) -> None:
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    operands, entering = equation.operands[:count], equation.operands[count:]
    sources, given = [lowering.source(x) for x in operands], [lowering.array(x) for x in entering]
    same_length(lowering, equation, sources)
    (step,) = equation.regions
    shape = shape_of(replace(equation, regions=(NOTHING, NOTHING, NOTHING)), operands, sources)
    kinds, made = [element_of(v.type) for v in entering], equation.results[len(entering) :]
    runs = Runs(shape, step, tuple(kinds), tuple(element_of(v.type) for v in made))
    lowering.module.uses_pool = True
    note(lowering, TOOK_PARALLEL)
    w, name = lowering.writer, f"hyperion.pieces.{len(lowering.module.functions)}"
    write_step(lowering, runs, name)
    cut = cut_of(lowering, shape, sources[0].length)
    total = _count(w, shape.lanes, cut)
    for array in given:
        lowering.trap_if(equation)(w.set(f"icmp ne i64 {array.length}, {total}", "c"), "value")
    outputs = offered_arrays(lowering, equation, made, sources[0].length)
    size = w.set(f"ptrtoint ptr getelementptr ({runs.state_type}, ptr null, i64 1) to i64", "size")
    lowering.allocations += 1
    states = w.set(f"call noalias ptr @hyperion.allocate(ptr %context, i64 {total}, i64 {size})")
    lowering.leave_without(states)

    def enter(piece: str) -> None:
        for component, (kind, array) in enumerate(zip(kinds, given, strict=True)):
            value = load_element(w, kind, array.data, piece)
            w.store(scalar_type(kind), value, state_place(w, runs.state_type, states, piece, component))

    plain(w, "0", total, enter)
    job = step_job(lowering, runs, outputs, states)
    run_blocks(lowering, shape, cut, name, job)
    run_rest(lowering, shape, cut, name, job)
    left = [Array(lowering.allocate(kind, total), total, owned=True) for kind in kinds]

    def leave(piece: str) -> None:
        for component, (kind, array) in enumerate(zip(kinds, left, strict=True)):
            value = w.load(scalar_type(kind), state_place(w, runs.state_type, states, piece, component))
            store_element(w, kind, value, array.data, piece)

    plain(w, "0", total, leave)
    for value, array in zip(equation.results, [*left, *outputs], strict=True):
        lowering.bind(value, array)


def _count(w: Writer, lanes: int, cut: Cut) -> str:
    """How many pieces there are."""
    some = w.set(f"zext i1 {w.set(f'icmp ne i64 {cut.rest_size}, 0', 'c')} to i64")
    last = w.set(f"zext i1 {w.set(f'icmp ult i64 {cut.last_start}, {cut.length}', 'c')} to i64")
    groups = w.set(f"add i64 {cut.blocks}, {some}")
    return w.set(f"add i64 {w.set(f'mul i64 {groups}, {lanes}')}, {last}", "pieces")
