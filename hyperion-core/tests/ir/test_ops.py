"""The op table: every scalar op against an independent account of its meaning."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.errors import TypeCheckError
from hyperion.ir.function import Equation
from hyperion.ir.ops import OPS, Trap, evaluate, infer, is_total, pieces
from hyperion.ir.parser import parse_program
from hyperion.ir.rounding import round_float, round_integer
from hyperion.ir.types import BOOL, F16, F32, F64, I8, I16, I32, I64, I128, INT, REAL, U8, U64, IntType, Type

NUMPY = {16: np.float16, 32: np.float32, 64: np.float64}
FLOATS = {16: F16, 32: F32, 64: F64}


def outcome(op: str, values: tuple, types: tuple, result: Type) -> object:
    try:
        return evaluate(op, values, types, result)
    except Trap as trap:
        return trap.kind


@pytest.mark.parametrize("kind", [I8, U8])
@pytest.mark.parametrize("stem", ["add", "sub", "mul", "floordiv", "mod"])
def test_every_pair_of_bytes(kind: IntType, stem: str) -> None:
    exact = {"add": int.__add__, "sub": int.__sub__, "mul": int.__mul__, "floordiv": int.__floordiv__,
             "mod": int.__mod__}[stem]  # fmt: skip
    for x in range(kind.minimum, kind.maximum + 1, 3):
        for y in (*range(kind.minimum, kind.maximum + 1, 5), 0, 1, kind.maximum, max(kind.minimum, -1)):
            if y == 0 and stem in ("floordiv", "mod"):
                expected = dict.fromkeys(("trap", "wrap", "sat"), "zero-division")
            else:
                z = exact(x, y)
                expected = {
                    "trap": z if kind.minimum <= z <= kind.maximum else "overflow",
                    "wrap": z % 256 - (256 if kind.signed and z % 256 > 127 else 0),
                    "sat": min(max(z, kind.minimum), kind.maximum),
                }
            for mode, value in expected.items():
                assert outcome(f"{stem}.{mode}", (x, y), (kind, kind), kind) == value


def test_edges_of_integers() -> None:
    low = I64.minimum
    assert outcome("floordiv.trap", (low, -1), (I64, I64), I64) == "overflow"
    assert outcome("floordiv.wrap", (low, -1), (I64, I64), I64) == low
    assert outcome("floordiv.sat", (low, -1), (I64, I64), I64) == I64.maximum
    assert outcome("mod.trap", (low, -1), (I64, I64), I64) == 0
    assert outcome("neg.trap", (low,), (I64,), I64) == "overflow"
    assert outcome("abs.wrap", (low,), (I64,), I64) == low
    assert outcome("neg.trap", (1,), (U8,), U8) == "overflow"
    assert outcome("floordiv", (7, 0), (INT, INT), INT) == 0
    assert outcome("not", (0,), (U8,), U8) == 255
    assert outcome("not", (0,), (I8,), I8) == -1
    assert outcome("not", (False,), (BOOL,), BOOL) is True
    assert outcome("and", (True, False), (BOOL, BOOL), BOOL) is False


@pytest.mark.parametrize("count", [-1, 0, 1, 6, 7, 8, 63, 64, 2**63 - 1])
@pytest.mark.parametrize("x", [-128, -1, 0, 1, 127])
def test_shifts(x: int, count: int) -> None:
    count = min(count, 127)
    exact = "value" if count < 0 else x << count
    for mode in ("wrap", "trap", "sat"):
        got = outcome(f"shl.{mode}", (x, count), (I8, I8), I8)
        if isinstance(exact, str) or -128 <= exact <= 127:
            assert got == exact
        else:
            assert got == {"wrap": I8.wrap(exact), "trap": "overflow", "sat": 127 if x > 0 else -128}[mode]
    assert outcome("shr", (x, count), (I8, I8), I8) == ("value" if count < 0 else x >> count)


def test_a_huge_shift_is_quick() -> None:
    big = 2**63 - 1
    assert outcome("shl.trap", (1, big), (I64, I64), I64) == "overflow"
    assert outcome("shl.trap", (0, big), (I64, I64), I64) == 0
    assert outcome("shr", (-1, big), (I64, I64), I64) == -1


def same(x: float, y: float) -> bool:
    return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1, x) == math.copysign(1, y))


@pytest.mark.parametrize("width", [16, 32, 64])
@given(data=st.data())
def test_float_arithmetic_is_numpys(width: int, data: st.DataObject) -> None:
    kind, array = FLOATS[width], NUMPY[width]
    x, y = (data.draw(st.floats(width=width)) for _ in range(2))
    with np.errstate(all="ignore"):
        a, b = array(x), array(y)
        wanted = {"add": a + b, "sub": a - b, "mul": a * b, "div": a / b}
        unary = {"neg": -a, "abs": abs(a), "sqrt": np.sqrt(a)}
    for op, value in wanted.items():
        assert same(evaluate(op, (x, y), (kind, kind), kind), float(value)), op
    for op, value in unary.items():
        assert same(evaluate(op, (x,), (kind,), kind), float(value)), op
    for op, value in {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}.items():
        assert evaluate(op, (x, y), (kind, kind), BOOL) is bool(value)
    divided = outcome("div.trap", (x, y), (kind, kind), kind)
    assert divided == "zero-division" if y == 0 else same(float(divided), float(wanted["div"]))  # type: ignore[arg-type]


@given(st.floats())
def test_rounding_to_narrow_floats_is_numpys(x: float) -> None:
    with np.errstate(all="ignore"):
        assert same(round_float(x, F32), float(np.float32(x)))
        assert same(round_float(x, F16), float(np.float16(x)))


@given(st.integers(-(2**127), 2**127 - 1) | st.integers(-(2**26), 2**26))
def test_integers_round_once(n: int) -> None:
    for width, precision in {16: 11, 32: 24, 64: 53}.items():
        rounded = round_integer(n, FLOATS[width])
        if math.isinf(rounded):
            assert width == 16
            assert abs(n) >= 65520
            continue
        step = max(1, 2 ** (abs(n).bit_length() - precision))
        error = abs(Fraction(rounded) - n)
        assert error * 2 <= step
        exact = outcome("cast.exact", (n,), (I128,), FLOATS[width])
        assert exact == (rounded if error == 0 else "inexact")


def test_double_rounding_is_avoided() -> None:
    # Halfway between two f32 after rounding to f64, above it before.
    n = (1 << 60) + (1 << 36) + 1
    assert round_integer(n, F32) == float((1 << 60) + (1 << 37))
    assert float(np.float32(float(n))) != round_integer(n, F32)


@pytest.mark.parametrize(
    ("x", "wanted"),
    [(1.9, 1), (-1.9, -1), (-0.0, 0), (127.99, 127), (128.0, "overflow"), (-128.9, -128), (-129.0, "overflow"),
     (math.inf, "overflow"), (math.nan, "value")],
)  # fmt: skip
def test_truncation(x: float, wanted: object) -> None:
    assert outcome("cast.truncate", (x,), (F64,), I8) == wanted


def test_casts() -> None:
    assert outcome("cast.wrap", (300,), (I64,), U8) == 44
    assert outcome("cast.trap", (300,), (I64,), U8) == "overflow"
    assert outcome("cast.wrap", (2**200 + 5,), (INT,), I64) == 5
    widened = outcome("cast", (True,), (BOOL,), I64)
    assert (widened, type(widened)) == (1, int)
    assert outcome("div", (Fraction(1), Fraction(0)), (REAL, REAL), REAL) == 0


LOSSLESS = {
    (I8, I16): True, (U8, I16): True, (U8, I8): False, (I8, U64): False, (U64, I64): False, (U64, I128): True,
    (I64, I64): False, (BOOL, U8): True, (BOOL, F64): False, (F16, F32): True, (F64, F32): False, (I128, INT): True,
    (I8, F64): False, (INT, I64): False, (I32, REAL): False,
}  # fmt: skip


@pytest.mark.parametrize(("types", "allowed"), LOSSLESS.items(), ids=str)
def test_cast_keeps_every_value(types: tuple[Type, Type], allowed: bool) -> None:
    if allowed:
        assert infer("cast", types[:1], (), types[1]) == (types[1],)
    else:
        with pytest.raises(TypeCheckError):
            infer("cast", types[:1], (), types[1])


def test_the_table_tells_traps_truly() -> None:
    """Tries every scalar op on edge values: it traps only as the table says, and every trap listed happens."""
    values = {I8: (-128, -1, 0, 1, 9, 127), F64: (0.0, -0.0, 1.5, math.inf, math.nan, 1e300), BOOL: (True, False)}
    seen: dict[str, set[str]] = {name: set() for name in OPS}
    for name, op in OPS.items():
        if op.evaluate is None or name == "select":
            continue
        for source, xs in values.items():
            for target in (I8, I16, U8, F64, F32, BOOL):
                for arity in (1, 2):
                    try:
                        (result,) = infer(name, (source,) * arity, (), target)
                    except TypeCheckError:
                        continue
                    for x in xs:
                        for y in xs if arity == 2 else (x,):
                            got = outcome(name, (x, y)[:arity], (source,) * arity, result)
                            if isinstance(got, str):
                                seen[name].add(got)
    assert outcome("cast.exact", (2**60 + 1,), (I64,), F64) == "inexact"
    seen["cast.exact"].add("inexact")
    for name, op in OPS.items():
        if op.evaluate is not None:
            assert seen[name] == set(op.traps), name


def test_totality() -> None:
    text = """func @f(%xs: i64[n], %ys: i64[n], %c: bool, %s: i64) -> () {
      %a = add.wrap %s, %s : i64
      %b = add.trap %s, %s : i64
      %d = fold (%xs), (%s) { ^(%x: i64, %t: i64): %u = max %x, %t : i64 yield %u }
      %e = fold (%xs, %ys), (%s) { ^(%x1: i64, %y1: i64, %t1: i64): yield %t1 }
      %g = if %c { %h = mod.wrap %s, %s : i64 yield %h } { yield %s }
      %i = if %c { %j = neg.sat %s : i64 yield %j } { yield %s }
      %k = while (%s) { ^(%m: i64): yield %c } { ^(%o: i64): yield %o }
      return }"""
    equations = parse_program(text).main.equations
    assert [is_total(e) for e in equations] == [True, False, True, False, False, True, False]
    assert not is_total(Equation((), "unknown"))


def test_every_op_is_documented() -> None:
    for name, op in OPS.items():
        assert op.doc.endswith("."), name
        assert "->" in op.signature, name


@given(st.integers(0, 5000), st.integers(1, 16), st.integers(1, 64))
def test_pieces_cover_everything_in_order(n: int, lanes: int, piece: int) -> None:
    cuts = pieces(n, lanes, piece)
    assert [start for start, _ in cuts] == [0, *(stop for _, stop in cuts)][: len(cuts)]
    assert all(start < stop for start, stop in cuts)
    assert (cuts[-1][1] if cuts else 0) == n


def test_pieces_by_example() -> None:
    assert pieces(0, 8, 4) == []
    assert pieces(8, 2, 2) == [(0, 2), (2, 4), (4, 6), (6, 8)]
    assert pieces(35, 2, 100) == [(0, 17), (17, 34), (34, 35)]
    assert pieces(31, 2, 100) == [(0, 31)]
