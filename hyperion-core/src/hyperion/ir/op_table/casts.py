"""Conversions between scalar types."""

from __future__ import annotations

from collections.abc import Iterator

from hyperion.ir import scalars, type_rules
from hyperion.ir.op_table.definition import OpDef
from hyperion.ir.op_table.evaluation import by_mode, to_float
from hyperion.ir.scalars import Evaluate, Mode, Number
from hyperion.ir.type_rules import Types
from hyperion.ir.types import IntType, Type

_SIGNATURE = "S -> T"


def rows() -> Iterator[OpDef]:
    rules, convert = type_rules, type_rules.conversion
    lossless = convert(rules.is_lossless, "for types that hold every value of the source")
    yield OpDef("cast", _SIGNATURE, "The same value in a wider type.", lossless, (), _widen, denotation="cast")
    integers = convert(rules.between_integers, "for integers, to a machine integer")
    yield OpDef("cast.wrap", _SIGNATURE, "The integer modulo 2**width.", integers, (), _wrap, denotation="cast")
    evaluate = by_mode("trap", _same)
    doc = "The same integer, or a trap."
    yield OpDef("cast.trap", _SIGNATURE, doc, integers, ("overflow",), evaluate, denotation="cast")
    doc = "The nearest integer of the type."
    yield OpDef("cast.sat", _SIGNATURE, doc, integers, (), by_mode("sat", _same), denotation="cast")
    rounding = convert(rules.to_float, "from an integer to a float, or to a float or complex type that rounds")
    evaluate = to_float(scalars.round_to)
    doc = "The nearest float, ties to even; of a complex number both parts."
    yield OpDef("cast.round", _SIGNATURE, doc, rounding, (), evaluate, denotation="cast")
    exact = convert(rules.integer_to_float, "from an integer to a float")
    evaluate, doc = to_float(scalars.exactly), "The equal float; traps where there is none."
    yield OpDef("cast.exact", _SIGNATURE, doc, exact, ("inexact",), evaluate, denotation="cast")
    down = convert(rules.float_to_integer, "from a float to a machine integer")
    doc = "The float rounded toward zero; traps past the range and on NaN."
    evaluate = _truncate("trap")
    yield OpDef("cast.truncate", _SIGNATURE, doc, down, ("overflow", "value"), evaluate, denotation="cast")
    doc = "The float rounded toward zero, or the nearest integer of the type; 0 for NaN."
    yield OpDef("cast.truncate.sat", _SIGNATURE, doc, down, (), _truncate("sat"), denotation="cast")
    bits = convert(rules.same_bits, "between a machine integer and a float of the same width")
    doc = "The value with the same bits; a NaN becomes the quiet one with sign and payload 0."
    yield OpDef("bitcast", _SIGNATURE, doc, bits, (), _bitcast, denotation="cast")


def _same(x: int) -> int:
    return x


def _widen(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    return int(values[0]) if isinstance(values[0], bool) else values[0]


def _wrap(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    assert isinstance(result, IntType)
    return result.wrap(values[0])


def _truncate(mode: Mode) -> Evaluate:
    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        assert isinstance(result, IntType)
        return scalars.truncate(mode, result, values[0])

    return evaluate


def _bitcast(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    return scalars.bitcast(types[0], result, values[0])
