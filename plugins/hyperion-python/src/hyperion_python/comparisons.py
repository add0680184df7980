"""Comparisons, min and max of scalars."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Final

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, I64, I128, U64, FloatType, IntType, Type
from hyperion_python.arithmetic import integer_binary, meeting_type, try_retype
from hyperion_python.context import Context
from hyperion_python.convert import as_scalar, coerce, fits, type_name
from hyperion_python.operands import Literal, Operand, Scalar

_OPS: Final[dict[type[ast.cmpop], tuple[str, str, Callable[[float, float], bool]]]] = {
    ast.Eq: ("eq", "==", operator.eq), ast.NotEq: ("ne", "!=", operator.ne),
    ast.Lt: ("lt", "<", operator.lt), ast.LtE: ("le", "<=", operator.le),
    ast.Gt: ("gt", ">", operator.gt), ast.GtE: ("ge", ">=", operator.ge),
}  # fmt: skip


def check_operator(cx: Context, kind: type[ast.cmpop], node: ast.expr) -> None:
    """Refuses what is no comparison of numbers."""
    if kind not in _OPS:
        words: dict[type[ast.cmpop], str] = {ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in"}
        hint = "write == for numbers" if kind in (ast.Is, ast.IsNot) else "write x in (a, b, c), or compare in a loop"
        cx.refuse("HY6104", f"`{words[kind]}` is not taken", node, hint=hint)


def compare(cx: Context, kind: type[ast.cmpop], left: Operand, right: Operand, node: ast.expr) -> Scalar:
    """`left kind right`; integers and floats compare by their exact values."""
    op, sign, function = _OPS[kind]
    a, b = as_scalar(cx, left, node), as_scalar(cx, right, node)
    if isinstance(a, Literal) and isinstance(b, Literal):
        return Literal(function(a.value, b.value), a.named or b.named)
    target = _comparison_type(cx, a, b, sign, node)
    x, y = (coerce(cx, z, target, node, exact=_needs_exact(z)) for z in (a, b))
    return cx.emitter.emit(op, (x, y), BOOL)


def member(cx: Context, left: Operand, items: list[Operand], node: ast.expr) -> Scalar:
    """`left in (a, b)` for numbers: whether one of them equals it."""
    result: Scalar = Literal(False)
    for item in items:
        if isinstance(as_scalar(cx, item, node).type, FloatType) and not isinstance(item, Literal):
            cx.refuse(
                "HY6104",
                "`in` compares floats with constants only",
                node,
                note="Python finds a NaN in a tuple where it is the same object",
                hint="write x == a or x == b",
            )
        equal = compare(cx, ast.Eq, left, item, node)
        if isinstance(result, Literal) or (isinstance(equal, Literal) and equal.value):
            result = result if isinstance(result, Literal) and result.value else equal
        elif isinstance(equal, Value):
            result = cx.emitter.emit("or", (result, equal), BOOL)
    return result


def _needs_exact(operand: Scalar) -> bool:
    """Integers become floats exactly; float literals adopt the width of the other side."""
    return not isinstance(operand.type, FloatType)


def _comparison_type(cx: Context, a: Scalar, b: Scalar, sign: str, node: ast.AST) -> Type:
    if a.type == b.type == BOOL:
        return BOOL if sign in ("==", "!=") else I64
    if any(isinstance(x.type, FloatType) for x in (a, b)):
        return meeting_type(cx, a, b, sign, node)
    try_retype(cx, a, b)
    kinds = {x.type for x in (a, b) if isinstance(x, Value) and x.type != BOOL}
    literals = [x for x in (a, b) if isinstance(x, Literal)]
    if len(kinds) == 1:
        (kind,) = kinds
        if all(fits(int(x.value), kind) for x in literals):
            return kind
    return I128 if all(I128.contains(int(x.value)) for x in literals) and kinds else I64


def extremum(cx: Context, largest: bool, operands: list[Operand], node: ast.Call) -> Scalar:
    """max or min of two or more numbers: the first of those that no later one beats, as in Python."""
    scalars = [as_scalar(cx, x, node) for x in operands]
    literals = [x for x in scalars if isinstance(x, Literal)]
    if len(literals) == len(scalars):
        choose = max if largest else min
        return Literal(choose(x.value for x in literals), any(x.named for x in literals))
    name = "max" if largest else "min"
    target = _common_type(cx, name, scalars, node)
    result = coerce(cx, scalars[0], target, node)
    for scalar in scalars[1:]:
        result = _better(cx, name, result, coerce(cx, scalar, target, node))
    return result


def _better(cx: Context, name: str, best: Value, new: Value) -> Value:
    """One step of Python's max: `new if new > best else best`. On integers that is the op max."""
    if isinstance(best.type, IntType):
        return integer_binary(cx, name, best, new)
    if best.type == BOOL:
        return cx.emitter.emit("or" if name == "max" else "and", (best, new), BOOL)
    wins = cx.emitter.emit("gt" if name == "max" else "lt", (new, best), BOOL)
    result = cx.emitter.emit("select", (wins, new, best), best.type)
    origins = [cx.emitter.weak.get(x.name) for x in (best, new)]
    if all(origins):
        cx.emitter.weak[result.name] = frozenset().union(*(o for o in origins if o))
    return result


def _common_type(cx: Context, name: str, scalars: list[Scalar], node: ast.Call) -> Type:
    """The one type of all operands. Python returns the winner as it is, so kinds may not differ."""
    kinds = {_kind(x) for x in scalars}
    if len(kinds) > 1:
        one, other = type_name(scalars[0]), next(type_name(x) for x in scalars if _kind(x) != _kind(scalars[0]))
        cx.refuse(
            "HY6106",
            f"{name} of {one} and {other}",
            node,
            note="Python returns the operand that wins, so the type of the result would depend on the values",
            hint="write the constants in the type of the others (0.0 for floats), or convert with float(x) or int(x)",
        )
    if kinds == {"bool"}:
        return BOOL
    typed = [x for x in scalars if isinstance(x, Value)]
    target: Type = typed[0].type
    for scalar in scalars:
        if scalar is not typed[0]:
            target = meeting_type(cx, typed[0], scalar, f"in {name} with", node)
            if isinstance(scalar, Value) and scalar.type != typed[0].type:
                cx.refuse(
                    "HY6106", f"{name} of {type_name(typed[0])} and {type_name(scalar)}", node, hint="convert one"
                )
    return target


def _kind(x: Scalar) -> str:
    if x.type == BOOL:
        return "bool"
    return "float" if isinstance(x.type, FloatType) else "int"


def absolute(cx: Context, operand: Operand, node: ast.Call) -> Scalar:
    x = as_scalar(cx, operand, node)
    if isinstance(x, Literal) and (isinstance(x.value, float) or I64.contains(abs(x.value))):
        return Literal(abs(x.value), x.named)
    if isinstance(x, Value) and isinstance(x.type, FloatType):
        return cx.emitter.emit("abs", (x,), x.type)
    kind = U64 if x.type == U64 else I64
    result = cx.emitter.emit(f"abs.{cx.options.overflow}", (coerce(cx, x, kind, node),), kind)
    if cx.options.overflow != "wrap":
        cx.emitter.least[result.name] = 0
    return result
