"""The binary forms of IR and spans: everything that can be said is kept, and said in one way."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import ModuleError, Span
from hyperion.ir.function import Attribute, Equation, Function, Program, Region, Value, walk
from hyperion.ir.printer import print_program
from hyperion.ir.registry import CORE
from hyperion.ir.types import (
    F64,
    I64,
    ArrayType,
    ExtensionType,
    SpecType,
    TupleType,
    Type,
    scalar_types,
)
from hyperion.module import bulk
from hyperion.module.columns import Reader, Writer
from hyperion.module.ir_reader import read_programs
from hyperion.module.ir_writer import write_programs
from hyperion.module.limits import Limits
from hyperion.module.span_reader import SpanReader
from hyperion.module.span_writer import Spans, SpanWriter
from hyperion.testing.module_files import refusal
from hyperion.testing.random_programs import random_program

NAMES = st.text("abcxyz_.$é9", min_size=1, max_size=5)
SIZES = st.one_of(st.integers(0, 1 << 40), NAMES)
SCALARS: list[Type] = [*scalar_types().values(), ExtensionType("acme.money")]
TYPES: st.SearchStrategy[Type] = st.recursive(
    st.one_of(
        st.sampled_from(SCALARS),
        st.builds(ArrayType, st.sampled_from(SCALARS), st.lists(SIZES, min_size=1, max_size=3).map(tuple)),
    ),
    lambda inner: st.builds(TupleType, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)
TEXTS = st.text(max_size=6) | st.just("\ud800")
ATTRIBUTES: st.SearchStrategy[Attribute] = st.one_of(
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(1 << 130), 1 << 130),
    st.floats(),
    TEXTS,
    st.lists(st.integers(-(1 << 70), 1 << 70), max_size=4).map(tuple),
)
SPANS = st.builds(
    Span,
    st.sampled_from(["a.py", "b.hir"]),
    st.integers(0, 1 << 33),
    st.integers(0, 300),
    st.just(1 << 33),
    st.integers(0, 300),
    TEXTS,
    st.none() | st.just(Span("c.py", 1, 1, 1, 9, "call(x)", Span("d.py", 2, 2, 2, 4))),
)


@st.composite
def functions(draw: st.DrawFn, name: str = "f") -> Function:
    """Functions that mean nothing: the form of the file does not ask."""
    count = [0]

    def value() -> Value:
        count[0] += 1
        return Value(f"v{count[0]}", draw(TYPES))

    def values(most: int) -> tuple[Value, ...]:
        return tuple(value() for _ in range(draw(st.integers(0, most))))

    def used(known: list[Value]) -> tuple[Value, ...]:
        return tuple(draw(st.lists(st.sampled_from(known), max_size=3))) if known else ()

    def block(known: list[Value], depth: int) -> tuple[Equation, ...]:
        found: list[Equation] = []
        for _ in range(draw(st.integers(0, 3))):
            operands, regions = used(known), list[Region]()
            for _ in range(draw(st.integers(0, 2)) if depth else 0):
                parameters = values(2)
                inside = [*known, *parameters]
                equations = block(inside, depth - 1)
                regions.append(Region(parameters, equations, used(inside)))
            results = values(2)
            known += results
            attributes = tuple(draw(st.lists(st.tuples(NAMES, ATTRIBUTES), max_size=3)))
            op, span = draw(NAMES), draw(st.none() | SPANS)
            found.append(Equation(results, op, operands, attributes, tuple(regions), span))
        return tuple(found)

    parameters = values(3)
    known = list(parameters)
    equations = block(known, 3)
    return Function(name, parameters, equations, used(known), draw(st.none() | SPANS))


def round_trip(*programs: Program, keep: Spans = "text") -> tuple[Program, ...]:
    spans = SpanWriter(keep)
    data = write_programs(programs, spans).data
    places = SpanReader(Reader(spans.write(), "SPAN")) if keep != "none" else None
    found = read_programs(data, places)
    again = SpanWriter(keep)
    assert write_programs(found, again).data == data
    assert again.write() == spans.write()
    return found


def spans_of(program: Program) -> list[Span | None]:
    return [s for f in program.functions.values() for s in (f.span, *(e.span for e in walk(f.equations)))]


def exactly(value: object) -> object:
    """What tells 1 from True, 0.0 from -0.0 and one NaN from another."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value.hex()
    return [exactly(v) for v in value] if isinstance(value, tuple) else (type(value), value)


@given(functions("f"), functions("g"))
@settings(max_examples=25, deadline=None)
def test_any_function_is_kept(f: Function, g: Function) -> None:
    program = Program({"g": g, "f": f}, "f")
    (found,) = round_trip(program)
    assert list(found.functions) == ["g", "f"]
    assert found.entry == "f"
    assert repr(found.functions) == repr(program.functions)  # == would take 1 for True
    assert spans_of(found) == spans_of(program)
    for one, other in zip(spans_of(found), spans_of(program), strict=True):
        assert (one and list(one.callers)) == (other and list(other.callers))


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_are_kept(seed: int) -> None:
    program = random_program(Random(seed), 40)
    (found,) = round_trip(program)
    assert found == program
    assert print_program(found) == print_program(program)


@given(ATTRIBUTES)
def test_attributes_keep_type_and_bits(value: Attribute) -> None:
    equation = Equation((), "op", (), (("a", value), ("b", value)))
    (found,) = round_trip(Program({"f": Function("f", (), (equation,), ())}, "f"))
    assert [exactly(v) for _, v in found.main.equations[0].attributes] == [exactly(value)] * 2


def test_what_is_kept_of_places() -> None:
    span = Span("a.py", 3, 1, 4, 2, "x = 1", Span("b.py", 9, 9, 9, 9, "f()"))
    program = Program({"f": Function("f", (), (), (), span)}, "f")
    text, places, nothing = (round_trip(program, keep=k)[0].main.span for k in ("text", "places", "none"))
    assert text == span
    assert text is not None
    assert [c.text for c in text.callers] == ["f()"]
    assert places == replace(span, text="")
    assert nothing is None


def test_functions_are_shared() -> None:
    f, g = (Function(name, (Value("x", I64),), (), (Value("x", I64),)) for name in "fg")
    a, b = round_trip(Program({"f": f, "g": g}, "f"), Program({"g": replace(g), "f": f}, "g"))
    assert a.functions["f"] is b.functions["f"]
    assert a.functions["g"] is b.functions["g"]


def test_programs_keep_the_registry() -> None:
    registry = CORE.extended("acme", types=[ExtensionType("acme.money")])
    program = Program({"f": Function("f", (Value("x", ExtensionType("acme.money")),), (), ())}, "f", registry)
    written = write_programs([program], SpanWriter("none"))
    assert written.types == ("acme.money",)
    (found,) = read_programs(written.data, registry=registry)
    assert found.registry is registry


@pytest.mark.parametrize(
    "bad",
    [
        Function("f", (Value("x", I64), Value("x", F64)), (), ()),
        Function("f", (), (), (Value("x", I64),)),
        Function("f", (), (Equation((), "op", (), (("a", 1 << 20_000),)),), ()),
        Function("f", (Value("x", SpecType("text")),), (), ()),
        Function("f", (), (), (), Span("a.py", 5, 1, 4, 1)),
    ],
)
def test_what_a_file_cannot_hold(bad: Function) -> None:
    with pytest.raises(ModuleError, match="HY3016"):
        write_programs([Program({"f": bad}, "f")], SpanWriter("text"))


def nested(levels: int) -> Program:
    equations: tuple[Equation, ...] = ()
    for _ in range(levels):
        equations = (Equation((), "op", (), (), (Region((), equations, ()),)),)
    return Program({"f": Function("f", (), equations, ())}, "f")


def test_nesting_is_bounded() -> None:
    assert round_trip(nested(100)) == (nested(100),)
    with pytest.raises(ModuleError, match="nested deeper than 100"):
        read_programs(write_programs([nested(101)], SpanWriter("none")).data)


def many() -> bytes:
    x = Value("x", I64)
    equations = tuple(Equation((Value(f"v{i}", I64),), "op", (x,), (), (Region((), (), ()),)) for i in range(50))
    return write_programs([Program({"f": Function("f", (x,), equations, ())}, "f")], SpanWriter("none")).data


@pytest.mark.parametrize("name", ["functions", "equations", "values", "items"])
def test_limits_hold(name: str) -> None:
    with pytest.raises(ModuleError, match=rf"HY3007(.|\n)*limits=Limits\({name}="):
        read_programs(many(), limits=Limits(**{name: 0 if name == "functions" else 20}))


def type_table(*rows: tuple[int, ...]) -> bytes:
    """A section IR with these rows as its types, a parameter of the last, and nothing else."""
    out = Writer()
    out.uint(1)
    out.texts(["f", "i64"])
    out.uint(len(rows))
    for row in rows:
        for number in row:
            out.uint(number)
    out.counted([])  # ops
    out.uint(0)  # values of attributes
    for lengths, columns in ((False, 2), (True, 1), (True, 2)):  # values, tuples, attributes
        if lengths:
            out.counted([])
        for _ in range(columns):
            out.column([])
    out.uint(1)
    for number in (0, 1, 1, 0, 0):
        out.uint(number)
    out.column([0])
    out.column([len(rows) - 1])
    for _ in range(8):
        out.column([])
    for _ in range(3):
        out.counted([])
    out.uint(1)
    out.uint(0)
    out.counted([0])
    return bytes(out.data)


def test_a_type_that_shares_its_parts_is_not_written_out() -> None:
    """Sixty pairs of pairs: 60 rows in the file, 2**60 scalars in the text of the type."""
    assert len(read_programs(type_table((0, 1), (2, 2, 0, 0)))) == 1
    pairs = [(2, 2, i, i) for i in range(60)]
    with pytest.raises(ModuleError, match="a type is too large"):
        read_programs(type_table((0, 1), *pairs))
    with pytest.raises(ModuleError, match="a type is too large"):
        read_programs(type_table((0, 1), *((2, 1, i) for i in range(200))))


def test_a_tuple_that_shares_its_parts_is_not_written_out() -> None:
    """Pairs of pairs of pairs: as for types. The IR has tuples of integers only."""
    pair: Any = (1, 2)
    for _ in range(2):
        equation = Equation((), "op", (), (("a", pair),))
        data = write_programs([Program({"f": Function("f", (), (equation,), ())}, "f")], SpanWriter("none")).data
        if pair == (1, 2):
            assert read_programs(data)[0].main.equations == (equation,)
        pair = (pair, pair)
    with pytest.raises(ModuleError, match=r"HY3012(.|\n)*a tuple of tuples"):
        read_programs(data)


def test_a_type_that_does_not_exist() -> None:
    with pytest.raises(ModuleError, match="HY3010: the module needs the type 'f'"):
        read_programs(type_table((0, 0)))


@given(st.binary(max_size=80))
def test_random_bytes_are_refused(data: bytes) -> None:
    for attempt in (read_programs, lambda d: SpanReader(Reader(d, "it"))):
        assert refusal(attempt, data) in ("", "HY3007", "HY3010", "HY3012")


@pytest.mark.parametrize("data", [b"\x80\x00", b"\xff" * 12, b"\x80" * 12 + b"\x01", b"\x80"])
def test_numbers_are_written_in_one_way(data: bytes) -> None:
    with pytest.raises(ModuleError, match="HY3012"):
        Reader(data, "it").uint()


@given(st.lists(st.integers(0, (1 << 64) - 1), max_size=5), st.lists(TEXTS, max_size=5))
def test_columns(numbers: list[int], texts: list[str]) -> None:
    out = Writer()
    out.counted(numbers)
    out.texts(texts)
    for number in numbers:
        out.uint(number)
    reader = Reader(bytes(out.data), "it")
    assert reader.counted() == numbers
    assert reader.texts() == texts
    assert [reader.uint() for _ in numbers] == numbers
    reader.end()


def test_objects_made_in_bulk_are_those_of_the_constructor() -> None:
    rows = [("a", I64), ("b", F64)]
    assert bulk.make(Value, 2, *zip(*rows, strict=True)) == [Value(*row) for row in rows]
    with pytest.raises(ValueError, match="argument"):
        bulk.make(Value, 2, ("a", "b"))
