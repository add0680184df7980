"""States that no summary changes any more: by them a search over pieces ends before the input does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.types import BOOL


@dataclass(frozen=True, slots=True)
class Kept:
    """`act` gives the state that it is given wherever `test`, a region over the state, yields `truth`."""

    test: Region
    truth: bool


def kept(act: Region, states: int) -> Kept | None:
    """A test of the state under which `act` changes nothing, whatever the summary is; None where none is seen."""
    state = act.parameters[len(act.parameters) - states :]
    own = _of_state(act, state)
    made = {r: e for e in own for r in e.results}
    candidates = [v for v in (*made, *state) if v.type == BOOL]
    for test in candidates:
        for truth in (True, False):
            if _keeps(act, state, _following(test, truth, made)):
                return Kept(Region(state, tuple(_needed(test, own)), (test,)), truth)
    return None


def _of_state(act: Region, state: Sequence[Value]) -> list[Equation]:
    """The equations that read nothing of the summary."""
    summary = act.parameters[: len(act.parameters) - len(state)]
    unknown, own = set(summary), list[Equation]()
    for e in act.equations:
        if e.regions or any(v in unknown for v in e.operands):
            unknown.update(e.results)
        else:
            own.append(e)
    return own


def _needed(test: Value, own: Sequence[Equation]) -> Iterator[Equation]:
    """Those of the equations that the test depends on, in order."""
    wanted, found = {test}, list[Equation]()
    for e in reversed(own):
        if wanted.intersection(e.results):
            wanted.update(e.operands)
            found.append(e)
    yield from reversed(found)


def _following(test: Value, truth: bool, made: dict[Value, Equation]) -> dict[Value, object]:
    """What is known of truth values where `test` is `truth`."""
    known: dict[Value, object] = {}
    waiting = [(test, truth)]
    while waiting:
        v, value = waiting.pop()
        known[v] = value
        e = made.get(v)
        if e is not None and e.op == "not":
            waiting.append((e.operands[0], not value))
        elif e is not None and e.op == ("and" if value else "or"):
            waiting += [(u, value) for u in e.operands]
    return known


def _keeps(act: Region, state: Sequence[Value], known: dict[Value, object]) -> bool:
    """Whether the region gives the state back, for what is known of truth values."""
    known = dict(known)

    def of(v: Value) -> object:
        return known.get(v, v)

    for e in act.equations:
        for r in e.results:
            if r not in known:
                known[r] = _value(e, [of(v) for v in e.operands], r)
    return all(of(r) == of(s) for r, s in zip(act.results, state, strict=True))


def _value(e: Equation, operands: Sequence[object], itself: Value) -> object:
    """A truth value or an earlier value that the equation gives; else a value of its own."""
    match e.op, operands:
        case "const", _ if itself.type == BOOL:
            return bool(e.attribute("value"))
        case "select", (bool(c), a, b):
            return a if c else b
        case "select", (_, a, b) if a == b:
            return a
        case "not", (bool(a),):
            return not a
        case ("and" | "or") as op, (a, b):
            decides = op == "or"
            if a is decides or b is decides:
                return decides
            return b if isinstance(a, bool) else a if isinstance(b, bool) or a == b else itself
        case _:
            return itself
