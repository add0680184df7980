"""Exceptions that a step of Python raises and no single op of the IR does."""

from __future__ import annotations

import sys

from hyperion.ir.function import Region, Value
from hyperion.ir.types import BOOL, F64, I64
from hyperion_python.context import Context
from hyperion_python.emitter import close


def value_error_where(cx: Context, condition: Value) -> None:
    """ValueError where the condition holds: the trap of a shift by a negative count."""
    emit, constant = cx.emitter.emit, cx.emitter.constant
    count = emit("select", (condition, constant(-1, I64), constant(0, I64)), I64)
    emit("shr", (constant(0, I64), count), I64)


def overflow_where(cx: Context, condition: Value) -> None:
    """OverflowError where the condition holds: there, a sum leaves 64 bits."""
    emitter = cx.emitter
    regions: list[Region] = []
    for most in (2**63 - 1, 0):
        with emitter.inside(emitter.child()) as block:
            found = emitter.constant(most, I64)
            if most:
                found = emitter.emit("add.trap", (found, emitter.constant(1, I64)), I64)
            regions.append(close(block, [found]))
    emitter.equation("if", (condition,), (I64,), regions=regions)


def overflow_past(cx: Context, x: Value, most: float) -> None:
    """OverflowError where a 64-bit float is larger than `most`, but not infinite."""
    emit, constant = cx.emitter.emit, cx.emitter.constant
    finite = emit("le", (x, constant(sys.float_info.max, F64)), BOOL)
    size = emit("select", (finite, x, constant(0.0, F64)), F64)
    overflow_where(cx, emit("lt", (constant(most, F64), size), BOOL))
