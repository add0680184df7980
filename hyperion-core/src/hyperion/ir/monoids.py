"""The monoids that `reduce` takes: an op with its unit and its laws, for each type that it forms a monoid-like over.

The order of a reduction is fixed, so an op may be listed without being associative; only what is listed as a law may be
used to regroup.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from hyperion.ir.scalars import Number
from hyperion.ir.types import INT, REAL, BoolType, ComplexType, FloatType, IntType, Type

Law = Literal["associative", "commutative", "idempotent"]
Laws = frozenset[Law]

_COMMUTES: Laws = frozenset(("commutative",))
_REGROUPS: Laws = frozenset(("associative", "commutative"))
_LATTICE: Laws = frozenset(("associative", "commutative", "idempotent"))


@dataclass(frozen=True, slots=True)
class Monoid:
    """An op on one type: op(unit, x) = x = op(x, unit) for every x, and `laws`."""

    op: str
    type: Type
    unit: Number
    laws: Laws


Row = Callable[[Type], tuple[Number, Laws] | None]


def monoid(op: str, kind: Type) -> Monoid | None:
    """The monoid of `op` on `kind`; None where it is none.

    >>> from hyperion.ir.types import F64, U8
    >>> monoid("min", U8).unit, sorted(monoid("add", F64).laws)
    (255, ['commutative'])
    """
    row = MONOIDS.get(op)
    found = row(kind) if row is not None else None
    return Monoid(op, kind, *found) if found is not None else None


def _integers(unit: Callable[[IntType], int], signed: Laws, unsigned: Laws) -> Row:
    def row(kind: Type) -> tuple[Number, Laws] | None:
        return (unit(kind), signed if kind.signed else unsigned) if isinstance(kind, IntType) else None

    return row


def _bits(ones: bool, laws: Laws) -> Row:
    def row(kind: Type) -> tuple[Number, Laws] | None:
        match kind:
            case BoolType():
                return ones, laws
            case IntType():
                return kind.wrap(-ones), laws
            case _:
                return None

    return row


def _floats(unit: float) -> Row:
    return lambda kind: (unit, _LATTICE) if isinstance(kind, FloatType) else None


def _sum(kind: Type) -> tuple[Number, Laws] | None:
    match kind:
        case FloatType():
            return -0.0, _COMMUTES  # 0.0 is no unit: it makes 0.0 of -0.0
        case ComplexType():
            return complex(-0.0, -0.0), _COMMUTES
        case _ if kind == INT:
            return 0, _REGROUPS
        case _ if kind == REAL:
            return Fraction(0), _REGROUPS
        case _:
            return None


def _product(kind: Type) -> tuple[Number, Laws] | None:
    match kind:
        case FloatType():
            return 1.0, _COMMUTES
        case _ if kind == INT:
            return 1, _REGROUPS
        case _ if kind == REAL:
            return Fraction(1), _REGROUPS
        case _:
            return None  # complex numbers have no unit: 1 * (-0 - i) is 0 - i


def _zero(kind: IntType) -> int:
    return 0


def _one(kind: IntType) -> int:
    return 1


MONOIDS: Mapping[str, Row] = MappingProxyType(
    {
        "add.wrap": _integers(_zero, _REGROUPS, _REGROUPS),
        "add.trap": _integers(_zero, _COMMUTES, _REGROUPS),
        "add.sat": _integers(_zero, _COMMUTES, _REGROUPS),
        "mul.wrap": _integers(_one, _REGROUPS, _REGROUPS),
        "mul.trap": _integers(_one, _COMMUTES, _COMMUTES),
        "mul.sat": _integers(_one, _COMMUTES, _REGROUPS),
        "max": _integers(lambda kind: kind.minimum, _LATTICE, _LATTICE),
        "min": _integers(lambda kind: kind.maximum, _LATTICE, _LATTICE),
        "and": _bits(True, _LATTICE),
        "or": _bits(False, _LATTICE),
        "xor": _bits(False, _REGROUPS),
        "add": _sum,
        "mul": _product,
        "maximum": _floats(-math.inf),
        "minimum": _floats(math.inf),
        "maxnum": _floats(math.nan),
        "minnum": _floats(math.nan),
    }
)
"""By op: for a type the unit and the laws, or None."""
