"""Loops that read an array a lag ahead of their index count from the lag on.

rewrite:
    for i in range(len(xs) - lag):               for i in range(lag, len(xs)):
        s += xs[i] * xs[i + lag]         -->         s += xs[i - lag] * xs[i]

So the reads are those of a window, which `parted` and `beside` number, also where the lag is negative.
"""

from __future__ import annotations

import ast
import copy

from hyperion.ir.function import Value
from hyperion.ir.types import I64
from hyperion_python.context import Context
from hyperion_python.expressions import lower
from hyperion_python.hidden import exit_of, load
from hyperion_python.liveness import Names, assigned


def lagged(cx: Context, node: ast.For, after: Names) -> ast.For | None:
    """The loop that counts from the lag on; None for any other loop."""
    match node:
        case ast.For(
            target=ast.Name(id=index),
            iter=ast.Call(
                func=ast.Name() as function, args=[ast.BinOp(end, ast.Sub(), ast.Name(id=lag)) as high], keywords=[]
            ) as call,
        ) if isinstance(end, ast.Name | ast.Call) and cx.resolve(function) is range:
            pass
        case _:
            return None
    value, stores = cx.environment.get(lag), assigned(node.body)
    inside = [n for s in node.body for n in ast.walk(s)]
    if not isinstance(value, Value) or value.type != I64 or lag in stores or index in stores or index in after:
        return None
    if node.orelse or exit_of(node)[0] is not None or any(isinstance(n, ast.For | ast.While) for n in inside):
        return None
    if not any(isinstance(n, ast.Subscript) and _is_ahead(n.slice, index, lag) for n in inside):
        return None
    lower(cx, high)  # the number of turns overflows where it did
    shifted = _Shifted(index, lag)
    body = [shifted.visit(copy.deepcopy(s)) for s in node.body]
    over = ast.copy_location(ast.Call(function, [high.right, end], []), call)
    return ast.copy_location(ast.For(node.target, over, body, []), node)


def _is_ahead(node: ast.AST, index: str, lag: str) -> bool:
    match node:
        case ast.BinOp(ast.Name(id=a), ast.Add(), ast.Name(id=b)):
            return {a, b} == {index, lag}
        case _:
            return False


class _Shifted(ast.NodeTransformer):
    """What the index was is the index less the lag."""

    def __init__(self, index: str, lag: str) -> None:
        self._index = index
        self._lag = lag

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if _is_ahead(node, self._index, self._lag):
            return load(self._index, node)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id != self._index:
            return node
        return ast.copy_location(ast.BinOp(node, ast.Sub(), load(self._lag, node)), node)
