"""Elementary functions of one number, as `math` and as NumPy have them.

`math` raises where a result is infinite or no number; NumPy gives inf, -inf or nan, and a RuntimeWarning, which
compiled code does not give. `np.exp` and `np.log` may differ in the last place from the C library, whose bits `math`
has: they are taken where regrouped floats are granted, which leaves the last places open.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, F64, FloatType
from hyperion_python import arithmetic, comparisons, convert
from hyperion_python.context import Context
from hyperion_python.operands import Literal, Operand
from hyperion_python.traps import overflow_past, value_error_where

Handler = Callable[[Context, ast.Call, list[Operand]], Operand]

LARGEST_EXPONENT: Final = 709.782712893384
"""The largest x of which math.exp is finite."""


def _double(cx: Context, operand: Operand, node: ast.Call) -> Value:
    return convert.coerce(cx, convert.to_float(cx, operand, node), F64, node)


def _numpy_float(cx: Context, operand: Operand, node: ast.Call) -> Value:
    """The argument of a NumPy function: a float keeps its width, anything else becomes a 64-bit float."""
    x = convert.as_scalar(cx, operand, node)
    return x if isinstance(x, Value) and isinstance(x.type, FloatType) else _double(cx, x, node)


def square_root(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """math.sqrt: a Python float; ValueError below zero."""
    x = _double(cx, given[0], node)
    value_error_where(cx, cx.emitter.emit("lt", (x, cx.emitter.constant(0.0, F64)), BOOL))
    return cx.emitter.emit("sqrt", (x,), F64)


def numpy_square_root(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """np.sqrt: nan below zero. A root is rounded correctly everywhere."""
    x = _numpy_float(cx, given[0], node)
    return cx.emitter.emit("sqrt", (x,), x.type)


def exponential(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """math.exp: a Python float; OverflowError where it is too large, unless x is infinite."""
    x = _double(cx, given[0], node)
    overflow_past(cx, x, LARGEST_EXPONENT)
    return cx.emitter.emit("exp", (x,), F64, arithmetic.granted(cx))


def logarithm(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """math.log of one argument: a Python float; ValueError of what is not positive."""
    x = _double(cx, given[0], node)
    value_error_where(cx, cx.emitter.emit("le", (x, cx.emitter.constant(0.0, F64)), BOOL))
    return cx.emitter.emit("log", (x,), F64, arithmetic.granted(cx))


def of_numpy(op: str) -> Handler:
    """np.exp and np.log: infinite or nan where `math` raises."""

    def handler(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
        if cx.options.fp != "reassoc":
            cx.refuse(
                "HY6108", f"np.{op} is not taken under IEEE floats", node,
                note=f"its last bit is not that of math.{op} on every machine",
                hint=f'write math.{op}(x), or grant fp="reassoc"',
            )  # fmt: skip
        x = _numpy_float(cx, given[0], node)
        return cx.emitter.emit(op, (x,), x.type, arithmetic.granted(cx))

    return handler


def class_of_float(op: str, limit: float) -> Handler:
    """isnan, isinf and isfinite: a comparison of |x|."""

    def handler(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
        x = _double(cx, given[0], node)
        if op == "ne":
            return cx.emitter.emit("ne", (x, x), BOOL)
        size = cx.emitter.emit("abs", (x,), F64)
        return cx.emitter.emit(op, (size, cx.emitter.constant(limit, F64)), BOOL)

    return handler


def numpy_absolute(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """np.abs of a number; that of the least integer overflows, as abs does."""
    return comparisons.absolute(cx, _number(cx, given[0], node), node)


def float_absolute(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """math.fabs: a Python float."""
    return cx.emitter.emit("abs", (_double(cx, given[0], node),), F64)


def square(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """np.square."""
    x = _number(cx, given[0], node)
    return arithmetic.binary(cx, ast.Mult, x, x, node)


def sign(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
    """np.sign: -1, 0 or 1 in the type of x; nan of nan."""
    x = _number(cx, given[0], node)
    if isinstance(x.type, FloatType):
        x = convert.coerce(cx, x, x.type, node)
    above, below = (comparisons.compare(cx, kind, x, Literal(0), node) for kind in (ast.Gt, ast.Lt))
    if not (isinstance(x, Value) and isinstance(x.type, FloatType)):
        return arithmetic.binary(cx, ast.Sub, above, below, node)
    emit, constant = cx.emitter.emit, cx.emitter.constant
    above, below = (convert.coerce(cx, test, BOOL, node) for test in (above, below))
    unequal = emit("ne", (x, x), BOOL)
    result = emit("select", (unequal, x, constant(0.0, x.type)), x.type)
    result = emit("select", (below, constant(-1.0, x.type), result), x.type)
    return emit("select", (above, constant(1.0, x.type), result), x.type)


def _number(cx: Context, operand: Operand, node: ast.Call) -> Value | Literal:
    x = convert.as_scalar(cx, operand, node)
    if x.type == BOOL:
        cx.refuse("HY6106", f"{ast.unparse(node.func)} of a bool is not taken", node, hint="write int(x)")
    return x


def numpy_extremum(largest: bool) -> Handler:
    """np.maximum and np.minimum of two integers. Of floats they give nan where either is, unlike max and min."""

    def handler(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
        operands = [_number(cx, x, node) for x in given]
        if any(isinstance(x.type, FloatType) for x in operands):
            name = "max" if largest else "min"
            cx.refuse(
                "HY6106", f"{ast.unparse(node.func)} of floats is not taken", node,
                note=f"it gives nan where either is nan, which {name} does not",
                hint=f"write {name}(x, y)",
            )  # fmt: skip
        return comparisons.extremum(cx, largest, list(operands), node)

    return handler


def rounded(up: bool) -> Handler:
    """math.floor and math.ceil: a Python int; OverflowError of infinities, ValueError of nan, as int(x)."""

    def handler(cx: Context, node: ast.Call, given: list[Operand]) -> Operand:
        x = convert.as_scalar(cx, given[0], node)
        whole = convert.to_integer(cx, x, node)
        if not isinstance(x.type, FloatType):
            return whole
        past = comparisons.compare(cx, ast.Lt if up else ast.Gt, convert.to_float(cx, whole, node, x.type), x, node)
        return arithmetic.binary(cx, ast.Add if up else ast.Sub, whole, past, node)

    return handler
