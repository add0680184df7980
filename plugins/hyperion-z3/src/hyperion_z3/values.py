"""What terms stand for during translation.

bool, int, real, word, float, element of an unknown type: one z3 term. A tuple is a Python tuple, a list, whose length
is known, a Python list, a function a Python function, an outcome an `Outcome`: z3 sees only what is inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from hyperion.ir.types import IntType
from hyperion.logic import terms as t
from hyperion.logic.terms import Ty
from hyperion_z3.arithmetic import Arithmetic
from hyperion_z3.solver import Z3, Untranslatable, z3

Value: TypeAlias = Any  # a z3 term, tuple, list, function or Outcome

FLOATS = {"f16": (5, 11), "f32": (8, 24), "f64": (11, 53)}
"""Bits of the exponent and of the significand, the hidden one included."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ok value` where `ok` holds, a trap where `traps` does, else divergence; never both."""

    ok: Z3
    traps: Z3
    value: Value


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
        case tuple():
            return tuple(choose(condition, x, y, arithmetic) for x, y in zip(a, b, strict=True))
        case Outcome():
            ok, traps = z3.If(condition, a.ok, b.ok), z3.If(condition, a.traps, b.traps)
            return Outcome(ok, traps, choose(condition, a.value, b.value, arithmetic))
        case list():
            decided = z3.simplify(condition)
            if z3.is_true(decided) or z3.is_false(decided):
                return a if z3.is_true(decided) else b
            if len(a) != len(b):
                raise Untranslatable("a list whose length depends on a condition")
            return [choose(condition, x, y, arithmetic) for x, y in zip(a, b, strict=True)]
        case _ if callable(a) and not z3.is_expr(a):
            return lambda v: choose(condition, a(v), b(v), arithmetic)
        case _:
            return z3.If(condition, *(arithmetic.unify(a, b) if z3.is_bv(a) else (a, b)))


def same(a: Value, b: Value, arithmetic: Arithmetic) -> Z3:
    """Whether two values of one type without functions are equal. Floats are equal bit for bit, with one NaN."""
    match a:
        case tuple() | list():
            if len(a) != len(b):
                return False
            return conjunction([same(x, y, arithmetic) for x, y in zip(a, b, strict=True)])
        case Outcome():
            values = z3.Implies(a.ok, same(a.value, b.value, arithmetic))
            return z3.And(a.ok == b.ok, a.traps == b.traps, values)
        case _ if callable(a) and not z3.is_expr(a):
            raise Untranslatable("functions are compared inside other values")
        case _:
            # `==` on z3's floats is IEEE equality: the equality of all z3 terms is meant here.
            return z3.ExprRef.__eq__(*(arithmetic.unify(a, b) if z3.is_bv(a) else (a, b)))


def conjunction(parts: list[Z3]) -> Z3:
    kept = [p for p in parts if p is not True]
    if any(p is False for p in kept):
        return False
    return z3.And(*kept) if len(kept) > 1 else kept[0] if kept else True


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
                return tuple(self.build(a, parts, assumed) for a in arguments_of(ty))
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
            case tuple():
                pairs = zip(value, arguments_of(ty), strict=True)
                return [part for v, a in pairs for part in self.flatten(v, a)]
            case Outcome():
                (inner,) = arguments_of(ty)
                defined = choose(value.ok, value.value, self.default(inner), self.arithmetic)
                return [value.ok, value.traps, *self.flatten(defined, inner)]
            case list():
                return [part for v in value for part in self.flatten(v, arguments_of(ty)[0])]
            case _ if not z3.is_expr(value):
                raise Untranslatable(f"a value of type {ty} inside an unknown function")
            case _:
                return [value]

    def default(self, ty: Ty) -> Value:
        """Some value of the type."""
        match ty.name:
            case "list":
                return []
            case "fun":
                result = self.default(arguments_of(ty)[1])
                return lambda _: result
            case "prod":
                return tuple(self.default(a) for a in arguments_of(ty))
            case "int":
                return self.arithmetic.literal(0)
            case _:
                names = [f"some:{ty.text}:{i}" for i in range(len(self.sorts(ty)))]
                return self.build(ty, [z3.Const(n, s) for n, s in zip(names, self.sorts(ty), strict=True)])


def lengths(value: Value) -> str:
    """The lengths of the lists inside, in order."""
    match value:
        case tuple():
            return "".join(map(lengths, value))
        case list():
            return f"[{len(value)}{''.join(map(lengths, value))}]"
        case Outcome():
            return lengths(value.value)
        case _:
            return ""


def is_function(ty: Ty) -> bool:
    return ty.name == "fun"


def uncurried(ty: Ty) -> tuple[list[Ty], Ty]:
    """The arguments of a function type, and what it returns when it has them all."""
    taken: list[Ty] = []
    while is_function(ty):
        taken.append(t.domain(ty))
        ty = arguments_of(ty)[1]
    return taken, ty


def curried(count: int, function: Callable[..., Value], *given: Value) -> Value:
    """`function` of `count` arguments, taking one at a time."""
    if len(given) == count:
        return function(*given)
    return lambda v: curried(count, function, *given, v)
