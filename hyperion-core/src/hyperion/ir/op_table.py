"""The rows of the op table.

Machine integer ops have a mode that says what happens when the exact result does not fit: wrap, trap or sat.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hyperion.ir import region_rules, scalars, type_rules
from hyperion.ir.scalars import Evaluate, Mode, Number, TrapKind
from hyperion.ir.type_rules import TypeRule, Types
from hyperion.ir.types import BoolType, FloatType, IntType, Type

MODES: tuple[Mode, ...] = ("wrap", "trap", "sat")


@dataclass(frozen=True, slots=True)
class OpDef:
    """One op. `traps` is empty where it never traps; `evaluate` is its meaning on Python values, for scalar ops."""

    name: str
    signature: str
    doc: str
    rule: TypeRule
    traps: tuple[TrapKind, ...] = ()
    evaluate: Evaluate | None = None
    attributes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    optional_regions: int = 0  # how many of the last regions may be absent
    diverges: bool = False  # may run for ever

    @property
    def is_control(self) -> bool:
        return bool(self.regions) or self.diverges


def table() -> Iterator[OpDef]:
    yield from _constants()
    yield from _integer_arithmetic()
    yield from _modeless_arithmetic()
    yield from _bits()
    yield from _comparisons()
    yield from _casts()
    yield from _arrays()
    yield from _control()
    yield from _parallel()


def _plain(function: Callable[..., Number]) -> Evaluate:
    """An op whose value does not depend on the types."""
    return lambda values, types, result: function(*values)


def _by_mode(mode: Mode, exact: Callable[..., Number]) -> Evaluate:
    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        assert isinstance(result, IntType)
        return scalars.fit(mode, result, exact(*values))

    return evaluate


def _rounded(function: Callable[..., Number]) -> Evaluate:
    """IEEE: the exact result rounded once. Going through f64 is exact for + - * / and sqrt of f32 and f16
    (Figueroa, When is double rounding innocuous?, 1995)."""

    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        value = function(*values)
        return scalars.round_float(value, result.width) if isinstance(result, FloatType) else value

    return evaluate


def _constants() -> Iterator[OpDef]:
    doc = "The literal in the attribute `value`: an int, a bool, or the `float.hex` of a float."
    yield OpDef("const", "() -> T", doc, type_rules.constant, attributes=("value",))


def _integer_arithmetic() -> Iterator[OpDef]:
    rows: tuple[tuple[str, int, Callable[..., Number], str], ...] = (
        ("add", 2, operator.add, "x + y"),
        ("sub", 2, operator.sub, "x - y"),
        ("mul", 2, operator.mul, "x * y"),
        ("neg", 1, operator.neg, "-x"),
        ("abs", 1, scalars.magnitude, "|x|"),
        ("floordiv", 2, scalars.floor_divide, "x // y, rounded down"),
        ("mod", 2, scalars.floor_modulo, "x - y * (x // y), with the sign of y"),
    )
    for stem, arity, exact, doc in rows:
        rule = type_rules.uniform(arity, type_rules.is_machine_integer, "machine integers")
        for mode in MODES:
            traps = _integer_traps(stem, mode)
            yield OpDef(f"{stem}.{mode}", _signature(arity), f"{doc}.", rule, traps, _by_mode(mode, exact))


def _integer_traps(stem: str, mode: Mode) -> tuple[TrapKind, ...]:
    overflow: tuple[TrapKind, ...] = ("overflow",) if mode == "trap" and stem != "mod" else ()
    zero: tuple[TrapKind, ...] = ("zero-division",) if stem in ("floordiv", "mod") else ()
    return overflow + zero


def _modeless_arithmetic() -> Iterator[OpDef]:
    rows: tuple[tuple[str, int, Callable[..., Number], str], ...] = (
        ("add", 2, operator.add, "x + y"),
        ("sub", 2, operator.sub, "x - y"),
        ("mul", 2, operator.mul, "x * y"),
        ("neg", 1, operator.neg, "-x"),
        ("abs", 1, scalars.magnitude, "|x|"),
    )
    for stem, arity, function, doc in rows:
        rule = type_rules.uniform(arity, type_rules.is_modeless, "floats, int and real")
        yield OpDef(stem, _signature(arity), f"{doc}.", rule, (), _rounded(function), ("fp",))
    real = type_rules.uniform(2, type_rules.is_real, "floats and real")
    yield OpDef("div", "T, T -> T", "IEEE x / y; on real, x / 0 = 0.", real, (), _rounded(scalars.divide), ("fp",))
    floats = type_rules.uniform(2, type_rules.is_float, "floats")
    doc = "x / y as Python has it: traps where y == 0."
    yield OpDef("div.trap", "T, T -> T", doc, floats, ("zero-division",), _rounded(_divide_or_trap), ("fp",))
    root = type_rules.uniform(1, type_rules.is_float, "floats")
    yield OpDef("sqrt", "T -> T", "IEEE square root.", root, (), _rounded(scalars.square_root), ("fp",))
    integers = type_rules.uniform(2, type_rules.is_int, "int")
    yield OpDef("floordiv", "int, int -> int", "x // y rounded down; x // 0 = 0.", integers, (), _plain(_quotient))
    ordered = type_rules.uniform(2, type_rules.is_ordered, "machine integers, int and real")
    yield OpDef("max", "T, T -> T", "The larger.", ordered, (), _plain(max))
    yield OpDef("min", "T, T -> T", "The smaller.", ordered, (), _plain(min))


def _divide_or_trap(x: float, y: float) -> float:
    if y == 0:
        raise scalars.Trap("zero-division")
    return scalars.divide(x, y)


def _quotient(x: int, y: int) -> int:
    return x // y if y else 0


def _bits() -> Iterator[OpDef]:
    rule = type_rules.uniform(2, type_rules.is_bits, "machine integers and bool")
    yield OpDef("and", "T, T -> T", "Bitwise and.", rule, (), _plain(scalars.bit_and))
    yield OpDef("or", "T, T -> T", "Bitwise or.", rule, (), _plain(scalars.bit_or))
    yield OpDef("xor", "T, T -> T", "Bitwise exclusive or.", rule, (), _plain(scalars.bit_xor))
    unary = type_rules.uniform(1, type_rules.is_bits, "machine integers and bool")
    yield OpDef("not", "T -> T", "Every bit flipped.", unary, (), _invert)
    shift = type_rules.uniform(2, type_rules.is_machine_integer, "machine integers")
    for mode in MODES:
        traps: tuple[TrapKind, ...] = ("overflow", "value") if mode == "trap" else ("value",)
        doc = "x * 2**count; a negative count traps."
        yield OpDef(f"shl.{mode}", "T, T -> T", doc, shift, traps, _shift_left(mode))
    doc = "x // 2**count; a negative count traps."
    yield OpDef("shr", "T, T -> T", doc, shift, ("value",), _plain(scalars.shift_right))


def _invert(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    return not values[0] if isinstance(result, BoolType) else _wrap((~values[0],), types, result)


def _shift_left(mode: Mode) -> Evaluate:
    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        assert isinstance(result, IntType)
        return scalars.shift_left(mode, result, values[0], values[1])

    return evaluate


def _choose(condition: bool, x: Number, y: Number) -> Number:
    return x if condition else y


def _comparisons() -> Iterator[OpDef]:
    functions = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
    for name, sign in functions.items():
        evaluate = _plain(getattr(operator, name))
        yield OpDef(name, "T, T -> bool", f"x {sign} y; IEEE on floats.", type_rules.comparison, (), evaluate)
    doc = "x where the condition holds, else y; both are computed before."
    yield OpDef("select", "bool, T, T -> T", doc, type_rules.select, (), _plain(_choose))


def _casts() -> Iterator[OpDef]:
    rules, convert = type_rules, type_rules.conversion
    lossless = convert(rules.is_lossless, "for types that hold every value of the source")
    yield OpDef("cast", "S -> T", "The same value in a wider type.", lossless, (), _widen)
    integers = convert(rules.between_integers, "for integers, to a machine integer")
    yield OpDef("cast.wrap", "S -> T", "The integer modulo 2**width.", integers, (), _wrap)
    yield OpDef("cast.trap", "S -> T", "The same integer, or a trap.", integers, ("overflow",), _by_mode("trap", _same))
    rounding = convert(rules.to_float, "from an integer to a float, or to a narrower float")
    yield OpDef("cast.round", "S -> T", "The nearest float, ties to even.", rounding, (), _to_float(scalars.round_to))
    exact = convert(rules.integer_to_float, "from an integer to a float")
    doc = "The equal float; traps where there is none."
    yield OpDef("cast.exact", "S -> T", doc, exact, ("inexact",), _to_float(scalars.exactly))
    down = convert(rules.float_to_integer, "from a float to a machine integer")
    doc = "The float rounded toward zero; traps past the range and on NaN."
    yield OpDef("cast.truncate", "S -> T", doc, down, ("overflow", "value"), _truncate)


def _same(x: int) -> int:
    return x


def _widen(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    return int(values[0]) if isinstance(values[0], bool) else values[0]


def _wrap(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    assert isinstance(result, IntType)
    return result.wrap(values[0])


def _truncate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
    assert isinstance(result, IntType)
    return scalars.truncate("trap", result, values[0])


def _to_float(function: Callable[[FloatType, Number], float]) -> Evaluate:
    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        assert isinstance(result, FloatType)
        return function(result, values[0])

    return evaluate


def _arrays() -> Iterator[OpDef]:
    yield OpDef("len", "T[n] -> i64 | int", "The number of elements.", type_rules.length)
    yield OpDef("get", "T[n], i64 -> T", "Element i; traps unless 0 <= i < n.", type_rules.get, ("index",))
    doc = "A new array with element i replaced; traps unless 0 <= i < n."
    yield OpDef("update", "T[n], i64, T -> T[n]", doc, type_rules.update, ("index",))
    doc = "A new array of that many copies; traps on a negative count."
    yield OpDef("fill", "i64, T -> T[m]", doc, type_rules.fill, ("value",))


def _control() -> Iterator[OpDef]:
    doc = "The yields of the region chosen; the other is not run."
    yield OpDef("if", "bool -> S", doc, region_rules.conditional, regions=("then", "else"))
    doc = "Python's range(lo, hi, step) with carried values; step 0 traps."
    yield OpDef("for", "i64, i64, i64, S -> S", doc, region_rules.counted, ("value",), regions=("body",))
    doc = "Runs the body while the condition yields true."
    yield OpDef("while", "S -> S", doc, region_rules.repeated, regions=("condition", "body"), diverges=True)
    doc = "The body on the elements of arrays of equal length, first to last; other lengths trap."
    rule = region_rules.fold
    yield OpDef("fold", "T[n]..., S -> S", doc, rule, ("value",), attributes=("arrays",), regions=("body",))
    every: tuple[TrapKind, ...] = ("overflow", "zero-division", "index", "value", "inexact")
    doc = "The results of another function of the program."
    yield OpDef("call", "S -> R", doc, region_rules.call, every, attributes=("callee",), diverges=True)


def _parallel() -> Iterator[OpDef]:
    doc = (
        "Pieces (see `pieces`) are summarised by R = lift(first), R = mul(lift(x), R), then s = act(R, s) in order. "
        "With a guard, a first result says whether the guard holds for every element."
    )
    yield OpDef(
        "par.reduce",
        "T[n]..., S -> (bool,) S",
        doc,
        region_rules.parallel_reduce,
        ("value",),
        attributes=("arrays", "lanes", "piece"),
        regions=("lift", "mul", "act", "guard"),
        optional_regions=1,
    )
    doc = "k steps of one constant update, k = len(range(lo, hi, step)), by squaring: O(log k). Step 0 traps."
    rule = region_rules.parallel_power
    yield OpDef("par.power", "i64, i64, i64, S -> S", doc, rule, ("value",), regions=("lift", "mul", "act"))


def _signature(arity: int) -> str:
    return f"{', '.join(['T'] * arity)} -> T"
