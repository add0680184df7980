"""Untrusted. How many steps lead a loop's state back to itself: found by running the step on some states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import lcm

from hyperion.ir import ops
from hyperion.ir.function import Equation, Region, Value, walk
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.types import BOOL, BoolType, IntType, Type, scalar_types

LONGEST = 4096
"""Steps that are run from each state."""
LARGEST = 1_000_000
"""The most steps that are run at first; a multiple of all periods found."""
SOON = 200
"""Steps within which a state that grows leaves the range."""
_SAMPLES = 12
_TRIED = (0, 1, -1, 7, 2, -3, 1000, 12345)

_WHOLE = (BOOL, *(kind for kind in scalar_types().values() if isinstance(kind, IntType)))

State = tuple[Number, ...]


def common_period(
    step: Region, inits: Sequence[Value], literals: Mapping[Value, Number], used: Sequence[Value]
) -> int | None:
    """A multiple of the periods in which the states that were tried come back, where all others of them trap soon, and
    enough steps to get there; None where some do neither, or all trap."""
    found = 0
    for state, env in _starts(inits, literals, used):
        period = _period(step, state, env)
        if period is None or (period and lcm(max(found, 1), period) > LARGEST):
            return None
        found = lcm(max(found, 1), period) if period else found
    return found * -(-LONGEST // found) if found else None  # as many as lead into the period


def some_stays(step: Region, inits: Sequence[Value], literals: Mapping[Value, Number], used: Sequence[Value]) -> bool:
    """Whether some state that was tried does not trap soon."""
    return any(_period(step, state, env, SOON) != 0 for state, env in _starts(inits, literals, used))


def runs_alone(step: Region) -> bool:
    """Whether the step has scalar operations and branches only, of integers and truth values."""
    return all(
        e.op == "if"
        or (ops.is_scalar_op(e.op) and e.result.type in _WHOLE)
        or (e.op == "const" and e.result.type in _WHOLE)
        for e in walk(step.equations)
    )


def _starts(
    inits: Sequence[Value], literals: Mapping[Value, Number], used: Sequence[Value]
) -> Iterator[tuple[State, dict[Value, Number]]]:
    def choices(v: Value) -> Sequence[Number]:
        return (literals[v],) if v in literals else _tried(v.type)

    captured = [v for v in used if v not in literals]
    for sample in range(_SAMPLES):  # different ones of each value's choices together
        tried = [choices(v) for v in (*inits, *captured)]
        values = [c[(sample * (2 * j + 1) + j) % len(c)] for j, c in enumerate(tried)]
        state, others = values[: len(inits)], values[len(inits) :]
        known = dict(literals) | dict(zip(inits, state, strict=True))
        yield tuple(state), known | dict(zip(captured, others, strict=True))


def _tried(kind: Type) -> Sequence[Number]:
    return (False, True) if isinstance(kind, BoolType) else _TRIED


def _period(step: Region, state: State, env: Mapping[Value, Number], most: int = LONGEST) -> int | None:
    """The period that the state falls into; 0 where a step traps, None where neither happens soon (Brent 1980)."""
    power, length, saved = 1, 0, state
    try:
        for _ in range(most):
            state = _run(step, (0, *state), env)
            length += 1
            if state == saved:
                return length
            if length == power:
                power, length, saved = 2 * power, 0, state
    except Trap:
        return 0
    return None


def _run(region: Region, values: State, env: Mapping[Value, Number]) -> State:
    known = dict(env) | dict(zip(region.parameters, values, strict=True))
    for e in region.equations:
        known.update(zip(e.results, _equation(e, known), strict=True))
    return tuple(known[v] for v in region.results)


def _equation(e: Equation, known: Mapping[Value, Number]) -> State:
    if e.op == "if":
        return _run(e.regions[0 if known[e.operands[0]] else 1], (), known)
    if e.op == "const":
        return (e.attribute("value"),)
    operands = [known[v] for v in e.operands]
    return (ops.evaluate(e.op, operands, [v.type for v in e.operands], e.result.type),)
