"""Machine integers: arithmetic in modes, bits and shifts.

A mode says what happens when the exact result does not fit: wrap, trap or sat.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

from hyperion.ir import scalars, type_rules
from hyperion.ir.op_table.definition import OpDef
from hyperion.ir.op_table.evaluation import by_mode, of_integer, plain, signature
from hyperion.ir.scalars import Evaluate, Mode, Number, TrapKind
from hyperion.ir.type_rules import Types
from hyperion.ir.types import BoolType, IntType, Type

MODES: tuple[Mode, ...] = ("wrap", "trap", "sat")


def rows() -> Iterator[OpDef]:
    yield from _arithmetic()
    yield from _logic()
    yield from _counts()
    yield from _shifts()


def _arithmetic() -> Iterator[OpDef]:
    table: tuple[tuple[str, int, Callable[..., Number], str], ...] = (
        ("add", 2, operator.add, "x + y"),
        ("sub", 2, operator.sub, "x - y"),
        ("mul", 2, operator.mul, "x * y"),
        ("neg", 1, operator.neg, "-x"),
        ("abs", 1, scalars.magnitude, "|x|"),
        ("floordiv", 2, scalars.floor_divide, "x // y, rounded down"),
        ("mod", 2, scalars.floor_modulo, "x - y * (x // y), with the sign of y"),
    )
    for stem, arity, exact, doc in table:
        rule = type_rules.uniform(arity, type_rules.is_machine_integer, "machine integers")
        for mode in MODES:
            yield OpDef(
                f"{stem}.{mode}",
                signature(arity),
                f"{doc}.",
                rule,
                _traps(stem, mode),
                by_mode(mode, exact),
                denotation=f"machine {stem} {mode}",
            )


def _traps(stem: str, mode: Mode) -> tuple[TrapKind, ...]:
    overflow: tuple[TrapKind, ...] = ("overflow",) if mode == "trap" and stem != "mod" else ()
    zero: tuple[TrapKind, ...] = ("zero-division",) if stem in ("floordiv", "mod") else ()
    return overflow + zero


def _logic() -> Iterator[OpDef]:
    table: tuple[tuple[str, Callable[..., Number], str], ...] = (
        ("and", scalars.bit_and, "Bitwise and."),
        ("or", scalars.bit_or, "Bitwise or."),
        ("xor", scalars.bit_xor, "Bitwise exclusive or."),
    )
    rule = type_rules.uniform(2, type_rules.is_bits, "machine integers and bool")
    for name, function, doc in table:
        yield OpDef(name, signature(2), doc, rule, (), plain(function), denotation=f"logic {name} | bits {name}")
    unary = type_rules.uniform(1, type_rules.is_bits, "machine integers and bool")
    yield OpDef("not", signature(1), "Every bit flipped.", unary, (), _invert, denotation="logic not | bits not")


def _invert(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    if isinstance(result, BoolType):
        return not values[0]
    assert isinstance(result, IntType)
    return result.wrap(~values[0])


def _counts() -> Iterator[OpDef]:
    table: tuple[tuple[str, Callable[[IntType, int], int], str], ...] = (
        ("popcount", scalars.count_ones, "How many bits are 1."),
        ("clz", scalars.count_leading_zeros, "How many bits above the highest 1 are 0; the width for 0."),
        ("ctz", scalars.count_trailing_zeros, "How many bits below the lowest 1 are 0; the width for 0."),
    )
    rule = type_rules.uniform(1, type_rules.is_machine_integer, "machine integers")
    for name, function, doc in table:
        yield OpDef(name, signature(1), doc, rule, (), of_integer(function))


def _shifts() -> Iterator[OpDef]:
    rule = type_rules.uniform(2, type_rules.is_machine_integer, "machine integers")
    for mode in MODES:
        traps: tuple[TrapKind, ...] = ("overflow", "value") if mode == "trap" else ("value",)
        doc = "x * 2**count; a negative count traps."
        yield OpDef(f"shl.{mode}", signature(2), doc, rule, traps, _shift_left(mode), denotation=f"shift left {mode}")
    doc = "x // 2**count; a negative count traps."
    yield OpDef("shr", signature(2), doc, rule, ("value",), plain(scalars.shift_right), denotation="shift right")


def _shift_left(mode: Mode) -> Evaluate:
    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        assert isinstance(result, IntType)
        return scalars.shift_left(mode, result, values[0], values[1])

    return evaluate
