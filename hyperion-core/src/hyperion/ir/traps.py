"""The exception of each kind of trap; every way of running a function raises the same one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hyperion.assumptions import MESSAGE, stated_at
from hyperion.errors import (
    AssumptionError,
    HyperionError,
    Span,
    TrapIndexError,
    TrapInexactError,
    TrapOverflowError,
    TrapRecursionError,
    TrapValueError,
    TrapZeroDivisionError,
)
from hyperion.ir.scalars import TrapKind

TRAPS: Mapping[TrapKind, tuple[str, type[HyperionError], str]] = MappingProxyType(
    {
        "overflow": ("HY5101", TrapOverflowError, "the result of this step leaves the range of its integer type"),
        "zero-division": ("HY5102", TrapZeroDivisionError, "division by zero"),
        "index": ("HY5103", TrapIndexError, "the index is outside the array"),
        "value": ("HY5104", TrapValueError, "this step has no result for its operands"),
        "inexact": ("HY5105", TrapInexactError, "the integer has no equal float"),
        "recursion": ("HY5111", TrapRecursionError, "the function calls itself deeper than the stack allows"),
    }
)


def trap_error(kind: TrapKind, span: Span | None, notes: tuple[str, ...] = ()) -> HyperionError:
    """The exception for a trap at `span`."""
    code, error, message = TRAPS[kind]
    if kind == "value" and stated_at(span):
        code, error, message = "HY5110", AssumptionError, MESSAGE
    return error(code, message, span, notes)
