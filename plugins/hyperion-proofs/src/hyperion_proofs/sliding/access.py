"""Untrusted. What a counted loop gets of an array: at its counter, moved by values that the loop does not change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.ops import is_total
from hyperion.ir.types import INT, ArrayType, Type
from hyperion_proofs.analysis import Refused
from hyperion_proofs.emission import Emitter, Names, substituted

_MOVES = ("add.trap", "sub.trap")


@dataclass(frozen=True)
class Access:
    """`moves` lead from the counter to the index, one after the other; `body` is the loop's region with the element as
    its first parameter in place of the counter."""

    counter: Value
    array: Value
    moves: tuple[Equation, ...]
    body: Region

    @property
    def element(self) -> Type:
        assert isinstance(self.array.type, ArrayType)
        return self.array.type.element

    def places(self, emitter: Emitter, first: Value) -> list[Value]:
        """The counter and what each move makes of it, as integers, where the counter is `first`."""
        places, moving = [emitter.op("cast", INT, first, hint="place")], self.counter
        for e in self.moves:
            operands = [places[-1] if v == moving else emitter.op("cast", INT, v) for v in e.operands]
            places.append(emitter.op(e.op.removesuffix(".trap"), INT, *operands, hint="place"))
            moving = e.result
        return places


def access_of(loop: Equation, names: Names) -> Access:
    """Raises Refused where the loop does something else with an array, or with its counter."""
    (region,) = loop.regions
    counter, *state = region.parameters
    gets = {e.operands for e in walk(region.equations) if e.op == "get"}
    used = [v for e in walk(region.equations) for v in e.operands if isinstance(v.type, ArrayType) and e.op != "get"]
    if len(gets) != 1 or used or any(isinstance(v.type, ArrayType) for v in loop.operands[3:]):
        raise Refused("the inner loop reads more than one array, at more than one place, or writes", span=loop.span)
    ((array, index, *more),) = gets
    own = {v.name for v in region.parameters} | {r.name for e in walk(region.equations) for r in e.results}
    moves = _moves(region, index, counter, own)
    if moves is None or more or array.name in own:
        raise Refused("the inner loop reads an array at places that are no neighbours", span=loop.span)
    assert isinstance(array.type, ArrayType)
    element = names.fresh("x", array.type.element)
    kept = [e for e in region.equations if e not in moves]
    found = {e.result: element for e in walk(tuple(kept)) if e.op == "get"}
    body = Region((element, *state), tuple(_without_gets(kept)), region.results)
    body = _without_unread(substituted(body, found))
    places = {counter.name, *(e.result.name for e in moves)}
    if any(v.name in places for v in read(body)):
        raise Refused("the inner loop uses the place in the window for more than to read there", span=loop.span)
    return Access(counter, array, moves, body)


def _moves(region: Region, index: Value, counter: Value, own: set[str]) -> tuple[Equation, ...] | None:
    made = {e.results[0]: e for e in region.equations if e.results}
    moves: list[Equation] = []
    while index != counter:
        e = made.get(index)
        if e is not None and e.op == "select":  # an index from the end, where that is negative
            index = e.operands[2]
            continue
        if e is None or e.op not in _MOVES:
            return None
        inner = [v for v in e.operands if v.name in own]
        if len(inner) != 1 or (e.op == "sub.trap" and inner[0] != e.operands[0]):
            return None
        moves.insert(0, e)
        (index,) = inner
    return tuple(moves)


def _without_gets(equations: Sequence[Equation]) -> list[Equation]:
    return [
        replace(e, regions=tuple(replace(r, equations=tuple(_without_gets(r.equations))) for r in e.regions))
        for e in equations
        if e.op != "get"
    ]


def _without_unread(region: Region) -> Region:
    """The region without total equations whose results nothing reads."""
    needed = {v.name for v in region.results}
    kept: list[Equation] = []
    for e in reversed(region.equations):
        if not is_total(e) or any(r.name in needed for r in e.results):
            kept.append(e)
            needed |= {v.name for v in (*e.operands, *(u for r in e.regions for u in read(r)))}
    return replace(region, equations=tuple(reversed(kept)))


def read(region: Region) -> list[Value]:
    """All values that a region uses, its own too."""
    found = list(region.results)
    for e in walk(region.equations):
        found += [*e.operands, *(v for r in e.regions for v in r.results)]
    return found
