"""What the op table promises of every row, checked on every scalar type."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from random import Random

import pytest

from hyperion.errors import TypeCheckError
from hyperion.ir.monoids import MONOIDS, monoid
from hyperion.ir.op_table import FAMILIES
from hyperion.ir.ops import OPS, OpDef, Trap, evaluate, infer
from hyperion.ir.scalars import Number, holds
from hyperion.ir.types import (
    BOOL,
    I64,
    INT,
    REAL,
    U8,
    BoolType,
    ComplexType,
    FloatType,
    IntType,
    Type,
    scalar_types,
)
from hyperion.testing.float_formats import edges, value_of

TYPES = {str(t): t for t in scalar_types().values()}
SCALAR = [op for op in OPS.values() if op.evaluate is not None]


def vocabulary() -> re.Pattern[str]:
    """The forms that the docstring of OpDef explains."""
    forms = re.findall(r"^        (\S.*?)  +\S", OpDef.__doc__ or "", re.MULTILINE)
    patterns = [form.replace(" [MODE]", "( wrap| trap| sat)?") for line in forms for form in line.split(", ")]
    return re.compile("|".join(re.sub(r"\b(OP|NAME)\b", "[a-z]+", pattern) for pattern in patterns))


def sample(kind: Type, random: Random) -> Number:
    match kind:
        case BoolType():
            return random.random() < 0.5
        case IntType():
            near = (kind.minimum, kind.maximum, 0, 1, kind.wrap(-1), random.randint(kind.minimum, kind.maximum))
            return random.choice(near)
        case FloatType():
            return random.choice((*edges(kind), value_of(random.randrange(1 << kind.width), kind)))
        case ComplexType():
            return complex(sample(kind.part, random), sample(kind.part, random))
        case _ if kind == INT:
            return random.choice((0, 1, -1, random.randint(-(2**200), 2**200)))
        case _:
            return Fraction(random.randint(-99, 99), random.randint(1, 99))


def uses(op: OpDef) -> Iterator[tuple[tuple[Type, ...], Type]]:
    """Every way to use a scalar op."""
    arity = op.signature.partition("->")[0].count(",") + 1
    for kind, target in itertools.product(TYPES.values(), TYPES.values()):
        operands = (BOOL, kind, kind) if op.name == "select" else (kind,) * arity
        try:
            (result,) = infer(op.name, operands, (), target)
        except TypeCheckError:
            continue
        if result == target:
            yield operands, result


def outcome(op: OpDef, values: tuple[Number, ...], operands: tuple[Type, ...], result: Type) -> Number | str:
    try:
        return evaluate(op.name, values, operands, result)
    except Trap as trap:
        return trap.kind


@pytest.mark.parametrize("op", SCALAR, ids=lambda op: op.name)
def test_a_value_has_its_type_and_traps_are_listed(op: OpDef) -> None:
    random, count = Random(op.name), 0
    for operands, result in uses(op):
        count += 1
        for _ in range(40):
            values = tuple(sample(kind, random) for kind in operands)
            found = outcome(op, values, operands, result)
            legal = found in op.traps if isinstance(found, str) else holds(result, found)
            assert legal, (values, operands, result, found)
    assert count


def test_each_family_is_a_file_and_each_op_stands_in_one() -> None:
    names = [op.name for rows in FAMILIES.values() for op in rows()]
    assert sorted(names) == sorted(OPS)
    assert len({rows.__module__ for rows in FAMILIES.values()}) == len(FAMILIES)


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_a_denotation_is_in_the_vocabulary(op: OpDef) -> None:
    forms, known = op.denotation.split(" | "), vocabulary()
    assert all(known.fullmatch(form) for form in forms)
    assert not known.fullmatch("unheard of")
    assert "opaque outcome" not in forms or op.traps
    assert "opaque" not in forms or not op.traps
    assert ("control" in forms) == (
        op.is_control and op.name not in ("build", "scatter", "contract", "pieces.summaries", "pieces.scan")
    )


# Monoids

EVERY_MONOID = [m for op in MONOIDS for kind in TYPES.values() if (m := monoid(op, kind)) is not None]


def alike(x: object, y: object) -> bool:
    if isinstance(x, complex) and isinstance(y, complex):
        return alike(x.real, y.real) and alike(x.imag, y.imag)
    if isinstance(x, float) and isinstance(y, float):
        return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1, x) == math.copysign(1, y))
    return type(x) is type(y) and x == y


@pytest.mark.parametrize("m", EVERY_MONOID, ids=lambda m: f"{m.op} {m.type}")
def test_a_monoid_has_its_unit_and_laws(m: object) -> None:
    random = Random(str(m))

    def op(x: object, y: object) -> object:
        trapped = isinstance(x, str) or isinstance(y, str)
        return "overflow" if trapped else outcome(OPS[m.op], (x, y), (m.type, m.type), m.type)

    broken = False
    for _ in range(300):
        x, y, z = (sample(m.type, random) for _ in range(3))
        assert alike(op(m.unit, x), x)
        assert alike(op(x, m.unit), x)
        assert "commutative" not in m.laws or alike(op(x, y), op(y, x))
        assert "idempotent" not in m.laws or alike(op(x, x), x)
        regrouped = alike(op(op(x, y), z), op(x, op(y, z)))
        assert "associative" not in m.laws or regrouped
        broken |= not regrouped
    assert broken or "associative" in m.laws  # a law that holds would be missing


def test_what_is_no_monoid() -> None:
    assert monoid("max", INT) is None
    assert monoid("add", I64) is None
    assert monoid("sub.wrap", U8) is None
    assert monoid("max", REAL) is None
