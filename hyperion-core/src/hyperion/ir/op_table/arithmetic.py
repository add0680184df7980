"""Arithmetic without a mode, on floats, complex numbers, `int` and `real`; order and comparison."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

from hyperion.ir import complex_scalars, float_scalars, scalars, type_rules
from hyperion.ir.op_table.definition import OpDef
from hyperion.ir.op_table.evaluation import Complex, plain, rounded, signature
from hyperion.ir.scalars import Number
from hyperion.ir.type_rules import Types
from hyperion.ir.types import FloatType, Type

_FAMILY = "floats, complex numbers, int and real"


def rows() -> Iterator[OpDef]:
    yield from _ring()
    yield from _division()
    yield from _order()
    yield from _comparisons()


def _ring() -> Iterator[OpDef]:
    table: tuple[tuple[str, Callable[..., Number], Complex, str], ...] = (
        ("add", operator.add, complex_scalars.add, "x + y."),
        ("sub", operator.sub, complex_scalars.subtract, "x - y."),
        ("mul", operator.mul, complex_scalars.multiply, "x * y; (ac - bd) + (ad + bc)i on complex numbers."),
    )
    binary = type_rules.uniform(2, type_rules.is_modeless, _FAMILY)
    for name, function, of_complex, doc in table:
        meaning = f"integer {name} | ieee f{name} | real r{name} | opaque"
        evaluate = rounded(function, of_complex)
        yield OpDef(name, signature(2), doc, binary, (), evaluate, ("fp",), denotation=meaning)
    unary = type_rules.uniform(1, type_rules.is_modeless, _FAMILY)
    meaning = "integer neg | ieee fneg | real rneg | opaque"
    yield OpDef("neg", "T -> T", "-x.", unary, (), plain(_negate), ("fp",), denotation=meaning)
    doc = "|x|; of a complex number the float that is nearest to its distance from 0."
    meaning = "integer abs | opaque"
    yield OpDef("abs", "T -> T", doc, type_rules.magnitude, (), _magnitude, ("fp",), denotation=meaning)


def _negate(x: Number) -> Number:
    return complex_scalars.negate(x) if isinstance(x, complex) else -x


def _magnitude(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    (x,) = values
    if isinstance(x, complex):
        assert isinstance(result, FloatType)
        return complex_scalars.absolute(x, result)
    return scalars.magnitude(x)


def _division() -> Iterator[OpDef]:
    rule = type_rules.uniform(2, type_rules.is_divided, "floats, complex numbers and real")
    doc = "IEEE x / y; Smith's method on complex numbers; on real, x / 0 = 0."
    evaluate = rounded(scalars.divide, complex_scalars.divide)
    yield OpDef("div", signature(2), doc, rule, (), evaluate, ("fp",), denotation="ieee fdiv | real rdiv | opaque")
    floats = type_rules.uniform(2, type_rules.is_float, "floats")
    doc, meaning = "x / y as Python has it: traps where y == 0.", "ieee fdiv by zero"
    evaluate = rounded(_divide_or_trap)
    yield OpDef("div.trap", signature(2), doc, floats, ("zero-division",), evaluate, ("fp",), denotation=meaning)
    integers = type_rules.uniform(2, type_rules.is_int, "int")
    doc = "x // y rounded down; x // 0 = 0."
    yield OpDef("floordiv", "int, int -> int", doc, integers, (), plain(_quotient), denotation="integer floordiv")
    doc = "x - y * (x // y), with the sign of y; x modulo 0 = x."
    yield OpDef("mod", "int, int -> int", doc, integers, (), plain(_remainder), denotation="integer mod")


def _divide_or_trap(x: float, y: float) -> float:
    if y == 0:
        raise scalars.Trap("zero-division")
    return float_scalars.divide(x, y)


def _quotient(x: int, y: int) -> int:
    return x // y if y else 0


def _remainder(x: int, y: int) -> int:
    return x % y if y else x


def _order() -> Iterator[OpDef]:
    rule = type_rules.uniform(2, type_rules.is_ordered, "machine integers, int and real")
    for name, function, doc in (("max", max, "The larger."), ("min", min, "The smaller.")):
        meaning = f"machine {name} | integer {name} | opaque"
        yield OpDef(name, signature(2), doc, rule, (), plain(function), denotation=meaning)


def _comparisons() -> Iterator[OpDef]:
    signs = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
    for name, sign in signs.items():
        rule = type_rules.equality if name in ("eq", "ne") else type_rules.comparison
        evaluate, meaning = plain(getattr(operator, name)), f"compare {name}"
        doc = f"x {sign} y; IEEE on floats."
        yield OpDef(name, "T, T -> bool", doc, rule, (), evaluate, denotation=meaning)
    doc = "x where the condition holds, else y; both are computed before."
    rule, evaluate = type_rules.select, plain(_choose)
    yield OpDef("select", "bool, T, T -> T", doc, rule, (), evaluate, denotation="choice")


def _choose(condition: bool, x: Number, y: Number) -> Number:
    return x if condition else y
