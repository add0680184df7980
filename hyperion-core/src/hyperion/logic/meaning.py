"""TRUSTED. What equations and blocks denote: values, or an outcome; several values travel as a tuple.

An operation without laws is a constant `op:NAME[..]`, whose name holds all that the types of its terms do not show.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import copysign, isfinite, isinf

from hyperion.errors import ProofError
from hyperion.ir.function import Attribute
from hyperion.ir.types import (
    ArrayType,
    BoolType,
    ComplexType,
    ExtensionType,
    FloatType,
    IntType,
    SpecType,
    TupleType,
    Type,
)
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


def attempted(block: Pure | Effect, others: Sequence[Term]) -> Pure:
    """Whether a block that ends has values, and these or else the others."""
    if isinstance(block, Pure):
        return Pure((TRUE, *block.values))
    v = t.var("%v", argument_type(block.outcome.type))
    found, none = t.lam(v, tuple_of((TRUE, *untuple(v, len(others))))), tuple_of((FALSE, *others))
    return Pure(untuple(apply("outcase", block.outcome, found, none, none), 1 + len(others)))


def argument_type(ty: Ty) -> Ty:
    """The only argument of a list or outcome type: the type of its elements or of its value."""
    assert ty.args is not None
    (argument,) = ty.args
    return argument


def denote_type(ty: Type, real: bool) -> Ty:
    """The logic's type of IR values; with `real`, every float is a real number.

    Arrays of one dimension are lists. Those of more are their sizes and a function from indices to elements, of which
    what it gives at indices outside means nothing: a list of lists has no inner size where it is empty.
    """
    match ty:
        case ArrayType(element, shape) if 1 <= len(shape) <= t.MOST_AXES:
            inner = denote_type(element, real)
            return t.list_of(inner) if len(shape) == 1 else _grid_type(len(shape), inner)
        case TupleType(elements):
            return tuple_type([denote_type(e, real) for e in elements])
        case FloatType() if real:
            return t.REAL
        case ComplexType() if real:
            raise ProofError("HY7012", f'{ty} in a function with fp="reassoc", which computes over the reals')
        case BoolType() | IntType() | FloatType() | ComplexType() | SpecType():
            return t.type_of(str(ty))
        case ExtensionType(name) if name.isascii():
            return t.type_of(f"ext:{name}")
        case _:
            raise ProofError("HY7010", f"type {ty} has no denotation")


def _grid_type(axes: int, element: Ty) -> Ty:
    return t.type_of("prod", *(t.INT,) * axes, t.fun(*(t.INT,) * axes, element))


def formats(ty: Type) -> frozenset[str]:
    """The types inside `ty` that are, or would be, real numbers under fp="reassoc", by name."""
    match ty:
        case ArrayType(element, _):
            return formats(element)
        case TupleType(elements):
            return frozenset[str]().union(*map(formats, elements))
        case FloatType() | ComplexType() | SpecType("real"):
            return frozenset((str(ty),))
        case _:
            return frozenset()


def float_constant(ty: Type, value: float, real: bool) -> Term:
    """A literal. Over the reals an infinity is a real number of which nothing is known: what is proved holds whatever
    it is."""
    if not real and isinstance(ty, FloatType):
        return literals.float_lit(str(ty), value)
    if real and isinf(value):
        return opaque(f"const[{value}]", (), t.REAL)
    if not isfinite(value) or (value == 0 and copysign(1.0, value) < 0):
        raise ProofError("HY7013", f'fp="reassoc" computes over the reals, which have no {value}')
    return literals.real_lit(Fraction(value))


def truth(value: bool) -> Term:
    return TRUE if value else FALSE


def opaque(name: str, operands: Sequence[Term], result: Ty) -> Term:
    """An operation without laws: one constant for each name and type."""
    return t.app(t.const(f"op:{name}", t.fun(*(x.type for x in operands), result)), *operands)


def keyed(name: str, attributes: Mapping[str, Attribute], *more: object) -> str:
    """`name` with attributes and whatever else tells two meanings apart, as printable ASCII without spaces.

    Two different arguments give two different texts: JSON tells 1, 1.0, true and "1" apart.
    """
    if not attributes and not more:
        return name
    text = json.dumps([sorted(attributes.items()), *more], separators=(",", ":")).replace(" ", "\\u0020")
    return f"{name}{text if len(text) <= 1000 else '#' + hashlib.sha256(text.encode()).hexdigest()}"


def rank(ty: Ty) -> int:
    """The number of dimensions of an array; 0 for what is none. Functions are no values of the IR but in arrays."""
    if ty.name == "list":
        return 1
    return len(ty.args) - 1 if ty.name == "prod" and ty.args and ty.args[-1].name == "fun" else 0


def entries(array: Term) -> Term:
    """The function from indices to elements of an array of two or more dimensions."""
    return t.proj(rank(array.type), array) if array.kind != "T" else array.items[-1]


def every(conditions: Sequence[Term]) -> Term:
    """The conjunction of one condition or more."""
    whole = conditions[-1]
    for c in reversed(conditions[:-1]):
        whole = apply("and", c, whole)
    return whole


def extent(array: Term, axis: int) -> Term:
    """The size of an axis, an integer."""
    if array.type.name == "list":
        return apply("length", array)
    return array.items[axis] if array.kind == "T" else t.proj(axis, array)
