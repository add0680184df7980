"""Operations that differ in anything do not denote one term: every attribute, made size, owner and version shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperion.errors import ProofError, TypeCheckError
from hyperion.ir.builder import Builder
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Attribute, Equation, Function, Program, Value
from hyperion.ir.monoids import MONOIDS
from hyperion.ir.op_table import OpDef
from hyperion.ir.ops import OPS
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.type_rules import uniform
from hyperion.ir.types import F32, F64, I64, ArrayType, ExtensionType, Type
from hyperion.ir.verifier import verify
from hyperion.logic import checking
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.denote import denote
from hyperion.logic.meaning import denote_type, keyed
from hyperion.logic.terms import Term, digest
from hyperion.testing.denotation import heads, meaning, opened
from hyperion.testing.random_programs import random_program


def others(value: Attribute) -> Iterator[Attribute]:
    """Other values of an attribute."""
    match value:
        case bool():
            yield not value
        case int():
            yield from (value + 1, value - 1, -value)
        case str() if value in MONOIDS:
            yield from (m for m in MONOIDS if m != value)
        case str():
            yield from ("0x1.0p+0", "-0x0.0p+0", "nan")
        case tuple():
            yield value[::-1]
            yield value[1:]
            yield tuple(x + 1 for x in value)
        case _:
            pass


def changed(equation: Equation) -> Iterator[Equation]:
    """The equation with one attribute or one made size changed; not all are valid."""
    for i, (name, value) in enumerate(equation.attributes):
        for other in others(value):
            if repr(other) != repr(value):
                attributes = (*equation.attributes[:i], (name, other), *equation.attributes[i + 1 :])
                yield replace(equation, attributes=attributes)
    if OPS[equation.op].makes_sizes:
        kind = equation.results[0].type
        assert isinstance(kind, ArrayType)
        for axis, size in enumerate(kind.shape):
            for number in (1, 2):
                if size != number:
                    shape = (*kind.shape[:axis], number, *kind.shape[axis + 1 :])
                    results = (Value(r.name, ArrayType(_element(r.type), shape)) for r in equation.results)
                    yield replace(equation, results=tuple(results))


def _element(kind: Type) -> Type:
    assert isinstance(kind, ArrayType)
    return kind.element


def ending_in(program: Program, index: int, equation: Equation) -> Program:
    """The entry function down to that equation, whose results it returns, with the equations that this one needs."""
    main, kept = program.main, [equation]
    needed = set(_used(equation))
    for e in reversed(main.equations[:index]):
        if needed & {r.name for r in e.results}:
            kept.append(e)
            needed |= set(_used(e))
    main = Function("main", main.parameters, tuple(reversed(kept)), equation.results)
    return replace(program, functions={"main": main})


def _used(equation: Equation) -> Iterator[str]:
    yield from (v.name for v in equation.operands)
    for region in equation.regions:
        yield from (v.name for v in region.results)
        for e in region.equations:
            yield from _used(e)


def valid(program: Program) -> bool:
    try:
        verify(program)
    except TypeCheckError:
        return False
    return True


@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_another_attribute_or_size_is_another_meaning(seed: int) -> None:
    random = Random(seed)
    program = random_program(random, size=12, everything=True)
    for index, equation in enumerate(program.main.equations):
        variants = list(changed(equation))
        if equation.op == "item" or not variants:  # a tuple may hold one value at two places
            continue
        before = ending_in(program, index, equation)
        after = ending_in(program, index, random.choice(variants))
        if valid(after):
            assert digest(denote(before.main, before)) != digest(denote(after.main, after))


WANTED = {
    "const value", "reduce axes", "reduce monoid", "reverse axes", "slice steps", "sort axis", "sort descending",
    "transpose permutation", "fill size", "iota size", "slice size", "build size", "concat size", "reshape size",
}  # fmt: skip


def test_the_changes_are_valid_for_every_op_that_has_attributes() -> None:
    """So the property above is about something."""
    left = set(WANTED)
    for seed in range(1000):
        program = random_program(Random(seed), size=12, everything=True)
        for index, equation in enumerate(program.main.equations):
            for other in changed(equation) if any(w.startswith(f"{equation.op} ") for w in left) else ():
                pairs = zip(equation.attributes, other.attributes, strict=True)
                name = next((n for (n, v), (_, w) in pairs if repr(v) != repr(w)), "size")
                if f"{equation.op} {name}" in left and valid(ending_in(program, index, other)):
                    left.remove(f"{equation.op} {name}")
        if not left:
            return
    raise AssertionError(left)


NAMES = st.text(max_size=8)
VALUES = st.one_of(st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=4), st.tuples(st.integers(0, 2)))


@given(st.dictionaries(NAMES, VALUES, max_size=3), st.dictionaries(NAMES, VALUES, max_size=3))
@settings(max_examples=300, deadline=None)
def test_keys_tell_attributes_apart(one: dict[str, Attribute], other: dict[str, Attribute]) -> None:
    same = sorted(map(repr, one.items())) == sorted(map(repr, other.items()))
    assert (keyed("op", one) == keyed("op", other)) == same
    text = keyed("op", one)
    assert text.isascii()
    assert not any(c.isspace() for c in text)


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (1, True), (0.0, -0.0), ("1", 1), ("true", True), ((1,), "[1]"), ("a b", "a\tb")]
)
def test_keys_tell_values_of_other_types_apart(one: Attribute, other: Attribute) -> None:
    assert keyed("op", {"a": one}) != keyed("op", {"a": other})


def test_a_long_key_is_hashed() -> None:
    one, other = (keyed("op", {"a": tuple(range(n))}) for n in (1000, 1001))
    assert one != other
    assert len(one) < 100


def test_the_names_that_the_logic_keeps_for_itself_are_no_ops() -> None:
    kept = {"undefined", "range", "zip", "cut", "size", "element", "replaced"}
    assert not kept & OPS.keys()


# ---- types


def test_formats_of_one_width_are_told_apart() -> None:
    text = "func @f(%x: T, %y: T) -> T { %z = add %x, %y : T return %z }"
    assert len({meaning(text.replace("T", kind)) for kind in ("f16", "bf16", "f32", "f64", "c64", "c128")}) == 6


@pytest.mark.parametrize("kind", ["bf16", "c64", "c128"])
def test_these_formats_have_no_laws(kind: str) -> None:
    for op in ("add", "sub", "mul", "div"):
        text = f"func @f(%x: {kind}, %y: {kind}) -> {kind} {{ %z = {op} %x, %y : {kind} return %z }}"
        assert f"op:{op}" in heads(opened(text))
    text = f"func @f(%x: {kind}, %y: {kind}) -> bool {{ %z = ne %x, %y : bool return %z }}"
    assert {"op:eq", "not"} <= set(heads(opened(text)))


def test_literals_of_bfloat16_are_told_apart() -> None:
    text = "func @f() -> bf16 { %z = const VALUE : bf16 return %z }"
    values = ("0x0.0p+0", "-0x0.0p+0", "0x1.0p+0", "nan", "inf", "-inf", "0x1.0p-133")
    assert len({meaning(text.replace("VALUE", v)) for v in values}) == len(values)


@pytest.mark.parametrize(
    ("one", "other"), [("f16", "bf16"), ("f32", "bf16"), ("f64", "c128"), ("f32", "c64"), ("f64", "real")]
)
def test_two_formats_do_not_mix_over_the_reals(one: str, other: str) -> None:
    text = f'func @f(%x: {one}, %y: {other}) -> {one} {{ %z = add %x, %x {{fp = "reassoc"}} : {one} return %z }}'
    with pytest.raises(ProofError, match="HY7012"):
        meaning(text)
    inside = text.replace(f"%y: {other}", f"%y: (i8, {other}[n, m])" if other != "real" else f"%y: (i8, {other})")
    with pytest.raises(ProofError, match="HY7012"):
        meaning(inside)


def test_arrays_have_a_type_for_each_number_of_dimensions() -> None:
    kinds = [denote_type(ArrayType(F32, tuple("nmpqrs"[:rank])), False) for rank in range(1, 7)]
    assert len(set(kinds)) == 6
    assert kinds[0] is t.list_of(t.type_of("f32"))
    with pytest.raises(ProofError, match="HY7010"):
        denote_type(ArrayType(F32, ("n",) * 65), False)
    with pytest.raises(ProofError, match="HY7010"):
        denote_type(ArrayType(F32, ()), False)


# ---- plugins' ops


def hypot(version: str = "1", inert: tuple[str, ...] = (), traps: bool = False) -> OpDef:
    return OpDef(
        "demo.hypot", "T, T -> T", "The length.", uniform(2, lambda kind: kind in (F32, F64), "floats"),
        ("value",) if traps else (), evaluate=lambda xs, types, result: abs(complex(*xs)),
        attributes=("mode", "hint"), inert=inert, version=version,
    )  # fmt: skip


def of_plugin(op: OpDef, owner: str = "demo", attributes: tuple[tuple[str, Attribute], ...] = ()) -> Term:
    registry = CORE.extended(owner, [op], [ExtensionType("demo.angle")])
    b = Builder("f", registry)
    x, y = b.parameter("x", F32), b.parameter("y", F32)
    program = program_of(b.build(b.equation(op.name, (x, y), attributes)), registry=registry)
    return denote(program.main, program)


def test_a_plugins_op_is_keyed_by_owner_version_and_attributes() -> None:
    variants = [
        of_plugin(hypot()),
        of_plugin(hypot(version="2")),
        of_plugin(hypot(), owner="other"),
        of_plugin(hypot(), attributes=(("mode", 1),)),
        of_plugin(hypot(), attributes=(("mode", True),)),
        of_plugin(hypot(), attributes=(("hint", 1),)),
        of_plugin(hypot(traps=True)),
    ]
    assert len(set(variants)) == len(variants)
    assert of_plugin(hypot()) is of_plugin(hypot())


def test_an_inert_attribute_changes_nothing() -> None:
    plain = of_plugin(hypot(inert=("hint",)))
    assert plain is of_plugin(hypot(inert=("hint",)), attributes=(("hint", 3),))
    assert plain is not of_plugin(hypot(inert=("hint",)), attributes=(("mode", 3),))


def test_an_expansion_is_what_it_stands_for() -> None:
    def square(use: object) -> Function:
        inner = Builder("square")
        x = inner.parameter("x", I64)
        y = inner.op("add.trap", x, x)
        return inner.build((inner.op("mul.trap", y, x),))

    op = OpDef("demo.square", "i64 -> i64", "Twice the square.", uniform(1, lambda kind: kind == I64, "i64"),
               expansion=square)  # fmt: skip
    registry: Registry = CORE.extended("demo", [op])
    b = Builder("f", registry)
    x = b.parameter("x", I64)
    z = b.equation("demo.square", b.equation("demo.square", (x,)))
    program = program_of(b.build(z), registry=registry)
    text = """
func @f(%x: i64) -> i64 {
  %a = add.trap %x, %x : i64
  %b = mul.trap %a, %x : i64
  %c = add.trap %b, %b : i64
  %d = mul.trap %c, %b : i64
  return %d
}"""
    assert denote(program.main, program) is meaning(text)
    with pytest.raises(ProofError, match="HY7010"):
        denote(program.main)


def test_the_checker_knows_the_types_and_constants() -> None:
    """A proof about n-d arrays, extension types and long names is read and checked."""
    registry = CORE.extended("demo", [hypot()], [ExtensionType("demo.angle")])
    b = Builder("f", registry)
    a = b.parameter("a", ArrayType(ExtensionType("demo.angle"), ("n", "m")))
    c = b.parameter("c", ArrayType(F32, ("n",) * 3))
    r = b.equation("reverse", (a,), (("axes", (1,)),))
    s = b.equation("transpose", (c,), (("permutation", (2, 0, 1)),))
    program = program_of(b.build((*r, *s)), registry=registry)
    th = k.refl(denote(program.main, program))
    assert checking.check(th).functions
