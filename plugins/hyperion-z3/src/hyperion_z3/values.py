"""What terms stand for during translation.

bool, int, real, word, float, element of an unknown type: one z3 term. Tuples, lists of known length, known natural
numbers, functions and outcomes are made of these here: z3 sees only what is inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hyperion.ir.types import IntType
from hyperion.logic import terms as t
from hyperion.logic.terms import Ty
from hyperion_z3.arithmetic import Arithmetic
from hyperion_z3.solver import Z3, Untranslatable, z3

Value: TypeAlias = Any  # a z3 term, Tuple, List, Natural, Function or Outcome

FLOATS = {"f16": (5, 11), "f32": (8, 24), "f64": (11, 53)}
"""Bits of the exponent and of the significand, the hidden one included."""


@dataclass(frozen=True, slots=True)
class Tuple:
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class List:
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Natural:
    count: int


@dataclass(frozen=True, slots=True)
class Function:
    of: Callable[[Value], Value]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ok value` where `ok` holds, a trap where `traps` does, else divergence; never both."""

    ok: Z3
    traps: Z3
    value: Value


def apply(function: Function, *arguments: Value) -> Value:
    for argument in arguments:
        function = function.of(argument)
    return function


def word_of(ty: Ty) -> IntType | None:
    sign, width = ty.name[:1], ty.name[1:]
    return IntType(int(width), sign == "i") if sign in ("i", "u") and width.isdigit() else None


def arguments_of(ty: Ty) -> tuple[Ty, ...]:
    return ty.args or ()


def choose(condition: Z3, a: Value, b: Value, arithmetic: Arithmetic) -> Value:
    """a where the condition holds, else b."""
    if a is b:
        return a
    match a:
        case Tuple(items):
            return Tuple(_each(condition, items, b.items, arithmetic))
        case Outcome():
            ok, traps = z3.If(condition, a.ok, b.ok), z3.If(condition, a.traps, b.traps)
            return Outcome(ok, traps, choose(condition, a.value, b.value, arithmetic))
        case List(items):
            decided = z3.simplify(condition)
            if z3.is_true(decided) or z3.is_false(decided):
                return a if z3.is_true(decided) else b
            if len(items) != len(b.items):
                raise Untranslatable("a list whose length depends on a condition")
            return List(_each(condition, items, b.items, arithmetic))
        case Natural():
            decided = z3.simplify(condition)
            if a != b and not z3.is_true(decided) and not z3.is_false(decided):
                raise Untranslatable("a natural number that depends on a condition")
            return b if z3.is_false(decided) else a
        case Function(first):
            return Function(lambda v: choose(condition, first(v), b.of(v), arithmetic))
        case _:
            return z3.If(condition, *(arithmetic.unify(a, b) if z3.is_bv(a) else (a, b)))


def _each(condition: Z3, a: Sequence[Value], b: Sequence[Value], arithmetic: Arithmetic) -> tuple[Value, ...]:
    return tuple(choose(condition, x, y, arithmetic) for x, y in zip(a, b, strict=True))


def same(a: Value, b: Value, arithmetic: Arithmetic) -> list[Z3]:
    """What holds exactly where two values of one type without functions are equal. Floats are equal bit for bit, with
    one NaN; lists of different lengths never are, which is said as None."""
    match a:
        case Tuple(items) | List(items):
            if len(items) != len(b.items):
                return [None]
            return [part for x, y in zip(items, b.items, strict=True) for part in same(x, y, arithmetic)]
        case Outcome():
            inner = same(a.value, b.value, arithmetic)
            if None in inner:
                return [a.ok == b.ok, a.traps == b.traps, z3.Not(a.ok)]
            return [a.ok == b.ok, a.traps == b.traps, *(z3.Implies(a.ok, part) for part in inner)]
        case Natural(count):
            return [] if count == b.count else [None]
        case Function():
            raise Untranslatable("functions are compared inside other values")
        case _:
            # `==` on z3's floats is IEEE equality: the equality of all z3 terms is meant here.
            return [z3.ExprRef.__eq__(*(arithmetic.unify(a, b) if z3.is_bv(a) else (a, b)))]


def conjunction(parts: list[Z3], where: Z3) -> Z3:
    if any(part is None for part in parts):
        return z3.BoolVal(False, where)
    return z3.And(*parts) if len(parts) > 1 else parts[0] if parts else z3.BoolVal(True, where)


@dataclass(frozen=True)
class Shapes:
    """z3's sorts for types, and values of a type made of z3 terms."""

    arithmetic: Arithmetic
    where: Z3

    def sorts(self, ty: Ty) -> list[Z3]:
        """The sorts of the z3 terms inside a value of type `ty`."""
        word = word_of(ty)
        match ty.name:
            case "bool":
                return [z3.BoolSort(self.where)]
            case "int":
                return [self.arithmetic.integer_sort()]
            case "real":
                return [z3.RealSort(self.where)]
            case "prod":
                return [s for a in arguments_of(ty) for s in self.sorts(a)]
            case "outcome":
                return [z3.BoolSort(self.where), z3.BoolSort(self.where), *self.sorts(arguments_of(ty)[0])]
            case "fun" | "list" | "nat":
                raise Untranslatable(f"an unknown value of type {ty}")
            case name if name in FLOATS:
                return [z3.FPSort(*FLOATS[name], self.where)]
            case _:
                return [self.arithmetic.word_sort(word) if word else z3.DeclareSort(ty.text, self.where)]

    def build(self, ty: Ty, parts: list[Z3], assumed: list[Z3] | None = None) -> Value:
        """The value of type `ty` with these z3 terms inside, which it takes off the front of `parts`.

        What makes them a value, that an integer is in the range of its word, is put into `assumed`; without it, terms
        that are none are made one.
        """
        match ty.name:
            case "prod":
                return Tuple(tuple(self.build(a, parts, assumed) for a in arguments_of(ty)))
            case "outcome":
                ok, traps = parts.pop(0), parts.pop(0)
                return Outcome(ok, z3.And(traps, z3.Not(ok)), self.build(arguments_of(ty)[0], parts, assumed))
            case _:
                raw, word = parts.pop(0), word_of(ty)
                if word is None or z3.is_bv(raw):
                    return raw
                if assumed is None:
                    return self.arithmetic.of_integer(word, raw)
                assumed.append(self.arithmetic.in_range(word, raw))
                return raw

    def flatten(self, value: Value, ty: Ty) -> list[Z3]:
        """The z3 terms inside; those of equal values are equal."""
        match value:
            case Tuple(items):
                pairs = zip(items, arguments_of(ty), strict=True)
                return [part for v, a in pairs for part in self.flatten(v, a)]
            case Outcome():
                (inner,) = arguments_of(ty)
                defined = choose(value.ok, value.value, self.default(inner), self.arithmetic)
                return [value.ok, value.traps, *self.flatten(defined, inner)]
            case List(items):
                return [part for v in items for part in self.flatten(v, arguments_of(ty)[0])]
            case Natural():
                return []
            case Function():
                raise Untranslatable(f"a value of type {ty} inside an unknown function")
            case _:
                return [value]

    def default(self, ty: Ty) -> Value:
        """Some value of the type."""
        match ty.name:
            case "list":
                return List(())
            case "nat":
                return Natural(0)
            case "fun":
                return Function(lambda _: self.default(arguments_of(ty)[1]))
            case "prod":
                return Tuple(tuple(self.default(a) for a in arguments_of(ty)))
            case "int":
                return self.arithmetic.literal(0)
            case _:
                names = [f"some:{ty.text}:{i}" for i in range(len(self.sorts(ty)))]
                return self.build(ty, [z3.Const(n, s) for n, s in zip(names, self.sorts(ty), strict=True)])


def lengths(value: Value) -> str:
    """The lengths of the lists and the natural numbers inside, in order."""
    match value:
        case Tuple(items):
            return "".join(map(lengths, items))
        case List(items):
            return f"[{len(items)}{''.join(map(lengths, items))}]"
        case Outcome():
            return lengths(value.value)
        case Natural(count):
            return f"[{count}]"
        case _:
            return ""


def uncurried(ty: Ty) -> tuple[list[Ty], Ty]:
    """The arguments of a function type, and what it returns when it has them all."""
    taken: list[Ty] = []
    while ty.name == "fun":
        taken.append(t.domain(ty))
        ty = arguments_of(ty)[1]
    return taken, ty


def curried(count: int, function: Callable[..., Value], *given: Value) -> Value:
    """`function` of `count` arguments, taking one at a time."""
    if len(given) == count:
        return function(*given)
    return Function(lambda v: curried(count, function, *given, v))
