"""What single operations cost, in simple ones: the table behind `hyperion.prediction`."""

from __future__ import annotations

from hyperion.ir.function import Equation
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType, Type

_HARD = frozenset(("div", "floordiv", "mod"))
_LIBRARY = frozenset(("exp", "log"))
"""Calls of the C library, one for each element."""
FREE = frozenset(("const", "len"))


def name_of(e: Equation) -> str:
    return e.op.partition(".")[0]


def _floats(e: Equation) -> bool:
    return any(isinstance(r.type, FloatType) for r in e.results)


def weight(e: Equation) -> float:
    """Simple operations that are issued for this one."""
    if e.op in FREE:
        return 0.0
    name = name_of(e)
    if name in _HARD:
        return 12.0 if _floats(e) else 30.0
    if name in _LIBRARY:
        return 40.0
    return 2.0 if e.op.endswith((".trap", ".sat")) or name in ("max", "min", "get", "update", "sqrt") else 1.0


def latency(e: Equation) -> float:
    """Simple operations, one after the other, that take as long as this one."""
    if e.op in FREE:
        return 0.0
    if e.regions:  # a choice: a comparison, and the dearer branch
        return 1.0 + max(sum(latency(i) for i in region.equations) for region in e.regions)
    name = name_of(e)
    if name in _HARD or name in _LIBRARY:
        return weight(e)
    if _floats(e):
        return 4.0
    return {"mul": 3.0, "max": 2.0, "min": 2.0, "get": 5.0, "cast": 0.5}.get(name, 1.0)


def vector_weight(e: Equation) -> float:
    """Operations on vector registers that are issued for this one."""
    if e.op in FREE:
        return 0.0
    name = name_of(e)
    if name in _LIBRARY or (name in _HARD and not _floats(e)):
        return 8 * weight(e)  # element by element
    if name == "mul" and not _floats(e):
        return 4.0
    return weight(e)


def bits(e: Equation) -> int:
    return max((bits_of(v.type) for v in (*e.results, *e.operands)), default=0)


def bits_of(kind: Type) -> int:
    match kind:
        case ArrayType():
            return 0
        case BoolType():
            return 8
        case IntType(width=bits) | FloatType(width=bits):
            return bits
        case _:
            return 128
