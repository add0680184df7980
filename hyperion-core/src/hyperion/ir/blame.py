"""From what a type rule says to an error with a place: the operand, attribute or type that is to blame, and where the
values come from.

A type rule knows numbers of operands; here they become names: `rows of %a: n, columns of %b: m`.
"""

from __future__ import annotations

from collections.abc import Iterator

from hyperion.errors import Label, Span, TypeCheckError
from hyperion.ir.diagnostics import Diagnostic
from hyperion.ir.function import Equation, Value
from hyperion.ir.heads import Head, Heads
from hyperion.ir.sizes import SizeError, SizePlace
from hyperion.ir.type_rules import OperandError
from hyperion.ir.types import ArrayType

_AXES = {1: ("length",), 2: ("rows", "columns")}


def explained(error: TypeCheckError, equation: Equation, heads: Heads, notes: tuple[str, ...] = ()) -> Diagnostic:
    """The error of a rule at its place in the text."""
    head = heads.head(equation)
    notes = (*error.notes, *notes)
    labels = tuple(_labels(error, equation, heads))
    message = _with_names(error, equation) if isinstance(error, SizeError) else error.message
    span = heads.equation(equation)
    if head is not None:
        first, last = _culprit(error, head)
        if first is not None:
            span = heads.span(equation, head, first, last)
    return TypeCheckError(error.code, message, span, notes, error.hints, labels)


def _culprit(error: TypeCheckError, head: Head) -> tuple[int | None, int | None]:
    """The tokens to underline; None for the whole equation."""
    match error:
        case OperandError() if error.operand < len(head.operands):
            return head.operands[error.operand], None
        case SizeError() if error.sizes and error.sizes[-1][0] < len(head.operands):
            return head.operands[error.sizes[-1][0]], None
        case _:
            pass
    match error.code:
        case "HY6010":
            return head.op, None
        case "HY6014":
            named = [at for name, at in head.attributes.items() if name in error.message.split()]
            return (named[0], None) if named else (None, None)
        case "HY6013" | "HY6017" | "HY6021":
            return head.types if head.types is not None else (None, None)
        case _:
            return None, None


def _labels(error: TypeCheckError, equation: Equation, heads: Heads) -> Iterator[Label]:
    """Where the operands that the error is about are defined, and with which type."""
    positions: list[int] = []
    if isinstance(error, OperandError):
        positions = [error.operand]
    elif isinstance(error, SizeError):
        positions = [operand for operand, _, _ in error.sizes]
    for value in dict.fromkeys(equation.operands[i] for i in positions if i < len(equation.operands)):
        span = heads.definition(value.name)
        if span is not None:
            yield Label(span, f"{value} is {value.type}")


def _with_names(error: SizeError, equation: Equation) -> str:
    """`rows of %a: n, columns of %b: m; why they must be equal`."""
    if not error.sizes or any(operand >= len(equation.operands) for operand, _, _ in error.sizes):
        return error.message
    told = ", ".join(_told(place, equation.operands) for place in error.sizes)
    reason = error.message.rpartition(": ")[2]
    return f"{told}; {reason}"


def _told(place: SizePlace, operands: tuple[Value, ...]) -> str:
    operand, axis, size = place
    value = operands[operand]
    return f"{axis_name(value, axis)} of {value}: {size}"


def axis_name(value: Value, axis: int) -> str:
    """What an axis of an array is called: length, rows, columns or its number."""
    rank = len(value.type.shape) if isinstance(value.type, ArrayType) else 0
    names = _AXES.get(rank, ())
    return names[axis] if axis < len(names) else f"axis {axis}"


