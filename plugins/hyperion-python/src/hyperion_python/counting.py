"""While loops that count become for loops, where every step and the last value of the counter are the same.

rewrite:
    while i < n:           start = i
        A              --> for i in range(start, n): A
        i += 1             i = max(start, n)

    while i < n and c:     for i in range(start, n):
        A              -->     if not c: break
        i += 1                 A

A step of 1 towards the bound cannot overflow. Other steps are taken where the bound is a length and the counter is not
read afterwards. `n` has to be the same in every turn, and `i` assigned by the last step of a turn only.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Value
from hyperion.ir.types import I64
from hyperion_python.context import Context
from hyperion_python.hidden import DONE, Counted, Extremum, branch, exit_of, hidden_name, is_flag, load, store, truth
from hyperion_python.liveness import Names, assigned
from hyperion_python.namespace import MISSING
from hyperion_python.operands import ArrayRef, Literal

_MOST_STEP = 1 << 31


@dataclass(frozen=True, slots=True)
class _Count:
    """A while loop that counts: `rest` are conditions besides the bound, `body` is a turn without the step."""

    name: str
    bound: ast.expr
    step: int
    flag: str | None
    rest: list[ast.expr]
    body: list[ast.stmt]


def counted(cx: Context, node: ast.While, after: Names) -> list[ast.stmt] | None:
    """The statements that a while loop stands for, or None where it does not count."""
    count = _count(cx, node, after)
    if count is None:
        return None
    cx.reductions += 1
    start, flag, body, before = hidden_name("start", f"at {cx.reductions}"), count.flag, count.body, list[ast.stmt]()
    if count.rest:
        flag = hidden_name(DONE, f"at {cx.reductions}")
        test = count.rest[0] if len(count.rest) == 1 else ast.copy_location(ast.BoolOp(ast.And(), count.rest), node)
        body = [branch(test, body, [store(flag, truth(True, node), node)], node)]
        before.append(store(flag, truth(False, node), node))
    if flag is not None:
        body = [branch(load(flag, node), [], body, node)]
    step = ast.copy_location(ast.Constant(count.step), node)
    span = ast.copy_location(Counted(load(start, node), count.bound, step), node.test)
    target = ast.copy_location(ast.Name(count.name, ast.Store()), node)
    loop = ast.copy_location(ast.For(target, span, body, []), node)
    result = [store(start, load(count.name, node), node), *before, loop]
    if count.name in after:
        last = ast.copy_location(Extremum(load(start, node), count.bound, count.step > 0), node)
        final = store(count.name, last, node)
        result.append(final if flag is None else branch(load(flag, node), [], [final], node))
    cx.local.update(assigned(result))
    return result


def _count(cx: Context, node: ast.While, after: Names) -> _Count | None:
    flag, _ = exit_of(node)
    tests = node.test.values if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And) else [node.test]
    first, *rest = tests[1:] if flag is not None and len(tests) > 1 else tests
    stores = assigned(node.body)
    found = _limit(cx, first, stores) if isinstance(first, ast.Compare) else None
    if found is None or not node.body:
        return None
    name, up, bound = found
    if name not in stores or not _is_counter(cx, name) or not _is_fixed(cx, bound, stores):
        return None
    step = _last_step(node.body, name)
    if step is None or (step > 0) != up or abs(step) > _MOST_STEP:
        return None
    if abs(step) != 1 and (name in after or not _is_length(cx, bound)):
        return None
    body = _without_step(node.body, name, step)
    if body is None or name in assigned(body):
        return None
    return _Count(name, bound, step, flag, rest, body)


def _limit(cx: Context, test: ast.Compare, stores: dict[str, None]) -> tuple[str, bool, ast.expr] | None:
    """The counter, whether it goes up, and the number that it does not reach."""
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[bound]) if name in stores:
            pass
        case ast.Compare(left=bound, ops=[op], comparators=[ast.Name(id=name)]):
            turned: dict[type[ast.cmpop], ast.cmpop] = {
                ast.Lt: ast.Gt(), ast.Gt: ast.Lt(), ast.LtE: ast.GtE(), ast.GtE: ast.LtE()
            }  # fmt: skip
            op = turned.get(type(op), op)
        case _:
            return None
    match op, bound:
        case ast.Lt() | ast.Gt(), _:
            return name, isinstance(op, ast.Lt), bound
        case ast.LtE() | ast.GtE(), ast.Constant(value=value) if type(value) is int and abs(value) < 1 << 62:
            number = value + (1 if isinstance(op, ast.LtE) else -1)
            return name, isinstance(op, ast.LtE), ast.copy_location(ast.Constant(number), bound)
        case ast.LtE(), ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=1)) if _is_length(cx, left):
            return name, True, left
        case _:
            return None


def _is_counter(cx: Context, name: str) -> bool:
    found = cx.environment.get(name)
    return isinstance(found, Value | Literal) and found.type == I64


def _is_fixed(cx: Context, node: ast.expr, stores: dict[str, None]) -> bool:
    """Whether an expression is an int that no turn changes."""
    match node:
        case ast.Constant(value=value):
            return type(value) is int and I64.contains(value)
        case ast.Name(id=name) if name in cx.local:
            found = cx.environment.get(name)
            return name not in stores and isinstance(found, Value | Literal) and found.type == I64
        case ast.Name():
            found = cx.resolve(node)
            return found is not MISSING and type(found) is int and I64.contains(found)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv(), right=right):
            return _is_fixed(cx, left, stores) and _is_fixed(cx, right, stores)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _is_fixed(cx, operand, stores)
        case _:
            array = _measured(cx, node)
            return array is not None and array not in stores and isinstance(cx.environment.get(array), ArrayRef)


def _measured(cx: Context, node: ast.expr) -> str | None:
    """The name of the array whose length an expression is."""
    match node:
        case ast.Call(func=ast.Name() as function, args=[ast.Name(id=name)], keywords=[]) if (
            cx.resolve(function) is len
        ):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr="size"):
            return name
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=ast.Constant(value=0)):
            return name
        case _:
            return None


def _is_length(cx: Context, node: ast.expr) -> bool:
    """Whether the bound is a length, less a small constant or not: then no step past it overflows."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int() as least)):
            return 0 <= least <= _MOST_STEP and _is_length(cx, left)
        case ast.Name(id=name):
            found = cx.environment.get(name)
            return isinstance(found, Value) and found.name in cx.emitter.length_of
        case ast.Constant(value=int() as number):
            return abs(number) <= 1 << 62
        case _:
            return _measured(cx, node) is not None


def _last_step(body: Sequence[ast.stmt], name: str) -> int | None:
    """The constant that the step at the end of a turn adds."""
    if not body:
        return None
    match body[-1]:
        case ast.If(test=ast.Name(id=flag), orelse=orelse) if is_flag(flag):
            return _last_step(orelse, name)
        case ast.If(body=then, orelse=orelse):
            return _last_step(orelse if _exits(then) else then, name)
        case statement:
            return _step(statement, name)


def _step(statement: ast.stmt, name: str) -> int | None:
    match statement:
        case (
            ast.AugAssign(target=ast.Name(id=target), op=op, value=ast.Constant(value=value))
            | ast.Assign(
                targets=[ast.Name(id=target)],
                value=ast.BinOp(left=ast.Name(id=_), op=op, right=ast.Constant(value=value)),
            )
        ) if target == name and type(value) is int and value:
            if isinstance(statement, ast.Assign) and not _reads(statement.value, name):
                return None
            return value if isinstance(op, ast.Add) else -value if isinstance(op, ast.Sub) else None
        case _:
            return None


def _reads(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.left, ast.Name) and node.left.id == name


def _without_step(body: Sequence[ast.stmt], name: str, step: int) -> list[ast.stmt] | None:
    """The body without the step that ends each turn that goes on; None where a turn goes on without it."""
    if not body:
        return None
    *before, last = body
    if _step(last, name) == step:
        return before
    if not isinstance(last, ast.If):
        return None
    if isinstance(last.test, ast.Name) and is_flag(last.test.id):
        rest = _without_step(last.orelse, name, step)
        return None if rest is None else [*before, branch(last.test, [], rest, last)]
    branches: list[list[ast.stmt]] = []
    for statements in (last.body, last.orelse):
        stripped = list(statements) if _exits(statements) else _without_step(statements, name, step)
        if stripped is None:
            return None
        branches.append(stripped)
    return [*before, branch(last.test, branches[0], branches[1], last)]


def _exits(statements: Sequence[ast.stmt]) -> bool:
    """Whether the statements end with a flag set, or stand where it is."""
    match statements[-1:]:
        case [ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=True))]:
            return is_flag(name)
        case [ast.If(body=then, orelse=orelse)]:
            return _exits(then) and _exits(orelse)
        case _:
            return False
