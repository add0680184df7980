"""Untrusted. How many turns an inner loop takes, where that is the same in every turn of the loops around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from hyperion.ir.function import Equation, Value
from hyperion.ir.types import I64
from hyperion_proofs.analysis import Refused
from hyperion_proofs.emission import Emitter

Sum = dict[Value | None, int]
"""Values times numbers; None stands for 1."""
_MOST = 16  # ways to read a bound that is clamped


def width_of(loop: Equation, inside: Mapping[Value, Equation], outside: Mapping[str, Value], emitter: Emitter) -> Value:
    """The count of a loop as a value of what is in scope `outside` of the loops around it; `inside` has the equations
    of the surroundings. Bounds that are clamped count as they do where they are not. Raises Refused."""
    ways = list(product(*(list(_sums(v, inside, outside))[:_MOST] for v in (loop.operands[1], loop.operands[0]))))
    moving = [any(v is not None and v.name not in outside for v in high) for high, _ in ways]
    for _, (high, low) in sorted(zip(moving, ways, strict=True), key=lambda way: not way[0]):  # the ends are clamps
        width = _plus(high, low, -1)
        if all(v is None or v.name in outside for v in width):
            return _emitted(width, emitter)
    raise Refused("how many neighbours the inner loop reads changes from turn to turn", span=loop.span)


def _sums(v: Value, inside: Mapping[Value, Equation], outside: Mapping[str, Value]) -> Iterator[Sum]:
    e = inside.get(v)
    if e is None:
        yield {v: 1}
        return
    number = e.attribute("value")
    if e.op == "const" and isinstance(number, int):
        yield {None: number} if number else {}
        return
    if v.name in outside:
        yield {v: 1}
        return
    match e.op.partition(".")[0]:
        case "add" | "sub":
            sign = 1 if e.op.startswith("add") else -1
            for a, b in product(*(_sums(u, inside, outside) for u in e.operands)):
                yield _plus(a, b, sign)
        case "max" | "min":
            for u in e.operands:
                yield from _sums(u, inside, outside)
        case "select":  # an index from the end, where that is negative
            yield from _sums(e.operands[2], inside, outside)
        case _:
            yield {v: 1}


def _plus(a: Sum, b: Sum, sign: int) -> Sum:
    found = {v: a.get(v, 0) + sign * b.get(v, 0) for v in (*a, *b)}
    return {v: n for v, n in found.items() if n}


def _emitted(width: Sum, emitter: Emitter) -> Value:
    terms = [(v, n) for v, n in width.items() if v is not None]
    if len(terms) == 1 and len(width) == 1 and terms[0][1] == 1:
        return terms[0][0]
    whole: Value | None = None
    for v, n in sorted(terms, key=lambda term: -term[1]):
        times = v if abs(n) == 1 else emitter.op("mul.wrap", I64, emitter.const(abs(n), I64), v)
        if whole is None:
            whole = times if n > 0 else emitter.op("neg.wrap", I64, times)
        else:
            whole = emitter.op("add.wrap" if n > 0 else "sub.wrap", I64, whole, times)
    number = width.get(None, 0)
    if whole is None:
        return emitter.const(number, I64)
    return emitter.op("add.wrap", I64, whole, emitter.const(number, I64)) if number else whole


def surroundings(blocks: Sequence[Sequence[Equation]]) -> dict[Value, Equation]:
    """By its results, each equation of the blocks around a loop."""
    return {r: e for block in blocks for e in block for r in e.results}
