"""Algebraic simplification and strength reduction: every law is proved, fires, and changes nothing that can be seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any  # conftest's classes, which a test cannot import

import pytest

from hyperion.errors import PassError, TypeCheckError
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Value
from hyperion.ir.parser import parse_program
from hyperion.ir.types import BOOL, F64, I8, I64, I128, INT, U8
from hyperion.logic import checking
from hyperion.logic import kernel as k
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion.pipeline import OptimizerPipeline
from hyperion_passes.algebraic import Algebraic
from hyperion_passes.dce import DeadCode
from hyperion_passes.identities import commutes
from hyperion_passes.law_tables import algebra, strength
from hyperion_passes.laws import Law, law, proved
from hyperion_passes.strength_reduction import StrengthReduction

EVERY = (I8, U8, I64, I128, INT, BOOL, F64)
TYPES = (I8, U8, I64, BOOL)
POWERS = [
    law(text, kind)
    for kind in (I8, U8)
    for text in (
        "(= (mul.wrap (mul.wrap (mul.wrap x x) x) x) (mul.wrap (mul.wrap x x) (mul.wrap x x)))",
        "(= (mul.wrap (mul.wrap x y) (mul.wrap y x)) (mul.wrap (mul.wrap x y) (mul.wrap x y)))",
        "(= (mul.wrap (mul.wrap (mul.wrap x y) y) x) (mul.wrap (mul.wrap x y) (mul.wrap x y)))",
    )
]
PASSES = ((Algebraic(), algebra(TYPES)), (StrengthReduction(), (*strength(TYPES), *POWERS)))


@pytest.mark.parametrize("each", [*algebra(EVERY), *strength(EVERY)], ids=lambda each: each.root.op)
def test_every_law_has_a_proof_that_the_checker_accepts(each: Law) -> None:
    theorem = proved(each.before, each.after)
    assert theorem is not None
    checked = checking.check(theorem)
    sides = digest(denote(each.before)), digest(denote(each.after))
    assert (checked.left, checked.right, checked.hypotheses) == (*sides, 0)


def left_side(each: Law) -> Callable[[Any], Sequence[Value]]:
    """Emits the left side of a law on random operands, the operands of what commutes in any order, sums that trap for
    some that wrap."""

    def emit(programs: Any) -> Sequence[Value]:
        random = programs.random
        values = {p.name: programs.any(p.type) for p in each.before.parameters}
        for e in each.before.equations:
            operands = [values[v.name] for v in e.operands]
            if commutes(e) and random.random() < 0.5:
                operands.reverse()
            wraps = e is not each.root and e.op.endswith(".wrap") and random.random() < 0.3
            op = e.op.replace(".wrap", ".trap") if wraps else e.op
            (values[e.result.name],) = programs.builder.equation(op, operands, e.attributes, (), e.result.type)
        return tuple(values.values())

    return emit


@pytest.mark.parametrize(("each", "laws"), PASSES, ids=["algebraic", "strength-reduction"])
def test_the_interpreter_sees_no_difference(
    each: CompilerPass, laws: Sequence[Law], programs: Any, comparison: Any
) -> None:
    for seed in range(70):
        random = Random(seed)
        made = programs(random, lambda p: left_side(p.random.choice(laws))(p))
        comparison(each, program_of(made.main(random.randrange(2, 10))), random)
    assert comparison.fired > comparison.seen * 0.4


@pytest.mark.parametrize(("each", "laws"), PASSES, ids=["algebraic", "strength-reduction"])
def test_every_law_fires_and_its_evidence_holds(each: CompilerPass, laws: Sequence[Law]) -> None:
    for one in laws:
        outcome = OptimizerPipeline((each, DeadCode())).run(program_of(one.before.renamed("main")))
        assert outcome.steps[0].changed, one  # the pipeline raises where the evidence does not hold


FLOATS = "func @f(%x: f64, %y: f64) -> f64 {{ {} }}"
CHECKED = "func @f(%x: i8, %y: i8, %z: i8) -> i8 {{ {} }}"


@pytest.mark.parametrize(
    "text",
    [
        FLOATS.format("%a = add %x, %y : f64  %r = sub %a, %y : f64  return %r"),
        FLOATS.format("%c = lt %x, %y  %r = select %c, %y, %x : f64  return %r"),  # -0.0, NaN
        FLOATS.format("%n = neg %x : f64  %r = add %n, %y : f64  return %r"),
        CHECKED.format("%a = add.sat %x, %y : i8  %r = sub.sat %a, %y : i8  return %r"),
        CHECKED.format("%a = add.wrap %x, %y : i8  %r = sub.trap %a, %y : i8  return %r"),  # 127 + 1 - 1 traps
        CHECKED.format("%a = mul.trap %x, %y : i8  %b = mul.trap %x, %z : i8  %r = add.trap %a, %b : i8  return %r"),
        CHECKED.format("%a = neg.wrap %x : i8  %r = abs.trap %a : i8  return %r"),
        CHECKED.format(
            "%a = neg.wrap %x : i8  %b = neg.wrap %y : i8  %m = max %a, %b  %r = neg.wrap %m : i8 return %r"
        ),
        "func @f(%x: u8) -> u8 { %a = neg.wrap %x : u8  %r = abs.wrap %a : u8  return %r }",
        "func @f(%x: i64) -> i64 { %a = cast.wrap %x : i32  %r = cast %a : i64  return %r }",
    ],
)
def test_what_does_not_hold_is_left_alone(text: str) -> None:
    program = parse_program(text)
    for each in (Algebraic(), StrengthReduction()):
        assert each.run(program, PassContext()).function == program.main


@pytest.mark.parametrize(
    "text",
    [
        CHECKED.format("%c = const 3 : i8  %r = mul.trap %x, %c : i8  return %r"),
        CHECKED.format("%c = const 4 : i8  %r = mul.sat %x, %c : i8  return %r"),
        CHECKED.format("%a = mul.trap %x, %x : i8  %b = mul.trap %a, %x : i8  %r = mul.trap %b, %x : i8  return %r"),
        CHECKED.format("%c = const 2 : i8  %r = floordiv.trap %x, %c : i8  return %r"),
        CHECKED.format("%c = const 2 : i8  %r = mod.wrap %x, %c : i8  return %r"),
        FLOATS.format("%c = const 0x1p+1 : f64  %r = mul %x, %c : f64  return %r"),
    ],
)
def test_products_without_a_proof_stay(text: str) -> None:
    program = parse_program(text)
    assert StrengthReduction().run(program, PassContext()).function == program.main


def test_a_sum_that_traps_stays_where_it_was() -> None:
    text = CHECKED.format(
        "%t = add.trap %x, %y : i8  %d = floordiv.trap %z, %x : i8  %r = sub.trap %t, %y : i8  return %r"
    )
    after = Algebraic().run(parse_program(text), PassContext()).function
    assert [e.op for e in after.equations] == ["add.trap", "floordiv.trap"]
    assert after.results == after.parameters[:1]


def test_a_shared_product_is_not_computed_twice() -> None:
    text = """func @f(%x: i64, %y: i64, %z: i64) -> (i64, i64) {
      %a = mul.wrap %x, %y : i64  %b = mul.wrap %x, %z : i64  %r = add.wrap %a, %b : i64  return %r, %a }"""
    program = parse_program(text)
    # a sum and a product for a sum and one product that goes
    assert Algebraic().run(program, PassContext()).function == program.main


def test_laws_of_others() -> None:
    twice = law("(= (sub.wrap (add.wrap x y) (sub.wrap x y)) (add.wrap y y))", I64)
    text = """func @f(%p: i64, %q: i64) -> i64 {
      %a = add.wrap %p, %q : i64  %b = sub.wrap %q, %p : i64  %r = sub.wrap %a, %b : i64  return %r }"""
    program = parse_program(text)
    outcome = OptimizerPipeline((Algebraic((twice,), builtin=False), DeadCode())).run(program)
    assert [(e.op, [v.name for v in e.operands]) for e in outcome.program.main.equations] == [("add.wrap", ["p", "p"])]
    assert outcome.steps[0].evidence == "theorem"


def test_a_law_may_be_given_by_its_theorem() -> None:
    made = law("(= (max (min x y) x) x)", I8)
    again = Law(made.before, made.after, proved(made.before, made.after))
    assert again == made
    other = law("(= (min (max x y) x) x)", I8)
    with pytest.raises(PassError, match="HY4041"):
        Law(made.before, made.after, proved(other.before, other.after))
    with pytest.raises(PassError, match="HY4041"):
        Law(made.before, made.after, k.refl(denote(made.before)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(= (sub.wrap (add.wrap x y) y) y)", "HY4042"),
        ("(= (add.sat (sub.sat x y) y) x)", "HY4042"),
        ("(= (mul.wrap x y) (mul.trap x y))", "HY4041"),
        ("(= (add.wrap x y) z)", "HY4040"),
        ("(add.wrap x y)", "HY4040"),
        ("(= x x)", "HY4040"),
    ],
)
def test_what_is_no_law_is_refused(text: str, code: str) -> None:
    with pytest.raises(PassError) as caught:
        law(text, I8)
    assert caught.value.code == code


def test_a_law_has_types() -> None:
    with pytest.raises(TypeCheckError):
        law("(= (add.wrap x y) x)", F64)
