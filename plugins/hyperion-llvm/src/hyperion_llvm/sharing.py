"""Tasks that threads share, where that is worth it."""

from __future__ import annotations

from hyperion_llvm.counting import plain
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.support import LOOKED
from hyperion_llvm.taken import note

WORTH_THREADS = 1 << 15
"""Elements below which waking a thread costs more than it saves."""


def run_tasks(lowering: Lowering, function: str, job: str, count: str, worth: str) -> None:
    """Calls `function(i, job)` for i in 0 .. count - 1: on all threads, which look at signals, if `worth` holds."""
    w = lowering.writer
    threads, alone, on = w.fresh("threads"), w.fresh("alone"), w.fresh("on")
    w.branch(worth, threads, alone)
    w.start(threads)
    note(lowering, LOOKED)
    lowering.pass_on(w.set(f"call i32 @hyperion_parallel(ptr @{function}, ptr {job}, i64 {count})"))
    w.jump(on)
    w.start(alone)
    plain(w, "0", count, lambda i: w.emit(f"call void @{function}(i64 {i}, ptr {job})"))
    w.jump(on)
    w.start(on)
