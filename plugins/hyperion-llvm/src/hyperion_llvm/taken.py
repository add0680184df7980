"""A note, written at run time, of which version of a program the arguments selected."""

from __future__ import annotations

from hyperion_llvm.lowering import Lowering
from hyperion_llvm.support import NOTES

TOOK_PARALLEL, TOOK_POWER, TOOK_FALLBACK = 1, 2, 4


def note(lowering: Lowering, bit: int) -> None:
    w = lowering.writer
    place = w.set(f"getelementptr i8, ptr %context, i64 {NOTES}", "notes")
    w.store("i8", w.set(f"or i8 {w.load('i8', place)}, {bit}"), place)
