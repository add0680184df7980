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
from collections.abc import Sequence

from hyperion.ir.function import Value
from hyperion.ir.types import I64, ArrayType
from hyperion_python.context import Context
from hyperion_python.convert import as_scalar, coerce
from hyperion_python.expressions import lower
from hyperion_python.hidden import Counted, branch, exit_of, hidden_name, load, store, truth
from hyperion_python.liveness import Names, assigned
from hyperion_python.operands import Literal


def parted(cx: Context, node: ast.For, after: Names) -> list[ast.stmt] | None:
    """The two loops, or None where the loop stays one."""
    bounds = _bounds(cx, node)
    if bounds is None or not isinstance(node.target, ast.Name):
        return None
    index, (low, high), stores = node.target.id, bounds, assigned(node.body)
    if index in after or index in stores or node.orelse or exit_of(node)[0] is not None or not _indexes(node, index):
        return None
    border = _border(cx, node, index, low, stores)
    known = isinstance(low, ast.Constant)
    if border is None and (known or not _is_fixed(cx, low, stores)):
        return None
    cx.reductions += 1
    values = [_integer(cx, low), _integer(cx, high), _integer(cx, border or ast.Constant(0))]
    first, last, bound = values
    least = cx.emitter.least.get(first.name, -1)
    start, end = cx.emitter.emit("max", (first, bound), I64), cx.emitter.emit("min", (last, bound), I64)
    if least >= 0 or border is None:
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
    if isinstance(low, ast.Constant) and isinstance(border, ast.Constant):
        low_behind = ast.copy_location(ast.Constant(max(_number(low), _number(border))), node)
    span = Counted(low_behind, load(names["last"], node), one)
    bodies = [_Decided(index, low, border, reached=reached).block(node.body) for reached in (False, True)]
    if isinstance(low, ast.Constant) and isinstance(border, ast.Constant) and _number(border) == _number(low) + 1:
        begins = ast.copy_location(ast.Compare(low, [ast.Lt()], [load(names["last"], node)]), node)
        before = branch(begins, [store(index, low, node), *bodies[0]], [], node)  # one turn at most
    else:
        before = _loop(node, load(names["numbers"], node), bodies[0])
    return [before, _loop(node, ast.copy_location(span, node.iter), bodies[1])]


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


def _border(cx: Context, node: ast.For, index: str, low: ast.expr, stores: dict[str, None]) -> ast.expr | None:
    """The bound of the first test in the body that compares the index with a number, which no turn changes."""
    for inner in (n for s in node.body for n in ast.walk(s)):
        found = _compared(inner, index, low)
        if found is not None and _is_fixed(cx, found[0], stores):
            return found[0]
    return None


def _compared(node: ast.AST, index: str, low: ast.expr) -> tuple[ast.expr, bool] | None:
    """The bound of a test of the index, and whether the test holds from there on."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    left, op, right = node.left, type(node.ops[0]), node.comparators[0]
    if isinstance(right, ast.Name) and right.id == index:
        left, op, right = right, _TURNED.get(op, op), left
    if not isinstance(left, ast.Name) or left.id != index:
        return None
    if op in (ast.GtE, ast.Lt):
        return right, op is ast.GtE
    if not isinstance(right, ast.Constant) or type(right.value) is not int or not isinstance(low, ast.Constant):
        return None
    if op in (ast.Gt, ast.LtE) or (op in (ast.Eq, ast.NotEq) and right.value == low.value):
        return ast.copy_location(ast.Constant(right.value + 1), right), op in (ast.Gt, ast.NotEq)
    return None


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE
}  # fmt: skip


class _Decided(ast.NodeTransformer):
    """The body of a part, in which the tests of the index are decided."""

    def __init__(self, index: str, low: ast.expr, border: ast.expr | None, *, reached: bool) -> None:
        self._index = index
        self._low = low
        self._border = None if border is None else ast.dump(border)
        self._reached = reached

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        found = _compared(node, self._index, self._low)
        if found is None or ast.dump(found[0]) != self._border:
            return self.generic_visit(node)
        return truth(found[1] == self._reached, node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Not) and _truth(operand) is not None:
            return truth(not _truth(operand), node)
        return ast.copy_location(ast.UnaryOp(node.op, operand), node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """Operands after one that decides are never evaluated; those that decide nothing go, but for the last behind
        what may be no bool, which is the value."""
        decides = isinstance(node.op, ast.Or)
        values: list[ast.expr] = []
        for position, value in enumerate(map(self.visit, node.values), 1):
            is_value = position == len(node.values) and bool(values) and not _is_test(values[-1])
            if _truth(value) is not (not decides) or is_value:
                values.append(value)
            if _truth(value) is decides:
                break
        if not values:
            return truth(not decides, node)
        return values[0] if len(values) == 1 else ast.copy_location(ast.BoolOp(node.op, values), node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        test = self.visit(node.test)
        if _truth(test) is not None:
            return self.visit(node.body if _truth(test) else node.orelse)
        return ast.copy_location(ast.IfExp(test, self.visit(node.body), self.visit(node.orelse)), node)

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        test = self.visit(node.test)
        if _truth(test) is not None:
            return self._decided(node.body if _truth(test) else node.orelse)
        return branch(test, self._decided(node.body), self._decided(node.orelse), node)

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """A copy of the statements; decided, where there is a border."""
        copies = [copy.deepcopy(s) for s in statements]
        return copies if self._border is None else self._decided(copies)

    def _decided(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in statements:
            found = self.visit(statement)
            made += found if isinstance(found, list) else [found]
        return made


def _truth(node: ast.expr) -> bool | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, bool) else None


def _is_test(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _number(node: ast.Constant) -> int:
    assert isinstance(node.value, int)
    return node.value


def _integer(cx: Context, node: ast.expr) -> Value:
    operand = as_scalar(cx, lower(cx, node), node) if not isinstance(node, ast.Constant) else Literal(_number(node))
    return coerce(cx, operand, I64, node)


def _loop(node: ast.For, over: ast.expr, body: list[ast.stmt]) -> ast.For:
    """One part of the loop."""
    body = body or [ast.copy_location(ast.Pass(), node)]
    return ast.copy_location(ast.For(copy.deepcopy(node.target), over, body, []), node)
