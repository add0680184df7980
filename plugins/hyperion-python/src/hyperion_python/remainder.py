"""`(a * b + c) % m` with the left side formed exactly: in 128 bits, where 64-bit numbers may be multiplied."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, I64, I128, U64, FloatType, IntType
from hyperion_python.arithmetic import integer_binary, power_of, try_retype
from hyperion_python.context import Context, LowerExpression
from hyperion_python.convert import as_scalar, coerce, to_integer
from hyperion_python.operands import Literal, Scalar

_STEPS: dict[type[ast.operator], str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul"}


@dataclass(frozen=True, slots=True)
class _Step:
    """A step of the exact part; `power` is the constant exponent of `**`."""

    node: ast.expr
    op: str
    operands: tuple[_Tree, ...]
    power: int = 0


_Tree = _Step | Scalar


def is_exact_remainder(cx: Context, node: ast.BinOp) -> bool:
    """Whether the node is `% m` of an integer step that overflow traps."""
    return isinstance(node.op, ast.Mod) and cx.options.overflow == "trap" and _is_step(node.left)


def _is_step(node: ast.expr) -> bool:
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()):
            return True
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int() as count)):
            return 1 <= count <= 64
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return not isinstance(inner, ast.Constant)
        case _:
            return False


def lower_remainder(cx: Context, node: ast.BinOp, lower: LowerExpression) -> Scalar:
    """The leaves are evaluated first, in order; then the steps at 128 bits, the remainder, and back to 64 bits."""
    tree = _collect(cx, node.left, lower)
    modulus = as_scalar(cx, lower(cx, node.right), node.right)
    leaves = [*_leaves(tree), modulus]
    if any(isinstance(x.type, FloatType) for x in leaves):
        cx.refuse("HY6104", "% on floats is not taken", node, hint="reduce integers, or convert with int(x) first")
    if all(isinstance(x, Literal) for x in leaves):
        folded = _folded(tree, modulus)
        if folded is not None:
            return folded
    value = _exact(cx, tree, node)
    divisor = _wide(cx, modulus, node)
    remainder = integer_binary(cx, "mod", value, divisor)
    return to_integer(cx, remainder, node, _result_type(cx, leaves))


def _result_type(cx: Context, leaves: list[Scalar]) -> IntType:
    typed = [x for x in leaves if isinstance(x, Value) and x.type != BOOL]
    unsigned = [x for x in typed if x.type == U64]
    signed = [x for x in typed if x.type == I64]
    for x in signed if unsigned else ():
        try_retype(cx, x, unsigned[0])
    return U64 if unsigned and not signed else I64


def _folded(tree: _Tree, modulus: Scalar) -> Literal | None:
    value, divisor = _fold(tree), _fold(modulus)
    if divisor == 0 or max(value.bit_length(), divisor.bit_length()) > 127:
        return None
    return Literal(value % divisor, named=True)


def _fold(tree: _Tree) -> int:
    if isinstance(tree, Literal):
        return int(tree.value)
    assert isinstance(tree, _Step)
    values = [_fold(operand) for operand in tree.operands]
    match tree.op:
        case "neg":
            return -values[0]
        case "pow":
            return values[0] ** tree.power
        case "add":
            return values[0] + values[1]
        case "sub":
            return values[0] - values[1]
        case _:
            return values[0] * values[1]


def _collect(cx: Context, node: ast.expr, lower: LowerExpression) -> _Tree:
    if not _is_step(node):
        return as_scalar(cx, lower(cx, node), node)
    match node:
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as count)):
            return _Step(node, "pow", (_collect(cx, left, lower),), count)
        case ast.BinOp(left=left, op=operator, right=right):
            return _Step(node, _STEPS[type(operator)], (_collect(cx, left, lower), _collect(cx, right, lower)))
        case ast.UnaryOp(operand=operand):
            return _Step(node, "neg", (_collect(cx, operand, lower),))
        case _:
            raise AssertionError(node)


def _leaves(tree: _Tree) -> list[Scalar]:
    if not isinstance(tree, _Step):
        return [tree]
    return [leaf for operand in tree.operands for leaf in _leaves(operand)]


def _exact(cx: Context, tree: _Tree, node: ast.expr) -> Value:
    if not isinstance(tree, _Step):
        return _wide(cx, tree, node)
    values = [_exact(cx, operand, tree.node) for operand in tree.operands]
    with cx.emitter.at(cx.span(tree.node)):
        match tree.op:
            case "neg":
                return cx.emitter.emit("neg.trap", values, I128)
            case "pow":
                return power_of(cx, values[0], tree.power)
            case op:
                return integer_binary(cx, op, *values)


def _wide(cx: Context, scalar: Scalar, node: ast.expr) -> Value:
    if isinstance(scalar, Value) and scalar.type == BOOL:
        return coerce(cx, coerce(cx, scalar, I64, node), I128, node)
    return coerce(cx, scalar, I128, node)
