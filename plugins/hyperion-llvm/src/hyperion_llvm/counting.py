"""The plain loop of the code generator: it needs a writer and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from hyperion_llvm.text import Writer


def plain(w: Writer, start: str, end: str, body: Callable[[str], None]) -> None:
    """Runs `body(i)` for i in start .. end - 1; the body does not stop it and no signal is looked at."""
    index = w.variable("i64", start, "i")
    head, round_, out = w.fresh("head"), w.fresh("round"), w.fresh("out")
    w.jump(head)
    w.start(head)
    i = w.load("i64", index, "i")
    w.branch(w.set(f"icmp ult i64 {i}, {end}", "c"), round_, out)
    w.start(round_)
    body(i)
    w.store("i64", w.set(f"add nuw i64 {i}, 1", "i"), index)
    w.jump(head)
    w.start(out)
