"""A test of every number of a progression, where its first and its last number decide it: `hyperion.ir.intervals`."""

from __future__ import annotations

from hyperion.ir.function import Region
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.sources import Progression, element_at


def holds_at_ends(lowering: Lowering, test: Region, numbers: Progression) -> str:
    """Whether the region, which `is_interval`, yields true for every number."""
    w = lowering.writer
    kind = test.parameters[0].type
    found = w.set(f"icmp eq i64 {numbers.length}, 0", "none")
    last = w.set(f"sub i64 {numbers.length}, 1", "last")
    ends = [lowering.total(test, [element_at(w, kind, numbers, place)])[0] for place in ("0", last)]
    return w.set(f"or i1 {found}, {w.set(f'and i1 {ends[0]}, {ends[1]}', 'c')}", "held")
