"""Conversions between the types of scalars, each with the meaning of the Python step that asks for it."""

from __future__ import annotations

import ast
import math

from hyperion.ir.function import Value
from hyperion.ir.rounding import round_float
from hyperion.ir.types import BOOL, F64, I64, U64, BoolType, FloatType, IntType, Type
from hyperion_python.context import Context
from hyperion_python.operands import ArrayRef, Group, Hole, Literal, MatrixRef, Operand, Reference, Scalar, in_words


def type_name(operand: Operand) -> str:
    match operand:
        case ArrayRef():
            return "an array"
        case MatrixRef():
            return "a 2-d array"
        case Group():
            return "a tuple"
        case Literal() | Value():
            return in_words(operand.type)


def as_scalar(cx: Context, operand: Operand, node: ast.AST) -> Scalar:
    """The operand, which has to be one number."""
    match operand:
        case ArrayRef() | MatrixRef():
            cx.refuse(
                "HY6109",
                "a whole array is used where one number is needed",
                node,
                note="arithmetic on whole arrays is not taken in loops",
                hint="read one element, xs[i], or loop over the array",
            )
        case Group():
            cx.refuse("HY6104", "a tuple is used where one number is needed", node, hint="unpack it: a, b = ...")
        case _:
            return operand


def fits(value: int | float, kind: Type) -> bool:
    """Whether a literal can have the type: an int in range, a float that does not become infinite."""
    match kind:
        case BoolType():
            return isinstance(value, bool)
        case IntType():
            return not isinstance(value, float) and kind.contains(int(value))
        case FloatType():
            try:
                number = float(value)
            except OverflowError:
                return False
            return not math.isfinite(number) or math.isfinite(round_float(number, kind))
        case _:
            return False


def constant(cx: Context, literal: Literal, kind: Type, node: ast.AST) -> Value:
    """The literal in a type. Refuses one that does not fit."""
    value = literal.value
    if isinstance(value, Hole):
        return cx.emitter.constant(False if kind == BOOL else 0, kind)
    if isinstance(value, float) and math.isnan(value) and cx.options.fp == "reassoc":
        return cx.emitter.emit("sqrt", (cx.emitter.constant(-1.0, kind),), kind)  # the reals have no nan
    if not fits(value, kind) and not (isinstance(value, bool) and isinstance(kind, IntType)):
        shown = value if not isinstance(value, int) or value.bit_length() <= 256 else "the number"
        hint = "use np.uint64(...) data" if isinstance(value, int) and U64.contains(value) else "use a smaller number"
        cx.refuse("HY6111", f"{shown} does not fit {in_words(kind)}", node, hint=hint)
    return cx.emitter.constant(int(value) if isinstance(kind, IntType) else value, kind)


def coerce(cx: Context, operand: Scalar, kind: Type, node: ast.AST, *, exact: bool = False) -> Value:
    """The operand in the wider type `kind`: an integer becomes the nearest float, or with `exact` the equal one."""
    if isinstance(operand, Literal):
        if exact and isinstance(kind, FloatType):
            _check_exact(cx, operand, kind, node)
        return constant(cx, operand, kind, node)
    if operand.type == kind:
        return operand
    match operand.type, kind:
        case BoolType(), FloatType():
            return coerce(cx, cx.emitter.emit("cast", (operand,), I64), kind, node)
        case BoolType(), IntType():
            value = cx.emitter.emit("cast", (operand,), kind)
            cx.emitter.least[value.name] = 0
            return value
        case IntType() as given, IntType():
            value = cx.emitter.emit("cast", (operand,), kind)
            if not given.signed:
                cx.emitter.least[value.name] = 0
            elif operand.name in cx.emitter.least:
                cx.emitter.least[value.name] = cx.emitter.least[operand.name]
            return value
        case FloatType(), FloatType():
            return cx.emitter.emit("cast", (operand,), kind)
        case IntType(), FloatType():
            return _to_float(cx, operand, kind, exact=exact)
        case _:
            cx.refuse("HY6106", f"{in_words(operand.type)} is used where {in_words(kind)} is needed", node)


def _to_float(cx: Context, operand: Value, kind: FloatType, *, exact: bool) -> Value:
    """NumPy takes a Python int to a narrow float by way of a Python float, so this rounds twice there."""
    value = cx.emitter.emit("cast.exact" if exact else "cast.round", (operand,), F64)
    return value if kind == F64 else cx.emitter.emit("cast.round", (value,), kind)


def _check_exact(cx: Context, literal: Literal, kind: FloatType, node: ast.AST) -> None:
    value = literal.value
    if isinstance(value, float) or (fits(value, kind) and round_float(float(value), kind) == value):
        return
    cx.refuse(
        "HY6111",
        f"{value} is not exactly a {in_words(kind)}",
        node,
        note="Python compares and divides integers and floats exactly",
        hint=f"write float({value}) for the rounded number",
    )


def truth(cx: Context, operand: Operand, node: ast.AST) -> Scalar:
    """Python's bool(x) of a number: a bool, or a literal bool."""
    if isinstance(operand, Reference):
        cx.refuse("HY6109", "an array has no truth value", node, hint="write len(xs) > 0, or test one element")
    x = as_scalar(cx, operand, node)
    if isinstance(x, Literal):
        return Literal(bool(x.value), x.named)
    if x.type == BOOL:
        return x
    zero = cx.emitter.constant(0.0 if isinstance(x.type, FloatType) else 0, x.type)
    return cx.emitter.emit("ne", (x, zero), BOOL)


def to_integer(cx: Context, operand: Operand, node: ast.AST, kind: IntType = I64) -> Scalar:
    """int(x): a float loses its fraction; what does not fit 64 bits overflows."""
    x = as_scalar(cx, operand, node)
    if isinstance(x, Literal):
        return _integer_literal(cx, x, kind, node)
    if x.type == kind:
        return x
    if isinstance(x.type, FloatType):
        return cx.emitter.emit("cast.truncate", (x,), kind)
    if x.type == BOOL:
        return coerce(cx, x, kind, node)
    value = cx.emitter.emit("cast.trap", (x,), kind)
    if x.type == U64 or x.name in cx.emitter.least:
        cx.emitter.least[value.name] = 0 if x.type == U64 else cx.emitter.least[x.name]
    return value


def _integer_literal(cx: Context, x: Literal, kind: IntType, node: ast.AST) -> Scalar:
    try:
        value = int(x.value)
    except (ValueError, OverflowError) as error:
        cx.refuse("HY6111", f"int({x.value}): {error}", node, hint="use a finite number")
    if kind == I64:
        return Literal(value, x.named)
    return constant(cx, Literal(value), kind, node)


def to_float(cx: Context, operand: Operand, node: ast.AST, kind: FloatType = F64) -> Scalar:
    """float(x), or np.float32(x): rounded to nearest."""
    x = as_scalar(cx, operand, node)
    if isinstance(x, Literal):
        if kind != F64:
            return cx.emitter.constant(constant_float(cx, x, node), kind)
        return Literal(constant_float(cx, x, node), x.named)
    if isinstance(x.type, FloatType) and x.type.width > kind.width:
        return cx.emitter.emit("cast.round", (x,), kind)
    return coerce(cx, x, kind, node)


def constant_float(cx: Context, x: Literal, node: ast.AST) -> float:
    try:
        return float(x.value)
    except OverflowError:
        cx.refuse("HY6111", "the integer is too large for a float", node, hint="use a smaller number")
