"""Untrusted. How the arguments of a recursion on two integers are numbered, row by row.

An argument is `origin + u` or `origin - u`, where the origin is a base case and u counts from 0. A row holds the
arguments of one rank: the first u, or u + w where calls lessen either; its columns are numbered by w. No proof rests
on it: the table compares arguments, so that a bad choice finds nothing and the recursion runs as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.types import I64, ArrayType
from hyperion_proofs.analysis import Refused
from hyperion_proofs.emission import Emitter

MOST_DEPTH = 3
_SWAPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
_NEAR = 1 << 31

Reach = int | None
"""By how much a call changes an argument; None where that is no constant."""


@dataclass(frozen=True)
class Origin:
    """A number, after a value of the scopes around the recursion, or the length of an array of them."""

    offset: int
    base: Value | None = None

    def emit(self, emit: Emitter) -> Value:
        if self.base is None:
            return emit.const(self.offset, I64)
        base = emit.op("len", I64, self.base, hint="n") if isinstance(self.base.type, ArrayType) else self.base
        return emit.op("add.wrap", I64, base, emit.const(self.offset, I64)) if self.offset else base


START = Origin(0)


@dataclass(frozen=True)
class Axis:
    """`position` of the argument, which is `origin + sign * u`."""

    position: int
    origin: Origin
    sign: int


@dataclass(frozen=True)
class Layout:
    row: Axis
    column: Axis
    diagonal: bool  # whether the rank is the sum of both numbers
    depth: int  # how many rows before a row its cells read
    scattered: bool  # whether calls reach columns at no constant distance
    widening: int = 0  # how many columns each row has more than the one after it, where columns increase

    def arguments(self, emit: Emitter, rank: Value, column: Value) -> tuple[Value, Value]:
        """The arguments of the cell of a row."""
        u = emit.op("sub.wrap", I64, rank, column, hint="u") if self.diagonal else rank
        by = {self.row.position: _moved(emit, self.row, u), self.column.position: _moved(emit, self.column, column)}
        return by[0], by[1]

    def column_of(self, emit: Emitter, arguments: Sequence[Value]) -> Value:
        return number(emit, self.column, arguments[self.column.position])


def number(emit: Emitter, axis: Axis, argument: Value) -> Value:
    """u of an argument."""
    if axis.sign > 0:
        return (
            argument if axis.origin == START else emit.op("sub.wrap", I64, argument, axis.origin.emit(emit), hint="u")
        )
    return emit.op("sub.wrap", I64, axis.origin.emit(emit), argument, hint="u")


def _moved(emit: Emitter, axis: Axis, u: Value) -> Value:
    if axis.sign > 0:
        return u if axis.origin == START else emit.op("add.wrap", I64, axis.origin.emit(emit), u, hint="a")
    return emit.op("sub.wrap", I64, axis.origin.emit(emit), u, hint="a")


def layout_of(region: Region, given: Sequence[Value], numbers: Mapping[str, int]) -> Layout:
    """A layout in which calls go to rows before, for a recursion that begins with the arguments given. Raises Refused
    where none is known."""
    calls = list(reaches(region, numbers))
    signs = [_sign(reach[p] for reach in calls) for p in (0, 1)]

    def axis(position: int) -> Axis:
        return _axis(region, position, signs[position] or 1, given[1 - position], numbers)

    for p in (0, 1):
        steps = [reach[p] for reach in calls]
        if signs[p] and all(d and d * signs[p] < 0 and abs(d) <= MOST_DEPTH for d in steps):
            others = [reach[1 - p] for reach in calls]
            depth = max(abs(d or 0) for d in steps)
            if signs[1 - p] < 0:  # columns from the one that is asked for on
                widening = max(d or 0 for d in others)
                return Layout(axis(p), Axis(1 - p, Origin(0, given[1 - p]), 1), False, depth, None in others, widening)
            return Layout(axis(p), axis(1 - p), False, depth, None in others)
    if all(signs) and all(None not in reach for reach in calls):
        drops = [-sum((d or 0) * sign for d, sign in zip(reach, signs, strict=True)) for reach in calls]
        if min(drops) >= 1 and max(drops) <= MOST_DEPTH:
            return Layout(axis(0), axis(1), True, max(drops), False)
    raise Refused("the calls of itself do not lessen one argument, or their sum, by constants up to 3")


def _sign(steps: Iterator[Reach]) -> int:
    """1 where calls lessen an argument, -1 where they increase it, 0 where neither."""
    known = {(d > 0) - (d < 0) for d in steps if d}
    return -known.pop() if len(known) == 1 else 0


def reaches(region: Region, numbers: Mapping[str, int]) -> Iterator[tuple[Reach, ...]]:
    """By how much each call of itself changes the arguments."""
    offsets = [{p.name: 0} for p in region.parameters]
    for e in walk(region.equations):
        if e.op == "self":
            yield tuple(known.get(v.name) for known, v in zip(offsets, e.operands, strict=True))
        elif e.op.partition(".")[0] in ("add", "sub") and e.result.type == I64:
            for known in offsets:
                _learn(e, known, numbers)


def _learn(e: Equation, known: dict[str, int], numbers: Mapping[str, int]) -> None:
    first, second = e.operands
    plus = e.op.startswith("add")
    if first.name in known and second.name in numbers:
        known[e.result.name] = known[first.name] + (1 if plus else -1) * numbers[second.name]
    elif plus and second.name in known and first.name in numbers:
        known[e.result.name] = known[second.name] + numbers[first.name]


def _axis(region: Region, position: int, sign: int, other_given: Value, numbers: Mapping[str, int]) -> Axis:
    """The axis of an argument, from the tests that hold base cases; one that increases ends where the other one is at
    first, if it is compared with nothing else."""
    found = list(ends_of(region, position, sign, numbers))
    ends = [x.offset for x in found if x.base is None and abs(x.offset) < _NEAR]
    if sign > 0:
        return Axis(position, Origin(min([0, *ends])), sign)
    named = [x for x in found if x.base is not None]
    if named:
        return Axis(position, max(named, key=lambda x: x.offset), sign)
    both = {region.parameters[position], region.parameters[1 - position]}
    if any(e.op in _SWAPPED and both == set(e.operands) for e in walk(region.equations)):
        return Axis(position, Origin(1, other_given), sign)
    if not ends:
        raise Refused("an argument that increases is compared with no number and no value of the scopes around")
    return Axis(position, Origin(max(ends)), sign)


def ends_of(region: Region, position: int, sign: int, numbers: Mapping[str, int]) -> Iterator[Origin]:
    """Where the tests of an argument hold base cases, if it comes from above (sign 1) or from below."""
    argument, fixed = region.parameters[position], _fixed(region, numbers)
    for e in walk(region.equations):
        if e.op in _SWAPPED and argument in e.operands:
            first, second = e.operands
            other, op = (second, e.op) if first == argument else (first, _SWAPPED[e.op])
            if other.name in fixed:
                end = fixed[other.name]
                yield replace(end, offset=end.offset - _beyond(op, sign))


def _beyond(op: str, sign: int) -> int:
    """How far below the number of a test its base case lies."""
    if sign > 0:
        return 1 if op in ("lt", "ge") else 0
    return -1 if op in ("gt", "le") else 0


def _fixed(region: Region, numbers: Mapping[str, int]) -> dict[str, Origin]:
    """The values that are the same in every call."""
    inside = {v.name for e in walk(region.equations) for v in e.results} | {p.name for p in region.parameters}
    known = {name: Origin(number) for name, number in numbers.items()}

    def origin(v: Value) -> Origin | None:
        outside = v.name not in inside and v.type == I64
        return known.get(v.name) or (Origin(0, v) if outside else None)

    for e in walk(region.equations):
        match e.op.partition(".")[0]:
            case "len" if e.operands[0].name not in inside and e.result.type == I64:
                known[e.result.name] = Origin(0, e.operands[0])
            case "add" | "sub" if e.result.type == I64:
                first, second = map(origin, e.operands)
                if first is not None and second is not None and second.base is None:
                    change = second.offset if e.op.startswith("add") else -second.offset
                    known[e.result.name] = replace(first, offset=first.offset + change)
            case _:
                pass
        for v in e.operands:
            outer = origin(v) if v.name not in known else None
            if outer is not None:
                known[v.name] = outer
    return known
