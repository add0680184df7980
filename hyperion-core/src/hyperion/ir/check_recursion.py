"""Recursions: whether each `self` stands in a `recurse`, and takes and gives what that does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hyperion.errors import TypeCheckError
from hyperion.ir.function import Equation, Value
from hyperion.ir.type_rules import Types, listing

Signature = tuple[Types, Types]


def recursion_errors(
    equations: Iterable[Equation], around: Signature | None = None
) -> Iterator[tuple[Equation, TypeCheckError]]:
    """The equations `self` that do not fit the recursion around them, and why (HY6028)."""
    for equation in equations:
        if equation.op == "self":
            error = _mismatch(equation, around)
            if error is not None:
                yield equation, error
        for region in equation.regions:
            inner = (_types(region.parameters), _types(region.results)) if equation.op == "recurse" else around
            yield from recursion_errors(region.equations, inner)


def _mismatch(equation: Equation, around: Signature | None) -> TypeCheckError | None:
    if around is None:
        hints = ("put it in the region of a `recurse`",)
        return TypeCheckError("HY6028", "self stands outside of a recursion", hints=hints)
    given = (_types(equation.operands), _types(equation.results))
    if given == around:
        return None
    (takes, gives), (operands, results) = around, given
    message = (
        f"the recursion is {listing(takes)} -> {listing(gives)}, self is {listing(operands)} -> {listing(results)}"
    )
    return TypeCheckError("HY6028", message, hints=("convert the operands to the types of the region's parameters",))


def _types(values: Iterable[Value]) -> Types:
    return tuple(v.type for v in values)
