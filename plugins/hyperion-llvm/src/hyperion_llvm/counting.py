"""The plain loops of the code generator: they need a writer and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from hyperion_llvm.text import Writer


def plain(w: Writer, start: str, end: str, body: Callable[[str], None], exits: Callable[[], str] | None = None) -> None:
    """Runs `body(i)` for i in start .. end - 1, or until the flag that `exits` reads is set; no signal is looked at."""
    index = w.variable("i64", start, "i")
    head, round_, out = w.fresh("head"), w.fresh("round"), w.fresh("out")
    w.jump(head)
    w.start(head)
    i = w.load("i64", index, "i")
    w.branch(_goes_on(w, w.set(f"icmp ult i64 {i}, {end}", "c"), exits), round_, out)
    w.start(round_)
    body(i)
    w.store("i64", w.set(f"add nuw i64 {i}, 1", "i"), index)
    w.jump(head)
    w.start(out)


def batches(
    w: Writer, count: str, most: str, body: Callable[[str, str], None], exits: Callable[[], str] | None = None
) -> None:
    """Runs `body(start, size)` for 0 .. count - 1, unsigned, in batches of `most` and what is left, or until the flag
    that `exits` reads is set."""
    start = w.variable("i64", "0", "start")
    head, batch, out = w.fresh("head"), w.fresh("batch"), w.fresh("out")
    w.jump(head)
    w.start(head)
    first = w.load("i64", start)
    w.branch(_goes_on(w, w.set(f"icmp ult i64 {first}, {count}", "c"), exits), batch, out)
    w.start(batch)
    left = w.set(f"sub nuw i64 {count}, {first}")
    size = w.set(f"call i64 @llvm.umin.i64(i64 {left}, i64 {most})", "size")
    body(first, size)
    w.store("i64", w.set(f"add nuw i64 {first}, {size}"), start)
    w.jump(head)
    w.start(out)


def _goes_on(w: Writer, inside: str, exits: Callable[[], str] | None) -> str:
    """`inside`, unless the flag that ends the loop is set."""
    return inside if exits is None else w.set(f"and i1 {inside}, {w.set(f'xor i1 {exits()}, true')}", "c")
