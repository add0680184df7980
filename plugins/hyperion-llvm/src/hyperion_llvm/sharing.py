"""Tasks that threads share, where that is worth it, and the record that they read."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion_llvm.counting import plain
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.sources import Field
from hyperion_llvm.support import LOOKED
from hyperion_llvm.taken import note
from hyperion_llvm.text import Writer

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


def written_job(w: Writer, fields: Sequence[Field]) -> str:
    """A record of these fields in memory."""
    kinds = [kind for kind, _ in fields]
    job = w.slot(_record(kinds), "job", align=64)
    for position, (kind, value) in enumerate(fields):
        w.store(kind, value, field_place(w, kinds, job, position))
    return job


def read_job(w: Writer, kinds: Sequence[str]) -> list[str]:
    """The fields of the record at `%job`."""
    return [w.load(kind, field_place(w, kinds, "%job", position), "field") for position, kind in enumerate(kinds)]


def field_place(w: Writer, kinds: Sequence[str], job: str, position: int) -> str:
    """Where a field lies in a record of these kinds."""
    return w.set(f"getelementptr {_record(kinds)}, ptr {job}, i32 0, i32 {position}", "p")


def _record(kinds: Sequence[str]) -> str:
    return f"{{{', '.join(kinds)}}}"
