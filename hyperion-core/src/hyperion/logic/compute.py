"""TRUSTED. Computation on closed literals, the kernel's rule `compute`."""

from __future__ import annotations

import operator
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import copysign, inf, isinf, isnan, nan, sqrt
from typing import Final

from hyperion.ir.types import IntType
from hyperion.logic import terms as t
from hyperion.logic.literals import float_lit, float_value, int_lit, int_value, real_lit, real_value
from hyperion.logic.terms import Term

t.SIGNATURE.update({"true": t.BOOL, "false": t.BOOL})
TRUE: Final = t.const("true", t.BOOL)
FALSE: Final = t.const("false", t.BOOL)


def _quotient(x: int, y: int) -> int:
    return x // y if y else 0


def _remainder(x: int, y: int) -> int:
    return x % y if y else x


_INT_OPS: Final[Mapping[str, Callable[..., int | bool]]] = {
    "add": int.__add__,
    "sub": int.__sub__,
    "mul": int.__mul__,
    "neg": int.__neg__,
    "abs": int.__abs__,
    "max": max,
    "min": min,
    "floordiv": _quotient,
    "mod": _remainder,
    "le": int.__le__,
    "lt": int.__lt__,
    "eq": int.__eq__,
}
_REAL_OPS: Final[Mapping[str, Callable[..., Fraction | bool]]] = {
    "radd": Fraction.__add__,
    "rsub": Fraction.__sub__,
    "rmul": Fraction.__mul__,
    "rneg": Fraction.__neg__,
    "rle": operator.le,
    "rlt": operator.lt,
    "req": operator.eq,
}
_FLOAT_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "flt": operator.lt,
    "fle": operator.le,
    "feq": operator.eq,
}
_MAX_BITS: Final = 4096
_WORD: Final = re.compile(r"(toZ|ofZ|inr)\.([iu])(8|16|32|64|128)\Z")


def value_of(x: Term) -> Term | None:
    """The value of an operation on literals: exact on int and real, correctly rounded on floats; else None."""
    head, arguments = x, list[Term]()
    while head.kind == "A":
        arguments.insert(0, head.argument)
        head = head.function
    if head.kind != "C" or not arguments:
        return None
    name, _, suffix = head.name.partition(".")
    if name in ("toZ", "inr"):
        return _word_value(head.name, arguments)
    if not all(a.kind == "K" for a in arguments) or x.type.name == "fun":
        return None
    if head.name in _INT_OPS and all(a.type is t.INT for a in arguments):
        result = _INT_OPS[head.name](*map(int_value, arguments))
        return _truth(result) if isinstance(result, bool) else _bounded(result)
    if head.name in _REAL_OPS and all(a.type is t.REAL for a in arguments):
        value = _REAL_OPS[head.name](*map(real_value, arguments))
        if isinstance(value, bool):
            return _truth(value)
        return real_lit(value) if _small(value.numerator) and _small(value.denominator) else None
    if suffix in ("f16", "f32", "f64") and all(a.type.name == suffix for a in arguments):
        return _float_op(name, suffix, [float_value(a) for a in arguments])
    return None


def _small(value: int) -> bool:
    return value.bit_length() <= _MAX_BITS


def _bounded(value: int) -> Term | None:
    return int_lit(value) if _small(value) else None


def _truth(value: bool) -> Term:
    return TRUE if value else FALSE


def _word_value(name: str, arguments: Sequence[Term]) -> Term | None:
    matched = _WORD.match(name)
    if matched is None or len(arguments) != 1:
        return None
    kind, (x,) = IntType(int(matched[3]), matched[2] == "i"), arguments
    if matched[1] == "inr":
        return _truth(kind.contains(int_value(x))) if x.kind == "K" else None
    inner = x.kind == "A" and x.function.kind == "C" and x.function.name == f"ofZ.{kind}" and x.argument.kind == "K"
    return int_lit(kind.wrap(int_value(x.argument))) if inner else None


def _float_op(name: str, kind: str, args: Sequence[float]) -> Term | None:
    """f16 and f32 results are rounded from the f64 result, which is innocuous for + - * / and sqrt (Figueroa 1995)."""
    if len(args) == 2 and name in _FLOAT_COMPARE:
        return _truth(_FLOAT_COMPARE[name](*args))
    if len(args) == 1 and name == "fsqrt":
        x = args[0]
        return float_lit(kind, _round(kind, nan if isnan(x) or x < 0 else x if isinf(x) else sqrt(x)))
    if len(args) != 2:
        return None
    x, y = args
    match name:
        case "fadd":
            result = x + y
        case "fsub":
            result = x - y
        case "fmul":
            result = x * y
        case "fdiv" if y != 0:
            result = x / y
        case "fdiv":
            result = nan if x == 0 or isnan(x) or isnan(y) else copysign(inf, x) * copysign(1.0, y)
        case _:
            return None
    return float_lit(kind, _round(kind, result))


def _round(kind: str, value: float) -> float:
    """Round an f64 to the format; `struct` raises where the rounded value overflows."""
    if kind == "f64" or isnan(value):
        return value
    code = "<f" if kind == "f32" else "<e"
    try:
        return struct.unpack(code, struct.pack(code, value))[0]
    except OverflowError:
        return copysign(inf, value)
