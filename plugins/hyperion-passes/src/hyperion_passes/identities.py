"""Laws of single operations that canonicalization applies; each has its equation in `lemmas`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Value
from hyperion.ir.type_rules import is_lossless
from hyperion.ir.types import BOOL, I64, INT, IntType, Type
from hyperion_passes.rewriting import Rewritten, by_values, kept

_SWAPPED = {"gt": "lt", "ge": "le"}


@dataclass(frozen=True, slots=True)
class Context:
    """The equations that define the values in sight, and an order of all values."""

    definitions: Mapping[str, Equation]
    order: Mapping[str, int]

    def constant(self, value: Value) -> object:
        """The literal that `value` is, of an integer or truth value; None where it is none."""
        found = self.definitions.get(value.name)
        literal = found.attribute("value") if found is not None and found.op == "const" else None
        return literal if isinstance(literal, int) else None

    def made_by(self, value: Value, op: str) -> Equation | None:
        found = self.definitions.get(value.name)
        return found if found is not None and found.op == op else None

    def place(self, value: Value) -> tuple[bool, int]:
        """Constants go last, other operands in the order of their definitions."""
        return self.made_by(value, "const") is not None, self.order.get(value.name, len(self.order))


def simplified(equation: Equation, context: Context) -> Rewritten | None:
    """What stands for the equation by one law; None where none applies."""
    stem = equation.op.partition(".")[0]
    if stem in _SWAPPED:
        return kept(replace(equation, op=_SWAPPED[stem], operands=equation.operands[::-1]))
    sorted_ = _sorted(equation, context)
    if sorted_ is not None:
        return kept(sorted_)
    match stem:
        case "add" | "sub" | "mul" | "neg" | "max" | "min" if _is_integer(equation.result.type):
            return _arithmetic(equation, stem, context)
        case "and" | "or" | "xor" | "not" if equation.result.type == BOOL:
            return _connective(equation, stem, context)
        case "le" | "eq":
            return _reflexive(equation)
        case "select":
            return _select(equation, context)
        case "cast":
            return _cast(equation, context)
        case _:
            return None


def constant(equation: Equation, value: bool | int) -> Rewritten:
    return kept(replace(equation, op="const", operands=(), attributes=(("value", value),)))


def _is_integer(kind: Type) -> bool:
    return isinstance(kind, IntType) or kind == INT


def _sorted(equation: Equation, context: Context) -> Equation | None:
    operands = equation.operands
    if not commutes(equation) or context.place(operands[0]) <= context.place(operands[1]):
        return None
    return replace(equation, operands=operands[::-1])


def commutes(equation: Equation) -> bool:
    """Whether an axiom says so. None does for floats, for bit patterns, or for equality of numbers."""
    stem, kind = equation.op.partition(".")[0], equation.operands[0].type if equation.operands else None
    if kind is None:
        return False
    if _is_integer(kind):
        return stem in ("add", "mul", "max", "min")
    if kind == BOOL:
        return stem in ("and", "or", "xor", "eq", "ne")
    return stem in ("add", "mul") and equation.attribute("fp") == "reassoc"


def _arithmetic(equation: Equation, stem: str, context: Context) -> Rewritten | None:
    first, last = equation.operands[0], equation.operands[-1]
    mode = equation.op.partition(".")[2]
    left, right = context.constant(first), context.constant(last)
    exact = mode != "sat"  # no axiom says that a value of a word saturates to itself
    match stem:
        case "add" | "sub" if right == 0 and exact:
            return by_values(equation, first)
        case "mul" if right == 1 and exact:
            return by_values(equation, first)
        case "mul" if right == 0:
            return constant(equation, 0)
        case "mul" if right == -1:
            return kept(replace(equation, op=_moded("neg", mode), operands=(first,)))
        case "sub" if left == 0:
            return kept(replace(equation, op=_moded("neg", mode), operands=(last,)))
        case "sub" if first == last:
            return constant(equation, 0)
        case "max" | "min" if first == last:
            return by_values(equation, first)
        case "neg" if mode in ("", "wrap"):
            inner = context.made_by(first, equation.op)
            return by_values(equation, inner.operands[0]) if inner else None
        case _:
            return None


def _moded(stem: str, mode: str) -> str:
    return f"{stem}.{mode}" if mode else stem


def _connective(equation: Equation, stem: str, context: Context) -> Rewritten | None:
    first, last = equation.operands[0], equation.operands[-1]
    if stem == "not":
        inner = context.made_by(first, "not")
        return by_values(equation, inner.operands[0]) if inner else None
    right = context.constant(last)
    if first == last:
        return constant(equation, False) if stem == "xor" else by_values(equation, first)
    match stem, right:
        case ("and", True) | ("or", False) | ("xor", False):
            return by_values(equation, first)
        case ("and", False) | ("or", True):
            return by_values(equation, last)
        case ("xor", True):
            return kept(replace(equation, op="not", operands=(first,)))
        case _:
            return None


def _reflexive(equation: Equation) -> Rewritten | None:
    """x <= x, and x == x for truth values; no axiom speaks of `eq` on integers, and NaN differs from itself."""
    first, last = equation.operands
    holds = _is_integer(first.type) and equation.op == "le"
    return constant(equation, True) if first == last and (holds or first.type == BOOL) else None


def _select(equation: Equation, context: Context) -> Rewritten | None:
    condition, first, last = equation.operands
    if first == last:
        return by_values(equation, first)
    negation = context.made_by(condition, "not")
    if negation is not None:
        return kept(replace(equation, operands=(negation.operands[0], last, first)))
    match context.constant(first), context.constant(last):
        case (True, False) if equation.result.type == BOOL:
            return by_values(equation, condition)
        case (False, True) if equation.result.type == BOOL:
            return kept(replace(equation, op="not", operands=(condition,)))
        case _:
            return None


def _cast(equation: Equation, context: Context) -> Rewritten | None:
    source, target = equation.operands[0].type, equation.result.type
    if equation.op not in ("cast.wrap", "cast.trap") or not isinstance(source, IntType):
        return None
    if is_lossless(source, target) and (equation.op == "cast.wrap" or target == I64):
        return kept(replace(equation, op="cast"))
    wider = context.made_by(equation.operands[0], "cast")
    if source == I64 and wider is not None and wider.operands[0].type == target:
        return by_values(equation, wider.operands[0])
    return None
