"""Arithmetic and comparisons: which type Python's numbers meet in, and the ops that mean the same."""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Final

from hyperion.ir.function import Attribute, Value
from hyperion.ir.types import BOOL, F16, F32, F64, I64, I128, U64, BoolType, FloatType, IntType, Type
from hyperion_python.context import Context
from hyperion_python.convert import as_scalar, coerce, fits, type_name
from hyperion_python.operands import Hole, Literal, Operand, Origin, Retype, Scalar
from hyperion_python.traps import overflow_past

_FOLD_NUMBERS: Final[dict[type[ast.operator], Callable[[int | float, int | float], int | float]]] = {
    ast.Add: lambda x, y: x + y, ast.Sub: lambda x, y: x - y, ast.Mult: lambda x, y: x * y,
    ast.Div: lambda x, y: x / y, ast.FloorDiv: lambda x, y: x // y, ast.Mod: lambda x, y: x % y,
}  # fmt: skip

_FOLD_BITS: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.BitAnd: lambda x, y: x & y, ast.BitOr: lambda x, y: x | y, ast.BitXor: lambda x, y: x ^ y,
    ast.LShift: lambda x, y: x << y, ast.RShift: lambda x, y: x >> y, ast.Pow: lambda x, y: x**y,
}  # fmt: skip

_SIGN: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>", ast.MatMult: "@",
}  # fmt: skip

_STEM: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
}  # fmt: skip

_MOST_BITS = 4096  # of a constant that is computed while compiling
_MOST_POWER = 64
_MOST_FLOAT_POWER = 8
_ROUNDED_TO_INFINITY = 2**1024 - 2**970


def binary(cx: Context, kind: type[ast.operator], left: Operand, right: Operand, node: ast.expr | ast.stmt) -> Scalar:
    """`left kind right` with Python's meaning. Both operands are already evaluated."""
    a, b = as_scalar(cx, left, node), as_scalar(cx, right, node)
    if isinstance(a, Literal) and isinstance(b, Literal):
        folded = _folded(kind, a, b)
        if folded is not None:
            return folded
    if kind in (ast.BitAnd, ast.BitOr, ast.BitXor) and a.type == b.type == BOOL:
        return cx.emitter.emit(_STEM[kind], (coerce(cx, a, BOOL, node), coerce(cx, b, BOOL, node)), BOOL)
    if kind is ast.Div:
        return _divide(cx, a, b, node)
    if kind is ast.Pow:
        return _power(cx, a, b, node)
    if kind in (ast.LShift, ast.RShift):
        return _shift(cx, kind, a, b, node)
    if kind not in _STEM:
        cx.refuse("HY6104", f"the operator {_SIGN[kind]} is not taken", node, hint="write it as a loop")
    target = meeting_type(cx, a, b, _SIGN[kind], node)
    if isinstance(target, FloatType):
        return _float_binary(cx, kind, a, b, target, node)
    return integer_binary(cx, _STEM[kind], coerce(cx, a, target, node), coerce(cx, b, target, node))


def _folded(kind: type[ast.operator], a: Literal, b: Literal) -> Literal | None:
    """The constant that Python computes, where it is one number of moderate size."""
    try:
        value = _fold_value(kind, a.value, b.value)
    except (ArithmeticError, ValueError, TypeError):
        return None
    named = a.named or b.named
    if value is None or (isinstance(value, int) and named and not I64.contains(value)):
        return None  # computed by the program, so that its overflow is that of a step
    return Literal(value, named)


def _fold_value(kind: type[ast.operator], x: int | float, y: int | float) -> int | float | None:
    if kind in _FOLD_NUMBERS:
        return _FOLD_NUMBERS[kind](x, y)
    if kind is ast.Pow and (isinstance(x, float) or isinstance(y, float) or y < 0):
        value: object = x**y
        return value if isinstance(value, float) else None  # a root of a negative number is complex
    if kind not in _FOLD_BITS or not isinstance(x, int) or not isinstance(y, int):
        return None
    if kind in (ast.LShift, ast.Pow) and max(1, x.bit_length()) * max(0, y) > _MOST_BITS:
        return None
    return _FOLD_BITS[kind](x, y)


def meeting_type(cx: Context, a: Scalar, b: Scalar, sign: str, node: ast.AST) -> IntType | FloatType:
    """The type in which two numbers meet. A bool counts as an int, literals adopt the other side's type."""
    typed = [x.type for x in (a, b) if isinstance(x, Value) and x.type != BOOL]
    floats = [t for t in typed if isinstance(t, FloatType)]
    literal_floats = [x for x in (a, b) if isinstance(x, Literal) and isinstance(x.value, float)]
    if floats or literal_floats:
        return _float_meeting(cx, a, b, floats, typed, sign, node)
    if U64 not in typed:
        return I64
    if I64 in typed:
        try_retype(cx, a, b)
        _refuse_mixed(cx, a, b, sign, node, "int(x) of the unsigned one, or start from np.uint64(0)")
    for x in (a, b):
        if isinstance(x, Literal) and not U64.contains(int(x.value)):
            cx.refuse(
                "HY6111",
                f"{x.value} does not fit uint64, the type of the other side of {sign}",
                node,
                hint="convert the other side with int(x)",
            )
    return U64


def _float_meeting(
    cx: Context, a: Scalar, b: Scalar, floats: list[FloatType], typed: list[Type], sign: str, node: ast.AST
) -> FloatType:
    if not floats:
        return F64
    widest = max(floats, key=lambda t: t.width)
    narrow = any(t.width < 64 for t in floats)
    if widest == F64 and narrow:
        try_retype(cx, a, b)
        _refuse_mixed(cx, a, b, sign, node, "float(x) of the narrower one, for 64-bit arithmetic")
    if widest != F64 and any(isinstance(t, IntType) for t in typed):
        try_retype(cx, a, b)
        _refuse_mixed(cx, a, b, sign, node, "float(x) of both for 64-bit arithmetic, or np.float32(i) of the integer")
    return F32 if F32 in floats else widest


def _refuse_mixed(cx: Context, a: Scalar, b: Scalar, sign: str, node: ast.AST, hint: str) -> None:
    cx.refuse(
        "HY6106",
        f"{type_name(a)} {sign} {type_name(b)}: these types do not mix",
        node,
        note="Python and NumPy give different results for them, depending on where each value came from",
        hint=f"convert one side: {hint}",
    )


def try_retype(cx: Context, a: Scalar, b: Scalar) -> None:
    """Raises Retype if one side is a loop variable that started as a literal and may take the other's type."""
    for x, other in ((a, b), (b, a)):
        if isinstance(x, Value) and isinstance(other, Value) and other.name not in cx.emitter.weak:
            origins = cx.emitter.weak.get(x.name, frozenset[Origin]())
            if origins and x.type != other.type and all(adopts(o.literal, other.type) for o in origins):
                raise Retype(origins, other.type)


def adopts(literal: bool | int | float, kind: Type) -> bool:
    """Whether a literal that starts a loop variable may have this type without turning from int to float."""
    if isinstance(literal, Hole):
        return isinstance(kind, BoolType | IntType | FloatType)
    if isinstance(literal, bool):
        return False
    if isinstance(literal, float):
        return kind in (F16, F32, F64) and fits(literal, kind)
    return kind in (I64, U64) and fits(literal, kind)


def integer_binary(cx: Context, stem: str, a: Value, b: Value) -> Value:
    """One integer step of type T; `overflow` is the mode at 64 bits, and 128-bit steps always trap."""
    kind = a.type
    if stem in ("and", "or", "xor", "max", "min", "shr"):
        op = stem
    else:
        op = f"{stem}.{'trap' if kind == I128 else cx.options.overflow}"
    result = cx.emitter.emit(op, (a, b), kind)
    _note_facts(cx, stem, a, b, result)
    return result


def _note_facts(cx: Context, stem: str, a: Value, b: Value, result: Value) -> None:
    emitter = cx.emitter
    origins = [emitter.weak.get(x.name) for x in (a, b) if x.name not in emitter.exact]
    if origins and all(origins):
        emitter.weak[result.name] = frozenset[Origin]().union(*(o for o in origins if o))
    x, y = emitter.least.get(a.name), emitter.least.get(b.name)
    bound: int | None = None
    if stem == "mod" and emitter.exact.get(b.name, 0) > 0:
        bound = 0
    elif stem == "max" and (x is not None or y is not None):
        bound = max(z for z in (x, y) if z is not None)
    elif any(z is not None and z >= 0 for z in {"and": (x, y), "shr": (x,)}.get(stem, ())):
        bound = 0
    elif cx.options.overflow != "wrap" and x is not None:
        if stem == "add" and y is not None:
            bound = x + y
        elif stem == "sub" and b.name in emitter.exact:
            bound = x - emitter.exact[b.name]
        elif stem == "mul" and y is not None and x >= 0 and y >= 0:
            bound = x * y
    if bound is not None and isinstance(result.type, IntType):
        emitter.least[result.name] = min(bound, result.type.maximum)


def _float_binary(
    cx: Context, kind: type[ast.operator], a: Scalar, b: Scalar, target: FloatType, node: ast.AST
) -> Value:
    if kind not in (ast.Add, ast.Sub, ast.Mult):
        cx.refuse(
            "HY6104",
            f"{_SIGN[kind]} on floats is not taken",
            node,
            note="its result cannot be formed exactly by the ops of the IR",
            hint="int(x / y) is the quotient cut off" if kind is ast.FloorDiv else "convert with int(x) first",
        )
    x, y = coerce(cx, a, target, node), coerce(cx, b, target, node)
    return _emit_float(cx, _STEM[kind], (x, y), target)


def _emit_float(cx: Context, op: str, operands: tuple[Value, ...], kind: Type) -> Value:
    result = cx.emitter.emit(op, operands, kind, granted(cx))
    origins = [cx.emitter.weak.get(x.name) for x in operands if not _is_constant(cx, x)]
    if origins and all(origins):
        cx.emitter.weak[result.name] = frozenset[Origin]().union(*(o for o in origins if o))
    return result


def granted(cx: Context) -> tuple[tuple[str, Attribute], ...]:
    """The attributes of float arithmetic that the options ask for."""
    return (("fp", "reassoc"),) if cx.options.fp == "reassoc" else ()


def _is_constant(cx: Context, value: Value) -> bool:
    block = cx.emitter.block
    while block is not None:
        if any(known == value and key[0] == "const" for key, known in block.known.items()):
            return True
        block = block.parent
    return False


def _divide(cx: Context, a: Scalar, b: Scalar, node: ast.AST) -> Value:
    """True division. int / int needs both to be floats exactly (trap "inexact"), as Python rounds the quotient once."""
    integers = not any(isinstance(x.type, FloatType) for x in (a, b))
    target = F64 if integers else meeting_type(cx, a, b, "/", node)
    assert isinstance(target, FloatType)
    x = coerce(cx, a, target, node, exact=integers)
    y = coerce(cx, b, target, node, exact=integers)
    return cx.emitter.emit("div.trap", (x, y), target, granted(cx))


def _shift(cx: Context, kind: type[ast.operator], a: Scalar, b: Scalar, node: ast.AST) -> Value:
    if any(isinstance(x.type, FloatType) for x in (a, b)):
        cx.refuse("HY6106", f"{type_name(a)} {_SIGN[kind]} {type_name(b)}: shifts take integers", node, hint="int(x)")
    target = meeting_type(cx, a, b, _SIGN[kind], node)
    stem = "shl" if kind is ast.LShift else "shr"
    return integer_binary(cx, stem, coerce(cx, a, target, node), coerce(cx, b, target, node))


def _power(cx: Context, base: Scalar, exponent: Scalar, node: ast.AST) -> Scalar:
    if any(isinstance(x.type, FloatType) for x in (base, exponent)):
        return _float_power(cx, base, exponent, node)
    if not isinstance(exponent, Literal):
        hint = "write 1 << k for a power of two, or multiply in a loop"
        cx.refuse("HY6104", "** with an exponent that is not a constant is not taken", node, hint=hint)
    count = int(exponent.value)
    if not 0 <= count <= _MOST_POWER:
        hint = "write 1 / x ** k" if count < 0 else "multiply in a loop"
        cx.refuse("HY6104", f"** takes exponents 0 to {_MOST_POWER}, not {exponent.value}", node, hint=hint)
    target = U64 if base.type == U64 else I64
    return power_of(cx, coerce(cx, base, target, node), count)


def power_of(cx: Context, base: Value, count: int) -> Value:
    """`base ** count` by squaring. A part overflows only if the whole does: where anything grows, |base| >= 2."""
    if count == 0:
        return cx.emitter.constant(1, base.type)
    result: Value | None = None
    square = base
    while True:
        if count & 1:
            result = square if result is None else integer_binary(cx, "mul", result, square)
        count >>= 1
        if not count:
            assert result is not None
            return result
        square = integer_binary(cx, "mul", square, square)


def _float_power(cx: Context, base: Scalar, exponent: Scalar, node: ast.AST) -> Value:
    """`x ** k` for a small k, where roundings are granted: products. OverflowError where it is too large for a Python
    float, unless x is infinite; NumPy's narrower floats become infinite."""
    count = exponent.value if isinstance(exponent, Literal) else None
    kind = base.type
    if count is None or count not in range(1, _MOST_FLOAT_POWER + 1) or not isinstance(kind, FloatType):
        hint = f"write products, or math.sqrt for a root; exponents 1 to {_MOST_FLOAT_POWER} are taken"
        cx.refuse("HY6104", "this ** on floats is not taken", node, hint=hint)
    if cx.options.fp != "reassoc":
        cx.refuse(
            "HY6104", "** on floats is not taken under IEEE floats", node,
            note="its last bit is not that of a product on every machine",
            hint='write x * x, or grant fp="reassoc"',
        )  # fmt: skip
    count, x = int(count), coerce(cx, base, kind, node)
    result = x
    for _ in range(count - 1):
        result = _emit_float(cx, "mul", (result, x), kind)
    if kind == F64 and count > 1:
        overflow_past(cx, cx.emitter.emit("abs", (x,), kind), _largest_base(count))
    return result


@cache
def _largest_base(count: int) -> float:
    """The largest float whose power is finite: it is less than what is rounded to infinity."""
    x = sys.float_info.max ** (1 / count)
    while Fraction(x) ** count >= _ROUNDED_TO_INFINITY:
        x = math.nextafter(x, 0.0)
    while Fraction(math.nextafter(x, math.inf)) ** count < _ROUNDED_TO_INFINITY:
        x = math.nextafter(x, math.inf)
    return x


def negate(cx: Context, operand: Operand, node: ast.expr) -> Scalar:
    x = as_scalar(cx, operand, node)
    if isinstance(x, Literal) and (not x.named or isinstance(x.value, float) or I64.contains(-x.value)):
        return Literal(-x.value, x.named)
    if isinstance(x, Value) and isinstance(x.type, FloatType):
        result = cx.emitter.emit("neg", (x,), x.type, granted(cx))
    else:
        kind = U64 if x.type == U64 else I64
        result = cx.emitter.emit(f"neg.{cx.options.overflow}", (coerce(cx, x, kind, node),), kind)
    if isinstance(x, Value) and x.name in cx.emitter.weak:
        cx.emitter.weak[result.name] = cx.emitter.weak[x.name]
    return result


def invert(cx: Context, operand: Operand, node: ast.expr) -> Scalar:
    x = as_scalar(cx, operand, node)
    if isinstance(x.type, FloatType):
        cx.refuse("HY6106", f"~ of {type_name(x)}: it takes an integer", node, hint="convert with int(x)")
    if x.type == BOOL:
        cx.refuse(
            "HY6106", "~ of a bool is not taken", node, note="it is -1 or -2 in Python, not False or True",
            hint="write `not x`, or ~int(x)",
        )  # fmt: skip
    if isinstance(x, Literal):
        return Literal(~int(x.value), x.named)
    if x.type == U64:
        cx.refuse(
            "HY6106", "~ of a uint64 is not taken", node, note="it is negative on Python ints and not on NumPy's",
            hint="write x ^ 0xFFFFFFFFFFFFFFFF for the flipped bits",
        )  # fmt: skip
    return cx.emitter.emit("not", (coerce(cx, x, I64, node),), I64)
