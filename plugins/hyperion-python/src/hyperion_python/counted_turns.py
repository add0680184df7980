"""Loops that number their turns by hand are enumerations.

rewrite:
    k = 0                        for k, x in enumerate(xs):
    for x in xs:           -->       out[k] = x
        out[k] = x
        k += 1
"""

from __future__ import annotations

import ast
import builtins

from hyperion_python.context import Context
from hyperion_python.hidden import exit_of
from hyperion_python.indexed import place_of
from hyperion_python.liveness import Names, assigned
from hyperion_python.operands import Literal


def counted_turns(cx: Context, node: ast.For, after: Names) -> ast.For | None:
    """The enumeration, where the loop writes an element at the number, which is not read after the loop."""
    *body, last = node.body
    match last:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=ast.Constant(value=1)):
            pass
        case _:
            return None
    first = cx.environment.get(name)
    names = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    if not isinstance(first, Literal) or type(first.value) is not int or not 0 <= first.value < 1 << 31:
        return None
    if name in after or name in assigned(body) or name in names or not body or exit_of(node)[0] is not None:
        return None
    function = ast.copy_location(ast.Name("enumerate", ast.Load()), node.iter)
    if cx.resolve(function) is not builtins.enumerate or _is_range(cx, node.iter) or not _writes_at(body, name):
        return None
    start = ast.copy_location(ast.Constant(first.value), node.iter)
    pairs = ast.copy_location(ast.Call(function, [node.iter, start], []), node.iter)
    number = ast.copy_location(ast.Name(name, ast.Store()), node.target)
    target = ast.copy_location(ast.Tuple([number, node.target], ast.Store()), node.target)
    return ast.copy_location(ast.For(target, pairs, body, node.orelse), node)


def _is_range(cx: Context, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and cx.resolve(node.func) is range


def _writes_at(body: list[ast.stmt], name: str) -> bool:
    stored = (n for s in body for n in ast.walk(s) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store))
    return any(place_of(n.slice) == (name, 0) for n in stored)
