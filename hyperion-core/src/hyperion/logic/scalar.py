"""TRUSTED. What scalar operations denote, by the words that the op table says of them (`OpDef.denotation`).

Machine integer operations are the operation on integers between toZ and ofZ. A word that is not about the type of the
operands gives None: the next alternative of the table is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan
from typing import Final, TypeAlias

from hyperion.errors import ProofError
from hyperion.ir.function import Equation
from hyperion.ir.types import BOOL, INT, REAL, BoolType, FloatType, IntType, SpecType, Type
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.meaning import Effect, Pure, denote_type, float_constant, keyed, opaque, truth
from hyperion.logic.terms import Term


@dataclass(frozen=True, slots=True)
class Operation:
    """An equation whose operands are denoted; `real` where the function denotes over the reals."""

    equation: Equation
    operands: tuple[Term, ...]
    real: bool

    @property
    def kind(self) -> Type:
        """The type of the first operand, of the result where there is none."""
        return (self.equation.operands or self.equation.results)[0].type

    @property
    def result(self) -> Type:
        return self.equation.results[0].type

    def opaque(self, name: str) -> Term:
        """A value without laws, keyed by `name` and the attributes."""
        suffix = ".real" if self.real and isinstance(self.kind, FloatType) else ""
        key = keyed(name + suffix, dict(self.equation.attributes))
        return opaque(key, self.operands, denote_type(self.result, self.real))


Words: TypeAlias = Sequence[str]
Meaning: TypeAlias = Callable[[Operation, Words], Pure | Effect | None]

_COMPARE: Final = {
    "eq": ("eq", False),
    "lt": ("lt", False),
    "le": ("le", False),
    "gt": ("lt", True),
    "ge": ("le", True),
}


def to_integer(ty: Type, x: Term) -> Term:
    """The integer value of a machine integer; an integer as it is; 0 or 1 of a truth value."""
    if isinstance(ty, IntType):
        return apply(f"toZ.{ty}", x)
    return apply("cond", x, literals.int_lit(1), literals.int_lit(0)) if isinstance(ty, BoolType) else x


def to_word(ty: Type, z: Term) -> Term:
    """The machine integer of an integer modulo 2**width; the integer itself for `int`."""
    return apply(f"ofZ.{ty}", z) if isinstance(ty, IntType) else z


def _constant(op: Operation, words: Words) -> Pure:
    ty, value = op.result, op.equation.attribute("value")
    match ty:
        case BoolType():
            assert isinstance(value, bool)
            return Pure((truth(value),))
        case IntType() | SpecType("int"):
            assert isinstance(value, int)
            return Pure((to_word(ty, literals.int_lit(value)),))
        case FloatType() | SpecType("real"):
            special = {"nan": nan, "inf": inf, "-inf": -inf}
            assert isinstance(value, str)
            number = special[value] if value in special else float.fromhex(value)
            return Pure((_float(ty, number, op.real),))
        case _:
            raise ProofError("HY7010", f"a constant of type {ty} has no denotation", op.equation.span)


def _float(ty: Type, number: float, real: bool) -> Term:
    """A literal; of a format without literals, a constant of its own for each value."""
    if _has_laws(ty) or real or ty == REAL:
        return float_constant(ty, number, real)
    return opaque(f"const[{'nan' if isnan(number) else number.hex()}]", (), t.type_of(str(ty)))


def _has_laws(ty: Type) -> bool:
    """Whether the operations of a float format are constants of the axiom file."""
    return f"feq.{ty}" in t.SIGNATURE


def _machine(op: Operation, words: Words) -> Pure | Effect | None:
    """The exact result reduced, refused or saturated where it does not fit; a zero divisor traps in every mode."""
    ty, name, mode = op.kind, words[0], words[1] if len(words) > 1 else "wrap"
    if not isinstance(ty, IntType):
        return None
    z = apply(name, *(to_integer(ty, x) for x in op.operands))
    value = _fitted(ty, z, mode)
    if name not in ("floordiv", "mod"):
        return value
    by_zero = apply("eq", to_integer(ty, op.operands[1]), literals.int_lit(0))
    otherwise = value.outcome if isinstance(value, Effect) else apply("ok", value.values[0])
    return Effect(apply("cond", by_zero, t.const("trap", otherwise.type), otherwise))


def _fitted(ty: IntType, z: Term, mode: str) -> Pure | Effect:
    """The word of an integer, as the mode says."""
    if mode == "sat":
        z = apply("max", literals.int_lit(ty.minimum), apply("min", literals.int_lit(ty.maximum), z))
    word = to_word(ty, z)
    if mode != "trap":
        return Pure((word,))
    return Effect(apply("cond", apply(f"inr.{ty}", z), apply("ok", word), t.const("trap", t.outcome_of(word.type))))


def _bits(op: Operation, words: Words) -> Pure | None:
    """Bit by bit; every bit flipped is -1 - x."""
    ty = op.kind
    if not isinstance(ty, IntType):
        return None
    if words[0] == "not":
        return Pure((to_word(ty, apply("sub", literals.int_lit(-1), to_integer(ty, op.operands[0]))),))
    return Pure((apply(f"b{words[0]}.{ty}", *op.operands),))


def _shift(op: Operation, words: Words) -> Effect:
    """x * 2**count, as the mode says, or x // 2**count; the width shifts as far as any larger count."""
    ty = op.kind
    assert isinstance(ty, IntType)
    x, count = (to_integer(ty, operand) for operand in op.operands)
    power = apply("pow2", apply("min", count, literals.int_lit(ty.width)))
    name, mode = ("mul", words[1]) if words[0] == "left" else ("floordiv", "wrap")
    shifted = _fitted(ty, apply(name, x, power), mode)
    otherwise = shifted.outcome if isinstance(shifted, Effect) else apply("ok", shifted.values[0])
    negative = apply("lt", count, literals.int_lit(0))
    return Effect(apply("cond", negative, t.const("trap", otherwise.type), otherwise))


def _integer(op: Operation, words: Words) -> Pure | None:
    return Pure((apply(words[0], *op.operands),)) if op.kind == INT else None


def _ieee(op: Operation, words: Words) -> Pure | Effect | None:
    """`ieee NAME` on a format with laws; `ieee NAME by zero` on every format, over the reals too."""
    name, checked = words[0], len(words) > 1
    lawful = not op.real and _has_laws(op.kind) and not op.equation.attributes
    if not isinstance(op.kind, FloatType) or not (lawful or checked):
        return None
    if lawful:
        value = apply(f"{name}.{op.kind}", *op.operands)
    elif op.real and op.equation.attribute("fp") == "reassoc":
        value = apply(f"r{name.removeprefix('f')}", *op.operands)
    else:
        value = op.opaque(name.removeprefix("f"))
    if not checked:
        return Pure((value,))
    test = _ordered("eq", op.kind, op.operands[-1], _float(op.kind, 0.0, op.real))
    return Effect(apply("cond", test, t.const("trap", t.outcome_of(value.type)), apply("ok", value)))


def _real(op: Operation, words: Words) -> Pure | None:
    """Over the reals; a float operation that has laws there must have been granted."""
    if op.kind == REAL:
        return Pure((apply(words[0], *op.operands),))
    if not op.real or not isinstance(op.kind, FloatType):
        return None
    if op.equation.attribute("fp") != "reassoc":
        message = f"{op.equation.op} is IEEE in a function that regroups floats"
        raise ProofError("HY7012", message, op.equation.span)
    return Pure((apply(words[0], *op.operands),))


def _logic(op: Operation, words: Words) -> Pure | None:
    return Pure((apply(words[0], *op.operands),)) if isinstance(op.kind, BoolType) else None


def _compare(op: Operation, words: Words) -> Pure:
    name, (x, y) = words[0], op.operands
    if name == "ne":
        return Pure((apply("not", _ordered("eq", op.kind, x, y)),))
    name, swap = _COMPARE[name]
    return Pure((_ordered(name, op.kind, y, x) if swap else _ordered(name, op.kind, x, y),))


def _ordered(name: str, ty: Type, x: Term, y: Term) -> Term:
    match ty:
        case IntType() | SpecType("int"):
            return apply(name, to_integer(ty, x), to_integer(ty, y))
        case BoolType() if name == "eq":
            return apply("not", apply("xor", x, y))
        case BoolType():
            return apply(name, to_integer(BOOL, x), to_integer(BOOL, y))
        case _ if x.type is t.REAL:
            return apply(f"r{name}", x, y)
        case _ if _has_laws(ty):
            return apply(f"f{name}.{ty}", x, y)
        case _:
            return opaque(name, (x, y), t.BOOL)


def _choice(op: Operation, words: Words) -> Pure:
    return Pure((apply("cond", *op.operands),))


def _cast(op: Operation, words: Words) -> Pure | Effect:
    """Between integers by toZ and ofZ; from an integer to a float over the reals by toR; else opaque, under a name that
    holds both types: over the reals the types of the terms do not tell float formats apart."""
    name, source, result, x = op.equation.op, op.kind, op.result, op.operands[0]
    mode = name.partition(".")[2]
    match source, result:
        case IntType() | BoolType(), SpecType("int"):
            return Pure((to_integer(source, x),))
        case BoolType(), IntType():
            one, zero = (to_word(result, literals.int_lit(n)) for n in (1, 0))
            return Pure((apply("cond", x, one, zero),))
        case IntType() | BoolType() | SpecType("int"), FloatType() if op.real and mode in ("", "round"):
            return Pure((apply("toR", to_integer(source, x)),))
        case IntType() | SpecType("int"), IntType() if mode in ("", "wrap", "trap", "sat"):
            return _fitted(result, to_integer(source, x), mode)
        case _:
            key, ty = f"{name}.{source}.{result}", denote_type(result, op.real)
            traps = mode in ("trap", "exact", "truncate")
            return Effect(opaque(key, (x,), t.outcome_of(ty))) if traps else Pure((opaque(key, (x,), ty),))


SCALAR: Final[Mapping[str, tuple[Meaning, frozenset[str]]]] = {
    "constant": (_constant, frozenset({"value"})),
    "machine": (_machine, frozenset()),
    "bits": (_bits, frozenset()),
    "shift": (_shift, frozenset()),
    "integer": (_integer, frozenset()),
    "ieee": (_ieee, frozenset({"fp"})),
    "real": (_real, frozenset({"fp"})),
    "logic": (_logic, frozenset()),
    "compare": (_compare, frozenset()),
    "choice": (_choice, frozenset()),
    "cast": (_cast, frozenset()),
}
"""Of each word: what it means, and the attributes that its meaning reads."""
