"""Exceptions that a step of Python raises and no single op of the IR does."""

from __future__ import annotations

from hyperion.ir.function import Value
from hyperion.ir.types import I64
from hyperion_python.context import Context


def value_error_where(cx: Context, condition: Value) -> None:
    """ValueError where the condition holds: the trap of a shift by a negative count."""
    emit, constant = cx.emitter.emit, cx.emitter.constant
    count = emit("select", (condition, constant(-1, I64), constant(0, I64)), I64)
    emit("shr", (constant(0, I64), count), I64)
