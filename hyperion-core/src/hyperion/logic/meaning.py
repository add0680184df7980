"""TRUSTED. What equations and blocks denote: values, or an outcome; several values travel as a tuple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import copysign, isfinite

from hyperion.errors import ProofError
from hyperion.ir.types import ArrayType, BoolType, FloatType, IntType, SpecType, Type
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term, Ty


@dataclass(frozen=True, slots=True)
class Pure:
    """Values of a total equation or block."""

    values: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """An outcome whose value is the tuple of results."""

    outcome: Term


def outcome(block: Pure | Effect) -> Term:
    return block.outcome if isinstance(block, Effect) else apply("ok", tuple_of(block.values))


def tuple_of(values: Sequence[Term]) -> Term:
    """Several values as one: the value itself for one, `true` for none."""
    return TRUE if not values else values[0] if len(values) == 1 else t.tup(*values)


def tuple_type(types: Sequence[Ty]) -> Ty:
    """The type of `tuple_of`."""
    return t.BOOL if not types else types[0] if len(types) == 1 else t.type_of("prod", *types)


def untuple(value: Term, count: int) -> tuple[Term, ...]:
    """The `count` values that `tuple_of` put together."""
    if count == 0:
        return ()
    if count == 1:
        return (value,)
    return value.items if value.kind == "T" else tuple(t.proj(i, value) for i in range(count))


def argument_type(ty: Ty) -> Ty:
    """The only argument of a list or outcome type: the type of its elements or of its value."""
    assert ty.args is not None
    (argument,) = ty.args
    return argument


def denote_type(ty: Type, real: bool) -> Ty:
    """The logic's type of IR values; with `real`, every float is a real number."""
    match ty:
        case ArrayType(element, (_,)):
            return t.list_of(denote_type(element, real))
        case FloatType() if real:
            return t.REAL
        case BoolType() | IntType() | FloatType() | SpecType():
            return t.type_of(str(ty))
        case _:
            raise ProofError("HY7010", f"type {ty} has no denotation yet")


def float_constant(ty: FloatType, value: float, real: bool) -> Term:
    if not real:
        return literals.float_lit(str(ty), value)
    if not isfinite(value) or (value == 0 and copysign(1.0, value) < 0):
        raise ProofError("HY7013", f'fp="reassoc" computes over the reals, which have no {value}')
    return literals.real_lit(Fraction(value))


def truth(value: bool) -> Term:
    return TRUE if value else FALSE
