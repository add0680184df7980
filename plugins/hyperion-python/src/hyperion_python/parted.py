"""Loops over indices that are told apart by a bound, or may start below 0, in two parts.

rewrite:
    for i in range(n):                 for i in range(min(n, w)):
        s += xs[i]                         s += xs[i]
        if i >= w:             -->         out[i] = s
            s -= xs[i - w]             for i in range(max(0, w), n):
        out[i] = s                         s += xs[i]
                                           s -= xs[i - w]
                                           out[i] = s

So the second loop reads all arrays from an index on that is not below 0, and numbers its turns (`beside`). A loop that
starts at a number that is not known is told apart at 0; the first part has no turns then but for negative numbers.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass

from hyperion.ir.function import Value
from hyperion.ir.types import I64, ArrayType
from hyperion_python.context import Context
from hyperion_python.convert import as_scalar, coerce
from hyperion_python.expressions import lower
from hyperion_python.hidden import Counted, exit_of, hidden_name, load
from hyperion_python.liveness import Names, assigned
from hyperion_python.operands import Literal


@dataclass(frozen=True, slots=True)
class _Test:
    """A branch of the body that is decided by whether the index has reached the bound."""

    branch: ast.If
    bound: ast.expr
    holds_after: bool


def parted(cx: Context, node: ast.For, after: Names) -> list[ast.stmt] | None:
    """The two loops, or None where the loop stays one."""
    bounds = _bounds(cx, node)
    if bounds is None or not isinstance(node.target, ast.Name):
        return None
    index, (low, high), stores = node.target.id, bounds, assigned(node.body)
    if index in after or index in stores or node.orelse or exit_of(node)[0] is not None or not _indexes(node, index):
        return None
    test = _test(cx, node, index, stores)
    known = isinstance(low, ast.Constant)
    if test is None and (known or not _is_fixed(cx, low, stores)):
        return None
    cx.reductions += 1
    values = [_integer(cx, low), _integer(cx, high), _integer(cx, test.bound if test else ast.Constant(0))]
    first, last, bound = values
    least = cx.emitter.least.get(first.name, -1)
    start, end = cx.emitter.emit("max", (first, bound), I64), cx.emitter.emit("min", (last, bound), I64)
    if least >= 0 or test is None:
        cx.emitter.least[start.name] = max(least, 0)
    numbers = cx.emitter.emit(
        "progression", (first, end, cx.emitter.constant(1, I64)), ArrayType(I64, (cx.fresh_size(),))
    )
    names = {stem: hidden_name(stem, cx.reductions) for stem in ("numbers", "start", "last")}
    cx.environment.update({names["start"]: start, names["last"]: last})
    cx.environment[names["numbers"]] = cx.new_array(numbers, owned=False)
    cx.local.update(names.values())
    one = ast.copy_location(ast.Constant(1), node)
    low_behind = load(names["start"], node)
    if test is not None and isinstance(low, ast.Constant) and isinstance(test.bound, ast.Constant):
        low_behind = ast.copy_location(ast.Constant(max(_number(low), _number(test.bound))), node)
    span = Counted(low_behind, load(names["last"], node), one)
    before = _loop(node, load(names["numbers"], node), test, reached=False)
    return [before, _loop(node, ast.copy_location(span, node.iter), test, reached=True)]


def _bounds(cx: Context, node: ast.For) -> tuple[ast.expr, ast.expr] | None:
    match node.iter:
        case ast.Call(func=ast.Name() as function, args=[high], keywords=[]) if cx.resolve(function) is range:
            return ast.copy_location(ast.Constant(0), node), high
        case ast.Call(func=ast.Name() as function, args=[low, high], keywords=[]) if cx.resolve(function) is range:
            if isinstance(low, ast.Constant) and not (type(low.value) is int and 0 <= low.value < 1 << 31):
                return None
            return low, high
        case _:
            return None


def _indexes(node: ast.For, index: str) -> bool:
    """Whether the body reads an array at the index less a name or a constant: a window."""
    return any(
        isinstance(n, ast.Subscript)
        and isinstance(n.slice, ast.BinOp)
        and isinstance(n.slice.op, ast.Sub)
        and isinstance(n.slice.left, ast.Name)
        and n.slice.left.id == index
        for s in node.body
        for n in ast.walk(s)
    )


def _is_fixed(cx: Context, node: ast.expr, stores: dict[str, None]) -> bool:
    """Whether an expression is an int that no turn changes."""
    match node:
        case ast.Constant(value=value):
            return type(value) is int and 0 <= value < 1 << 31
        case ast.Name(id=name):
            found = cx.environment.get(name)
            return name not in stores and isinstance(found, Value) and found.type == I64
        case _:
            return False


def _test(cx: Context, node: ast.For, index: str, stores: dict[str, None]) -> _Test | None:
    for statement in node.body:
        match statement:
            case ast.If(
                test=ast.Compare(left=ast.Name(id=name), ops=[ast.GtE() | ast.Lt() as op], comparators=[bound])
            ) if name == index and _is_fixed(cx, bound, stores):
                return _Test(statement, bound, isinstance(op, ast.GtE))
            case _:
                pass
    return None


def _number(node: ast.Constant) -> int:
    assert isinstance(node.value, int)
    return node.value


def _integer(cx: Context, node: ast.expr) -> Value:
    operand = as_scalar(cx, lower(cx, node), node) if not isinstance(node, ast.Constant) else Literal(_number(node))
    return coerce(cx, operand, I64, node)


def _loop(node: ast.For, over: ast.expr, test: _Test | None, *, reached: bool) -> ast.For:
    """One part of the loop, with the branch that is decided in it."""
    body: list[ast.stmt] = []
    for statement in node.body:
        if test is not None and statement is test.branch:
            body += test.branch.body if reached == test.holds_after else test.branch.orelse
        else:
            body.append(statement)
    body = [copy.deepcopy(s) for s in body] or [ast.copy_location(ast.Pass(), node)]
    return ast.copy_location(ast.For(copy.deepcopy(node.target), over, body, []), node)
