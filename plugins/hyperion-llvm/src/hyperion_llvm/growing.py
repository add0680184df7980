"""par.reduce in growing pieces: a search that ends soon after its answer is found.

The pieces are those of `hyperion.ir.partition.pieces` with `growing`: one element each, one after the other; then one
group of pieces after the other, each twice as long; then full blocks in batches that threads share, each a quarter of
all blocks before it, so that at most a quarter is read in vain; then the rest. After every piece the state is looked
at, and where `act` keeps it from now on (`keeping`), nothing more is read. Which pieces share a batch changes no
result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.ir.function import Value
from hyperion.ir.partition import FIRST_PIECE, SHORTEST_LANE
from hyperion_llvm import pieces
from hyperion_llvm.counting import plain
from hyperion_llvm.keeping import kept
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.pieces import Shape
from hyperion_llvm.sources import element_at
from hyperion_llvm.support import LOOKED
from hyperion_llvm.taken import note
from hyperion_llvm.text import scalar_type

FEWEST_BLOCKS = 2
"""In a batch: fewer are not worth waking a thread."""


class GrowingReduce:
    """Writes one such loop; its functions have been written as `name`."""

    def __init__(self, lowering: Lowering, shape: Shape, name: str, length: str, inits: Sequence[Value]) -> None:
        self._lowering, self._shape, self._name, self._length = lowering, shape, name, length
        self._inits = tuple(inits)
        w = self._writer = lowering.writer
        self._kinds = [scalar_type(v.type) for v in inits]
        self._slots = [w.variable(k, lowering.scalar(v), "state") for k, v in zip(self._kinds, inits, strict=True)]
        self._kept = kept(shape.act, len(inits))
        self._start = w.variable("i64", "0", "start")
        self.small = w.slot(f"[{shape.group_bytes} x i8]", "summaries", align=64)
        self._summaries = w.variable("ptr", self.small)

    def run(self, job: str) -> list[str]:
        """Gives the final state; `job` is the record that the pieces read."""
        w = self._writer
        self._one_by_one()
        size, done = w.variable("i64", str(FIRST_PIECE), "size"), w.variable("i64", "0", "done")
        head, more, out = w.fresh("head"), w.fresh("more"), w.fresh("out")
        w.jump(head)
        w.start(head)
        rest = w.set(f"sub i64 {self._length}, {w.load('i64', self._start)}", "rest")
        left = w.set(f"icmp ne i64 {rest}, 0", "c")
        w.branch(left if self._kept is None else w.set(f"and i1 {left}, {self._goes_on()}"), more, out)
        w.start(more)
        count = w.variable("i64", "1", "count")
        self._next(job, rest, size, done, count)
        plain(w, "0", w.load("i64", count), self._joined, self._stops)
        w.jump(head)
        w.start(out)
        return self._state()

    # The state

    def _state(self) -> list[str]:
        return [self._writer.load(k, s) for k, s in zip(self._kinds, self._slots, strict=True)]

    def _act(self, summary: Sequence[str]) -> None:
        values = self._lowering.total(self._shape.act, [*summary, *self._state()])
        for kind, value, slot in zip(self._kinds, values, self._slots, strict=True):
            self._writer.store(kind, value, slot)

    def _joined(self, index: str) -> None:
        summaries = self._writer.load("ptr", self._summaries)
        self._act(pieces.load_summary(self._writer, self._shape, summaries, index))

    def _goes_on(self) -> str:
        """Whether the state may still change."""
        assert self._kept is not None
        (found,) = self._lowering.total(self._kept.test, self._state())
        return self._writer.set(f"xor i1 {found}, true", "c") if self._kept.truth else found

    def _ends(self) -> str:
        return self._writer.set(f"xor i1 {self._goes_on()}, true", "c")

    @property
    def _stops(self) -> Callable[[], str] | None:
        return None if self._kept is None else self._ends

    # Pieces

    def _one_by_one(self) -> None:
        w, shape = self._writer, self._shape
        few = w.set(f"icmp ult i64 {self._length}, {shape.growing}", "c")
        single = w.set(f"select i1 {few}, i64 {self._length}, i64 {shape.growing}", "single")

        def round_(index: str) -> None:
            sources = zip(shape.elements, shape.sources, strict=True)
            self._act(self._lowering.total(shape.lift, [element_at(w, t, source, index) for t, source in sources]))

        plain(w, "0", single, round_, self._stops)
        w.store("i64", single, self._start)

    def _next(self, job: str, rest: str, size: str, done: str, count: str) -> None:
        """Summarises the pieces that come next, and says how many they are."""
        w, lanes, block = self._writer, self._shape.lanes, self._shape.lanes * self._shape.piece
        long, short, on = w.fresh("long"), w.fresh("short"), w.fresh("on")
        each = w.load("i64", size)
        whole = w.set(f"icmp ule i64 {w.set(f'mul i64 {each}, {lanes}')}, {rest}", "c")
        shorter = w.set(f"icmp ult i64 {each}, {self._shape.piece}", "c")
        group, blocks = w.fresh("group"), w.fresh("blocks")
        w.branch(w.set(f"and i1 {whole}, {shorter}"), group, blocks)
        w.start(group)
        w.store("i64", w.set(f"shl i64 {each}, 1"), size)
        self._group(job, each, count)
        w.jump(on)
        w.start(blocks)
        full = w.set(f"udiv i64 {rest}, {block}", "full")
        w.branch(w.set(f"icmp ne i64 {full}, 0", "c"), long, short)
        w.start(long)
        self._batch(job, full, done, count)
        w.jump(on)
        w.start(short)
        self._rest(job, rest, count)
        w.jump(on)
        w.start(on)

    def _group(self, job: str, size: str, count: str) -> None:
        """One piece for each lane."""
        w, start = self._writer, self._writer.load("i64", self._start)
        w.emit(f"call void @{self._name}.lanes(ptr {job}, i64 {start}, i64 {size}, i64 0)")
        w.store("i64", w.set(f"add i64 {start}, {w.set(f'mul i64 {size}, {self._shape.lanes}')}"), self._start)
        w.store("i64", str(self._shape.lanes), count)

    def _rest(self, job: str, rest: str, count: str) -> None:
        w, lanes = self._writer, self._shape.lanes
        some, last, on = w.fresh("some"), w.fresh("last"), w.fresh("on")
        w.branch(w.set(f"icmp uge i64 {rest}, {SHORTEST_LANE * lanes}", "c"), some, last)
        w.start(some)
        self._group(job, w.set(f"udiv i64 {rest}, {lanes}"), count)
        w.jump(on)
        w.start(last)
        start = w.load("i64", self._start)
        w.emit(f"call void @{self._name}.last(ptr {job}, i64 {start}, i64 {self._length}, i64 0)")
        w.store("i64", self._length, self._start)
        w.store("i64", "1", count)
        w.jump(on)
        w.start(on)

    def _batch(self, job: str, full: str, done: str, count: str) -> None:
        """Full blocks that threads share."""
        w, shape = self._writer, self._shape
        before = w.load("i64", done)
        self._room(job, full, before)
        quarter = w.set(f"lshr i64 {before}, 2")
        wanted = w.set(f"call i64 @llvm.umax.i64(i64 {quarter}, i64 {FEWEST_BLOCKS})")
        batch = w.set(f"call i64 @llvm.umin.i64(i64 {wanted}, i64 {full})", "batch")
        start = w.load("i64", self._start)
        w.store("i64", start, pieces.job_place(w, shape, job, shape.base_field))
        note(self._lowering, LOOKED)
        run = f"call i32 @hyperion_parallel(ptr @{self._name}.block, ptr {job}, i64 {batch})"
        self._lowering.pass_on(w.set(run))
        size = w.set(f"mul i64 {batch}, {shape.lanes * shape.piece}")
        if self._lowering.loops:
            self._lowering.charge(size)
        w.store("i64", w.set(f"add i64 {start}, {size}"), self._start)
        w.store("i64", w.set(f"add i64 {before}, {batch}"), done)
        w.store("i64", w.set(f"mul i64 {batch}, {shape.lanes}"), count)

    def _room(self, job: str, full: str, before: str) -> None:
        """Memory for the summaries of the largest batch, once there is one."""
        w, shape = self._writer, self._shape
        first, on = w.fresh("first"), w.fresh("on")
        w.branch(w.set(f"icmp eq i64 {before}, 0", "c"), first, on)
        w.start(first)
        self._lowering.allocations += 1
        groups = w.set(f"add i64 {w.set(f'lshr i64 {full}, 2')}, {FEWEST_BLOCKS}")
        data = w.set(f"call noalias ptr @hyperion.allocate(ptr %context, i64 {groups}, i64 {shape.group_bytes})")
        self._lowering.leave_without(data)
        w.store("ptr", data, self._summaries)
        w.store("ptr", data, pieces.job_place(w, shape, job, shape.summaries_field))
        w.jump(on)
        w.start(on)
