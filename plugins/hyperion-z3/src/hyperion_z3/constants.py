"""What the constants of the axiom files mean in z3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from hyperion.ir.types import IntType
from hyperion.logic import terms as t
from hyperion_z3.arithmetic import Arithmetic
from hyperion_z3.solver import Z3, Untranslatable, z3
from hyperion_z3.values import FLOATS, Function, List, Natural, Outcome, Value, apply, choose, word_of

Meaning: TypeAlias = tuple[int, Callable[..., Value]]
"""The number of arguments, and the function of them."""

STRUCTURAL = ("cond", "ok", "trap", "diverge", "outcase", "nil", "cons", "listrec", "zero", "suc", "natrec")
"""Constructors and recursors."""


def _unary(function: Callable[[Value], Value]) -> Meaning:
    return 1, function


def _binary(function: Callable[[Value, Value], Value]) -> Meaning:
    return 2, function


def _of_length(n: Value) -> List:
    """A list of n elements, for a known n."""
    known = z3.simplify(n)
    if not z3.is_int_value(known):
        raise Untranslatable("a list of unknown length")
    return List((z3.BoolVal(True, n.ctx),) * known.as_long())


def _to_real(n: Value) -> Value:
    """An integer of either arithmetic as a real."""
    return z3.ToReal(n if z3.is_int(n) else z3.BV2Int(n, True))


_PLAIN: Mapping[str, Meaning] = {
    "count": _unary(_of_length),
    "and": _binary(lambda p, q: z3.And(p, q)),
    "or": _binary(lambda p, q: z3.Or(p, q)),
    "xor": _binary(lambda p, q: z3.Xor(p, q)),
    "not": _unary(lambda p: z3.Not(p)),
    "toR": _unary(_to_real),
    "radd": _binary(lambda a, b: a + b),
    "rsub": _binary(lambda a, b: a - b),
    "rmul": _binary(lambda a, b: a * b),
    "rneg": _unary(lambda a: -a),
    "rdiv": _binary(lambda a, b: a / b),
    "rmax": _binary(lambda a, b: z3.If(a <= b, b, a)),
    "rmin": _binary(lambda a, b: z3.If(a <= b, a, b)),
    "rle": _binary(lambda a, b: a <= b),
    "rlt": _binary(lambda a, b: a < b),
    "req": _binary(lambda a, b: a == b),
}


def meaning(name: str, arithmetic: Arithmetic, where: Z3) -> Meaning | None:
    """What a constant means whatever its type; None for one that this table does not have."""
    base, _, suffix = name.partition(".")
    if suffix in FLOATS:
        return _float(base, where)
    word = word_of(t.type_of(suffix)) if suffix[:1] in ("i", "u") and suffix[1:].isdigit() else None
    if word is not None:
        return _word(base, word, arithmetic)
    if name in ("true", "false"):
        return 0, lambda: z3.BoolVal(name == "true", where)
    if name in _PLAIN:
        return _PLAIN[name]
    if name in arithmetic.unary:
        return _unary(arithmetic.unary[name])
    return _binary(arithmetic.binary[name]) if name in arithmetic.binary else None


def structural(name: str, arithmetic: Arithmetic, where: Z3, default: Callable[[], Value]) -> Meaning | None:
    """Constructors and recursors; `default` is some value of the type inside an outcome."""
    yes, no = z3.BoolVal(True, where), z3.BoolVal(False, where)
    match name:
        case "cond":
            return 3, partial(choose, arithmetic=arithmetic)
        case "ok":
            return _unary(lambda v: Outcome(yes, no, v))
        case "trap" | "diverge":
            return 0, lambda: Outcome(no, yes if name == "trap" else no, default())
        case "outcase":

            def by_case(o: Outcome, f: Function, traps: Value, diverges: Value) -> Value:
                return choose(o.ok, f.of(o.value), choose(o.traps, traps, diverges, arithmetic), arithmetic)

            return 4, by_case
        case "nil":
            return 0, lambda: List(())
        case "cons":
            return _binary(lambda x, xs: List((x, *xs.items)))
        case "listrec":
            return 3, _fold
        case "zero":
            return 0, lambda: Natural(0)
        case "suc":
            return _unary(lambda n: Natural(n.count + 1))
        case "natrec":
            return 3, _repeat
        case _:
            return None


def _fold(empty: Value, step: Function, xs: List) -> Value:
    result = empty
    for i in reversed(range(len(xs.items))):
        result = apply(step, xs.items[i], List(xs.items[i + 1 :]), result)
    return result


def _repeat(start: Value, step: Function, n: Natural) -> Value:
    result = start
    for i in range(n.count):
        result = apply(step, Natural(i), result)
    return result


def _word(base: str, word: IntType, arithmetic: Arithmetic) -> Meaning | None:
    meanings: Mapping[str, Meaning] = {
        "toZ": _unary(lambda x: arithmetic.to_integer(word, x)),
        "ofZ": _unary(lambda z: arithmetic.of_integer(word, z)),
        "inr": _unary(lambda z: arithmetic.in_range(word, z)),
        "bit": _binary(lambda x, i: arithmetic.bit(word, x, i)),
        "band": _binary(lambda x, y: arithmetic.bits(word, x) & arithmetic.bits(word, y)),
        "bor": _binary(lambda x, y: arithmetic.bits(word, x) | arithmetic.bits(word, y)),
        "bxor": _binary(lambda x, y: arithmetic.bits(word, x) ^ arithmetic.bits(word, y)),
    }
    return meanings.get(base)


def _float(base: str, where: Z3) -> Meaning | None:
    nearest = z3.RNE(where)
    meanings: Mapping[str, Meaning] = {
        "fadd": _binary(lambda a, b: z3.fpAdd(nearest, a, b, where)),
        "fsub": _binary(lambda a, b: z3.fpSub(nearest, a, b, where)),
        "fmul": _binary(lambda a, b: z3.fpMul(nearest, a, b, where)),
        "fdiv": _binary(lambda a, b: z3.fpDiv(nearest, a, b, where)),
        "fsqrt": _unary(lambda a: z3.fpSqrt(nearest, a, where)),
        "flt": _binary(lambda a, b: z3.fpLT(a, b, where)),
        "fle": _binary(lambda a, b: z3.fpLEQ(a, b, where)),
        "feq": _binary(lambda a, b: z3.fpEQ(a, b, where)),
        "fneg": _unary(lambda a: z3.fpNeg(a, where)),
        "fmaximum": _binary(lambda a, b: _extreme(a, b, True, True, where)),
        "fminimum": _binary(lambda a, b: _extreme(a, b, False, True, where)),
        "fmaxnum": _binary(lambda a, b: _extreme(a, b, True, False, where)),
        "fminnum": _binary(lambda a, b: _extreme(a, b, False, False, where)),
    }
    return meanings.get(base)


def _extreme(a: Z3, b: Z3, larger: bool, nan_wins: bool, where: Z3) -> Z3:
    """maximum, minimum, maximumNumber and minimumNumber of IEEE 754-2019, section 9.6: -0 is less than +0."""
    high, low = (a, b) if larger else (b, a)
    zeros = z3.And(z3.fpEQ(a, b, where), z3.fpIsNegative(low, where))
    number = z3.If(z3.Or(z3.fpGT(high, low, where), zeros), a, b)
    a_nan, b_nan = z3.fpIsNaN(a, where), z3.fpIsNaN(b, where)
    return z3.If(a_nan, a if nan_wins else b, z3.If(b_nan, b if nan_wins else a, number))
