"""Loops: for, while and fold, with carried values in slots.

A loop without loops or calls inside runs in blocks: nothing but its own work happens within a block, so LLVM may
vectorise it; between blocks the rounds are counted and now and then pending signals are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.types import ArrayType, Type
from hyperion_llvm.counting import batches, plain
from hyperion_llvm.lowering import Lowering, Operand
from hyperion_llvm.sources import Array, shaped
from hyperion_llvm.text import Writer, scalar_type

BLOCK = 1 << 15
HEAVY = frozenset(
    {
        "for", "while", "fold", "map", "scan", "call", "recurse", "self", "contract",
        "par.reduce", "par.scan", "par.windows", "par.power", "pieces.summaries", "pieces.scan",
    }
)  # fmt: skip


def is_heavy(regions: Sequence[Region]) -> bool:
    """Whether a round may itself take long, so that each round is counted."""
    return any(e.op in HEAVY for region in regions for e in walk(region.equations))


def weight(regions: Sequence[Region]) -> int:
    """How much one round counts for, about one per eight equations."""
    return max(1, sum(1 for region in regions for _ in walk(region.equations)) // 8)


def counted(
    lowering: Lowering,
    count: str,
    body: Callable[[str], None],
    heavy: bool = False,
    cost: int = 1,
    exits: Callable[[], str] | None = None,
) -> None:
    """Runs `body(i)` for i in 0 .. count - 1, an unsigned number, or until the flag that `exits` reads is set."""
    if heavy:
        _each_counted(lowering, count, body, cost, exits)
    else:
        _in_blocks(lowering, count, body, cost, exits)


def _each_counted(
    lowering: Lowering, count: str, body: Callable[[str], None], cost: int, exits: Callable[[], str] | None
) -> None:
    def round_(i: str) -> None:
        body(i)
        lowering.charge(str(cost))

    plain(lowering.writer, "0", count, round_, exits)


def _in_blocks(
    lowering: Lowering, count: str, body: Callable[[str], None], cost: int, exits: Callable[[], str] | None
) -> None:
    w = lowering.writer

    def block(first: str, size: str) -> None:
        plain(w, first, w.set(f"add nuw i64 {first}, {size}", "end"), body, exits)
        lowering.charge(w.set(f"mul i64 {size}, {cost}"))

    batches(w, count, str(BLOCK), block, exits)


def range_length(lowering: Lowering, equation: Equation, low: str, high: str, step: str) -> str:
    """len(range(low, high, step)) as an unsigned number; the distance may exceed the signed range."""
    w = lowering.writer
    lowering.trap_if(equation)(w.set(f"icmp eq i64 {step}, 0", "c"), "value")
    up = w.set(f"icmp sgt i64 {step}, 0", "c")
    first = w.set(f"select i1 {up}, i64 {low}, i64 {high}")
    last = w.set(f"select i1 {up}, i64 {high}, i64 {low}")
    stride = w.set(f"select i1 {up}, i64 {step}, i64 {w.set(f'sub i64 0, {step}')}")
    some = w.set(f"icmp slt i64 {first}, {last}", "c")
    distance = w.set(f"sub i64 {w.set(f'sub i64 {last}, {first}')}, 1")
    steps = w.set(f"add i64 {w.set(f'udiv i64 {distance}, {stride}')}, 1")
    return w.set(f"select i1 {some}, i64 {steps}, i64 0", "count")


class Carried:
    """The carried values of a loop, in stack slots."""

    def __init__(self, lowering: Lowering, equation: Equation, inits: Sequence[Value], shared: set[str]) -> None:
        self.lowering = lowering
        self.types = [v.type for v in inits]
        self.slots = [_slots(lowering.writer, t) for t in self.types]
        for slots, value in zip(self.slots, inits, strict=True):
            operand = lowering.take(value, shared) if isinstance(value.type, ArrayType) else lowering.scalar(value)
            _store(lowering.writer, value.type, operand, slots)
        self.mark = lowering.writer.load("ptr", "%context", "mark")
        self.before = lowering.allocations

    def operands(self) -> list[Operand]:
        return [_load(self.lowering.writer, t, s) for t, s in zip(self.types, self.slots, strict=True)]

    def bind(self, values: Sequence[Value]) -> None:
        for value, operand in zip(values, self.operands(), strict=True):
            self.lowering.bind(value, operand)

    def carry(self, yields: Sequence[Value]) -> None:
        """Stores what a round yields, and frees the arrays of the round that are not carried on."""
        lowering = self.lowering
        operands = taken(lowering, yields)
        for kind, operand, slots in zip(self.types, operands, self.slots, strict=True):
            _store(lowering.writer, kind, operand, slots)
        if lowering.allocations > self.before:
            release(lowering, self.mark, [x.data for x in operands if isinstance(x, Array)])


def taken(lowering: Lowering, yields: Sequence[Value]) -> list[Operand]:
    return [lowering.take(v) if isinstance(v.type, ArrayType) else lowering.scalar(v) for v in yields]


def release(lowering: Lowering, mark: str, kept: Sequence[str]) -> None:
    """Frees what was allocated since `mark`, except for the data pointers kept."""
    w = lowering.writer
    places = w.slot(f"[{max(1, len(kept))} x ptr]", "kept")
    for position, pointer in enumerate(kept):
        w.store("ptr", pointer, w.offset("ptr", places, str(position)))
    w.emit(f"call void @hyperion.release(ptr %context, ptr {mark}, ptr {places}, i64 {len(kept)})")


def _slots(w: Writer, kind: Type) -> tuple[str, ...]:
    if isinstance(kind, ArrayType):
        return (w.slot("ptr", "data"), *(w.slot("i64", "size") for _ in kind.shape))
    return (w.slot(scalar_type(kind)),)


def _store(w: Writer, kind: Type, operand: Operand, slots: tuple[str, ...]) -> None:
    if isinstance(operand, Array):
        w.store("ptr", operand.data, slots[0])
        for size, slot in zip(operand.shape, slots[1:], strict=True):
            w.store("i64", size, slot)
    else:
        assert isinstance(operand, str)
        w.store(scalar_type(kind), operand, slots[0])


def _load(w: Writer, kind: Type, slots: tuple[str, ...]) -> Operand:
    if isinstance(kind, ArrayType):
        data = w.load("ptr", slots[0], "data")
        return shaped(w, data, [w.load("i64", slot, "n") for slot in slots[1:]], owned=True)
    return w.load(scalar_type(kind), slots[0])


class Results:
    """The results of an `if`, which either branch stores."""

    def __init__(self, lowering: Lowering, values: Sequence[Value]) -> None:
        self.lowering = lowering
        self.values = values
        self.slots = [_slots(lowering.writer, v.type) for v in values]

    def store(self, operands: Sequence[Operand]) -> None:
        for value, operand, slots in zip(self.values, operands, self.slots, strict=True):
            _store(self.lowering.writer, value.type, operand, slots)

    def bind(self) -> None:
        for value, slots in zip(self.values, self.slots, strict=True):
            self.lowering.bind(value, _load(self.lowering.writer, value.type, slots))
