"""Conversions between scalar types."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from hyperion.ir.types import F16, F32, F64, BoolType, FloatType, IntType, Type
from hyperion_llvm.scalar import Use, machine_integer, suffix
from hyperion_llvm.text import literal, vector_type

BEYOND = {16: 2.0**16, 32: 2.0**128, 64: math.inf}  # the first power of two past the range of a format


def _convert(use: Use, instruction: str, target: Type, operand: str = "") -> str:
    goal = vector_type(target, use.lanes)
    return use.writer.set(f"{instruction} {use.type} {operand or use.operands[0]} to {goal}")


def _resize(use: Use) -> str:
    """An integer or bool brought to another width, keeping the low bits."""
    source = IntType(1, signed=False) if isinstance(use.kinds[0], BoolType) else use.integer
    target = machine_integer(use.result)
    if target.width == source.width:
        return use.operands[0]
    if target.width < source.width:
        return _convert(use, "trunc", target)
    return _convert(use, "sext" if source.signed else "zext", target)


def widen(use: Use) -> str:
    return _convert(use, "fpext", use.result) if isinstance(use.result, FloatType) else _resize(use)


def checked(use: Use) -> str:
    source, target = use.integer, machine_integer(use.result)
    sign = "s" if source.signed else "u"
    if source.minimum < target.minimum:
        use.trap_if(use.compare(f"{sign}lt", use.operands[0], use.literal(target.minimum)), "overflow")
    if source.maximum > target.maximum:
        use.trap_if(use.compare(f"{sign}gt", use.operands[0], use.literal(target.maximum)), "overflow")
    return _resize(use)


def _to_float(use: Use, target: FloatType) -> str:
    instruction = "sitofp" if use.integer.signed else "uitofp"
    if target != F16:
        return _convert(use, instruction, target)
    # What f64 rounds is past the range of a half, so this rounds once.
    wide = _convert(use, instruction, F64)
    return use.writer.set(f"fptrunc {vector_type(F64, use.lanes)} {wide} to {vector_type(target, use.lanes)}")


def rounded(use: Use) -> str:
    if isinstance(use.kinds[0], FloatType):
        return _convert(use, "fptrunc", use.result)
    assert isinstance(use.result, FloatType)
    return _to_float(use, use.result)


def exact(use: Use) -> str:
    """The float, if it converts back to the same integer. The conversion back saturates, and 2**width - 1 rounds up
    to 2**width, which would saturate to the same integer: that float is refused first."""
    assert isinstance(use.result, FloatType)
    value = _to_float(use, use.result)
    float_type = vector_type(use.result, use.lanes)
    sign = "s" if use.integer.signed else "u"
    past = float(use.integer.maximum + 1)
    limit = literal(use.result, past if past < BEYOND[use.result.width] else math.inf, use.lanes)
    use.trap_if(use.writer.set(f"fcmp oge {float_type} {value}, {limit}", "c"), "inexact")
    if -use.integer.minimum >= BEYOND[use.result.width]:
        below = literal(use.result, -math.inf, use.lanes)
        use.trap_if(use.writer.set(f"fcmp oeq {float_type} {value}, {below}", "c"), "inexact")
    name = f"llvm.fpto{sign}i.sat.{suffix(use.kinds[0], use.lanes)}.{suffix(use.result, use.lanes)}"
    back = use.writer.set(f"call {use.type} @{name}({float_type} {value})")
    use.trap_if(use.compare("ne", back, use.operands[0]), "inexact")
    return value


def truncated(use: Use) -> str:
    (x,) = use.operands
    kind = use.kinds[0]
    if kind == F16:
        # The limits of wide integers are past the range of a half.
        wide = _convert(use, "fpext", F32)
        return truncated(Use(use.writer, use.op, (wide,), (F32,), use.result, use.lanes, use.traps))
    target = machine_integer(use.result)
    use.trap_if(use.compare("uno", x, x), "value")
    whole = use.intrinsic("trunc", x)
    use.trap_if(use.compare("olt", whole, use.literal(float(target.minimum))), "overflow")
    use.trap_if(use.compare("oge", whole, use.literal(float(target.maximum + 1))), "overflow")
    return _convert(use, "fptosi" if target.signed else "fptoui", target, whole)


def cast_table() -> Mapping[str, Callable[[Use], str]]:
    return {
        "cast": widen,
        "cast.wrap": _resize,
        "cast.trap": checked,
        "cast.round": rounded,
        "cast.exact": exact,
        "cast.truncate": truncated,
    }
