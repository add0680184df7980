"""From what a type rule says to an error with a place: the operand, region, attribute or type that is to blame, and
where the values come from.

A type rule knows numbers of operands; here they become names: `rows of %a: n, columns of %b: m`. The place is found by
what every rule's message says: `operand 2`, `the body region yields`, the name of an attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hyperion.errors import Label, TypeCheckError
from hyperion.ir.diagnostics import Diagnostic
from hyperion.ir.function import Equation, Value
from hyperion.ir.heads import Head, Heads, behind_region, region_parameters, region_results
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.sizes import SizeError, SizePlace
from hyperion.ir.types import ArrayType

_AXES = {1: ("length",), 2: ("rows", "columns")}
_OPERAND = re.compile(r"\boperand (\d{1,9})\b")
_REGION = re.compile(r"\bthe (\w+) region (takes|yields)\b")

Tokens = tuple[int, int]
"""The first and the last."""


def explained(
    error: TypeCheckError, equation: Equation, heads: Heads, notes: tuple[str, ...] = (), registry: Registry = CORE
) -> Diagnostic:
    """The error of a rule at its place in the text."""
    head = heads.head(equation)
    operands = _operands(error, len(equation.operands))
    tokens = None if head is None else _culprit(error, operands, head, registry)
    span = heads.equation(equation) if head is None or tokens is None else heads.span(equation, head, *tokens)
    message = _with_names(error, equation) if isinstance(error, SizeError) else error.message
    labels = tuple(_definitions(operands, equation, heads))
    hints = error.hints
    if operands:  # rules write `%value` for the operand that they are about
        hints = tuple(hint.replace("%value", str(equation.operands[operands[-1]])) for hint in hints)
    return TypeCheckError(error.code, message, span, (*error.notes, *notes), hints, labels)


def _operands(error: TypeCheckError, count: int) -> list[int]:
    """The operands that the error is about; the last is to blame."""
    if isinstance(error, SizeError):
        found = [operand for operand, _, _ in error.sizes]
    else:
        found = [int(number) - 1 for number in _OPERAND.findall(error.message)[:1]]
    return [operand for operand in found if 0 <= operand < count]


def _culprit(error: TypeCheckError, operands: list[int], head: Head, registry: Registry) -> Tokens | None:
    """The tokens to underline; None for the whole equation."""
    if operands:
        return head.operands[operands[-1]], head.operands[operands[-1]]
    match error.code:
        case "HY6010":
            return head.op, head.op
        case "HY6013" | "HY6017" | "HY6021" | "HY6024":
            return head.types
        case "HY6014":
            return next(((at, at) for name, at in head.attributes.items() if name in error.message.split()), None)
        case "HY6018":
            return head.op + 1, head.op + 1
        case "HY6022":
            return (head.op + 1, head.op + 1) if head.literal else head.types
        case "HY6016":
            return _region(error, head, registry)
        case _:
            return None


def _region(error: TypeCheckError, head: Head, registry: Registry) -> Tokens | None:
    found = _REGION.search(error.message)
    tokens = head.source.tokens
    definition = registry.ops.get(tokens[head.op])
    if found is None or definition is None or found[1] not in definition.regions:
        return None
    at = head.end
    for _ in range(definition.regions.index(found[1])):
        at = behind_region(tokens, at)
    return region_parameters(tokens, at) if found[2] == "takes" else region_results(tokens, at)


def _definitions(operands: list[int], equation: Equation, heads: Heads) -> Iterator[Label]:
    """Where the operands that the error is about are defined, and with which type."""
    for value in dict.fromkeys(equation.operands[i] for i in operands):
        span = heads.definition(value.name)
        if span is not None:
            yield Label(span, f"{value} is {value.type}")


def _with_names(error: SizeError, equation: Equation) -> str:
    """`rows of %a: n, columns of %b: m; why they must be equal`."""
    if not error.sizes or any(operand >= len(equation.operands) for operand, _, _ in error.sizes):
        return error.message
    told = ", ".join(_told(place, equation.operands) for place in error.sizes)
    return f"{told}; {error.message.rpartition(': ')[2]}"


def _told(place: SizePlace, operands: tuple[Value, ...]) -> str:
    operand, axis, size = place
    value = operands[operand]
    return f"{axis_name(value, axis)} of {value}: {size}"


def axis_name(value: Value, axis: int) -> str:
    """What an axis of an array is called: length, rows, columns, or by its number."""
    rank = len(value.type.shape) if isinstance(value.type, ArrayType) else 0
    names = _AXES.get(rank, ())
    return names[axis] if axis < len(names) else f"axis {axis}"
