"""The plain loop of the code generator: it needs a writer and nothing else."""

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
    w.branch(goes_on(w, w.set(f"icmp ult i64 {i}, {end}", "c"), exits), round_, out)
    w.start(round_)
    body(i)
    w.store("i64", w.set(f"add nuw i64 {i}, 1", "i"), index)
    w.jump(head)
    w.start(out)


def goes_on(w: Writer, inside: str, exits: Callable[[], str] | None) -> str:
    """`inside`, unless the flag that ends the loop is set."""
    return inside if exits is None else w.set(f"and i1 {inside}, {w.set(f'xor i1 {exits()}, true')}", "c")
