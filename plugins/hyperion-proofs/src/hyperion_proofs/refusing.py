"""Untrusted. Reasons of refusals in the words of the source: the loop's variables, the place, and what to try."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hyperion.errors import Span
from hyperion.interfaces.strategy import Refusal
from hyperion.ir.function import Equation, Region, walk
from hyperion_proofs.pretty import source_names

_COMPONENT = re.compile(r"\bs\.(\d+)\b")
_TRAPPING = ("mod.trap", "floordiv.trap", "div.trap", "get", "shl", "shr", "sqrt.trap")


@dataclass(frozen=True)
class _Advice:
    """For reasons that begin so: what to try, and which operations of the step to point to."""

    start: str
    try_: str
    at: str = ""


_ADVICE = (
    _Advice(
        "a branch tests the state",
        "facts that decide it, by hp.Range or hp.assume; or a loop of its own for what does not depend on it",
        "tests",
    ),
    _Advice(
        "a step may trap for another reason",
        "to assume before the loop that it does not, as in hp.assume(m > 0), or to compute that outside of the state",
        "traps",
    ),
    _Advice("the two sides have different normal forms", "max, min and + in the place of branches; or fewer variables"),
    _Advice("no code is known", "a loop of its own before this one that writes that value for every element"),
    _Advice("the magnitude of", 'overflow="wrap", or a loop of its own for this variable'),
    _Advice("values of several types depend on each other", "one type for them, such as 0 and 1 for False and True"),
    _Advice("the loop reads or writes arrays by index", "`for x in xs`, or zip and enumerate over what it reads"),
    _Advice("a while loop has no count", "`for` over a range or an array, where the number of steps is known"),
    _Advice("the loop is inside another loop", "a function of its own for the inner loop"),
)
_UNPROVED = ("the two sides have different normal forms", "the magnitude of")


def in_words(refusal: Refusal, loop: Equation) -> Refusal:
    """The refusal with the loop's variables, the place in its step, and what to try, where that is known."""
    advice = next((a for a in _ADVICE if refusal.reason.startswith(a.start)), None)
    if advice is None:
        return refusal
    names = _variables(loop)
    changed = " and ".join(f"`{name}`" for name in names)
    reason, span = _named(refusal.reason, names), refusal.span
    found = _place(loop, advice.at) if advice.at and loop.regions else None
    if found is not None:
        text, read, place = found
        about = f", which reads {' and '.join(f'`{name}`' for name in read)}" if read else ""
        reason, span = f"{reason}: `{text}`{about}", place or span
    elif changed:
        reason += f" (of a loop that changes {changed})"
    if refusal.reason.startswith(_UNPROVED):
        reason = f"{reason}; so what was found for it is not proved"
    return replace(refusal, reason=f"{reason}; try {advice.try_}", span=span)


def _named(reason: str, names: Sequence[str]) -> str:
    """The reason with the names of the state's components, which proofs number."""
    return _COMPONENT.sub(lambda found: names[int(found[1])] if int(found[1]) < len(names) else found[0], reason)


def _variables(loop: Equation) -> list[str]:
    """The names of what the loop changes."""
    if not loop.regions:
        return []
    carried = loop.regions[-1].parameters[len(loop.regions[-1].parameters) - len(loop.results) :]
    return source_names(carried)


def _place(loop: Equation, what: str) -> tuple[str, Sequence[str], Span | None] | None:
    """The first operation of the step that tests the state, or may trap: its text, what it reads of the state, its
    place."""
    region = loop.regions[-1]
    states = region.parameters[len(region.parameters) - len(loop.results) :]
    names = dict(zip((v.name for v in states), source_names(states), strict=True))
    reads: dict[str, tuple[str, ...]] = {v.name: (names[v.name],) for v in states}
    conditions = {e.operands[0].name for e in walk(region.equations) if e.op in ("if", "select")}
    for e, read in _with_reads(region, reads):
        wanted = e.op in _TRAPPING if what == "traps" else any(r.name in conditions for r in e.results) and bool(read)
        if wanted and e.span is not None:
            return _snippet(e.span), read, e.span
    return None


def _with_reads(region: Region, reads: dict[str, tuple[str, ...]]) -> Iterator[tuple[Equation, tuple[str, ...]]]:
    """Every equation, with the variables of the state that it depends on."""
    for e in region.equations:
        read = _merged(reads, [v.name for v in e.operands])
        yield e, read
        for inner in e.regions:
            yield from _with_reads(inner, reads)
            read = (*read, *(n for n in _merged(reads, [v.name for v in inner.results]) if n not in read))
        reads.update((r.name, read) for r in e.results)


def _merged(reads: Mapping[str, tuple[str, ...]], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for name in names for n in reads.get(name, ())))


def _snippet(span: Span) -> str:
    """What the source says there, on one line."""
    line = span.text[span.column - 1 : span.end_column - 1 if span.end_line == span.line else None]
    return line.strip()
