"""Slices with bounds that change from turn to turn of a loop around: their elements are read where they are.

    for x in xs[i:j]: A    -->  for k in range(low, high): x = xs[k]; A

`low` and `high` are the bounds as Python clamps them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from hyperion.ir.function import Value
from hyperion_python import views
from hyperion_python.context import Context, LowerExpression
from hyperion_python.liveness import used
from hyperion_python.operands import ArrayRef


@dataclass(frozen=True, slots=True)
class Window:
    """The elements low, low + 1 .. below high of `array`, which is the array of that `key`."""

    array: Value
    key: str
    low: Value
    high: Value


def window_of(cx: Context, node: ast.expr, lower: LowerExpression) -> Window | None:
    """The part of an array that a slice is, if that has two bounds of which one changes in a loop around."""
    match node:
        case ast.Subscript(
            value=ast.Name(), slice=ast.Slice(lower=ast.expr(), upper=ast.expr(), step=None | ast.Constant(value=1))
        ) if isinstance(node.slice, ast.Slice) and not cx.changing.isdisjoint(used(node.slice)):
            with cx.emitter.at(cx.span(node)):
                array, reference = views.viewed(cx, node.value, lower)
                return Window(array, reference.key, *views.bounds(cx, array, node.slice, lower))
        case _:
            return None


def window_between(cx: Context, array: ast.expr, low: ast.expr, high: ast.expr) -> Window:
    """What `window_of` found before, under these names."""
    assert isinstance(array, ast.Name)
    assert isinstance(low, ast.Name)
    assert isinstance(high, ast.Name)
    reference, first, behind = (cx.read(n) for n in (array, low, high))
    assert isinstance(reference, ArrayRef)
    assert isinstance(first, Value)
    assert isinstance(behind, Value)
    return Window(cx.contents(reference), reference.key, first, behind)
