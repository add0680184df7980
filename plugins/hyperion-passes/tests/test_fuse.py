"""Fusion: which maps go into which loops, and that nothing can be seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any  # conftest's classes, which a test cannot import

import pytest

from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Value
from hyperion.ir.parser import parse_program
from hyperion.ir.types import F32, I8, U8, ArrayType, FloatType
from hyperion.logic import checking
from hyperion.pipeline import OptimizerPipeline
from hyperion_passes import list_lemmas, zip_lemmas
from hyperion_passes.fuse import Fuse

LEMMAS = (
    *zip_lemmas.zip_map(),
    zip_lemmas.zip_zip(),
    *zip_lemmas.swapped(),
    *zip_lemmas.twice(),
    zip_lemmas.map_itself(),
    list_lemmas.fold_map(),
    list_lemmas.scan_map(),
)


@pytest.mark.parametrize("each", LEMMAS, ids=range(len(LEMMAS)))
def test_the_checker_accepts_what_fusion_rests_on(each: Any) -> None:
    assert checking.check(each).hypotheses == 0


TOTAL = {I8: ("add.wrap", "max", "xor", "sub.wrap"), U8: ("add.sat", "min", "mul.wrap"), F32: ("add", "mul", "sub")}


def loops(programs: Any) -> Sequence[Value]:
    """Emits a loop over the latest arrays: mostly a map without traps, over one to three of them."""
    random, builder = programs.random, programs.builder
    arrays = [v for v in programs.scope if isinstance(v.type, ArrayType)]
    chosen = [random.choice(arrays[-3:]) for _ in range(random.choice((1, 1, 2, 3)))]
    elements = [v.type.element for v in chosen]
    if random.random() < 0.2:
        return builder.equation("len", chosen[:1])
    kind = random.choice(("map", "map", "map", "map", "fold", "scan"))
    state = [] if kind == "map" else [programs.any(elements[0])]
    with builder.region(*(("e", ty) for ty in elements), *(("s", v.type) for v in state)) as block:
        made = list(block.parameters)
        for _ in range(random.randrange(1, 3)):
            first = random.choice(made)
            ops = TOTAL[first.type]
            if not isinstance(first.type, FloatType) and random.random() < 0.1:
                ops = ("add.trap",)
            second = random.choice([v for v in made if v.type == first.type])
            made.append(builder.op(random.choice(ops), first, second))
        nexts = [random.choice([m for m in made if m.type == v.type]) for v in state]
        block.yields(*nexts, *([] if kind == "fold" else random.sample(made, random.randrange(1, 3))))
    match kind:
        case "map":
            return builder.map(chosen, block)
        case "scan":
            return builder.scan(chosen, state, block)
        case _:
            return builder.fold(chosen, state, block)


def program_with_loops(random: Random, programs: Any) -> Any:
    made = programs(random)
    kinds = [ArrayType(random.choice((I8, U8, F32)), ("n",)) for _ in range(random.randrange(1, 3))]
    made.function(size=0, parameters=kinds)
    made.scope = made.scope[: len(kinds)]
    for _ in range(random.randrange(2, 8)):
        made.scope.extend(loops(made))
    return program_of(made.builder.build([random.choice(made.scope[-4:]) for _ in range(2)]))


def test_the_interpreter_sees_no_difference(programs: Any, comparison: Any) -> None:
    for seed in range(150):
        random = Random(seed)
        program = program_with_loops(random, programs)
        comparison(Fuse(), program, random, same_length=True)
    assert comparison.fired > comparison.seen * 0.35


def test_the_evidence_holds(programs: Any) -> None:
    for seed in range(40):
        OptimizerPipeline((Fuse(),)).run(program_with_loops(Random(seed), programs))  # raises where it does not


HEAD = "func @f(%xs: f64[n], %ys: f64[n], %is: i64[n], %k: f64, %i: i64) -> f64 { "
SUM = "%s = fold (%m), (%k) {{ ^(%e: f64, %t: f64): %u = add %t, %e : f64 yield %u }} {} return %s }}"


def ops(body: str) -> list[str]:
    outcome = OptimizerPipeline((Fuse(),)).run(parse_program(HEAD + body))
    return [e.op for e in outcome.program.main.equations]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("%m = map (%xs) { ^(%a: f64): %b = neg %a : f64 yield %b } " + SUM.format(""), ["fold"]),
        (
            "%m = map (%xs) { ^(%a: f64): %b = neg %a : f64 yield %b } " + SUM.format("%n = len %m : i64"),
            ["fold", "len"],
        ),
        ("%m, %o = map (%xs) { ^(%a: f64): %b = neg %a : f64 yield %b, %a } " + SUM.format(""), ["fold"]),
        ("%m = map (%xs) { ^(%a: f64): %b = neg %a : f64 yield %k } " + SUM.format(""), ["fold"]),
        ("%m = map (%xs) { ^(%a: f64): %b = div.trap %k, %a : f64 yield %b } " + SUM.format(""), ["map", "fold"]),
        (
            "%m = map (%xs, %ys) { ^(%a: f64, %c: f64): %b = mul %a, %c : f64 yield %b } " + SUM.format(""),
            ["fold"],
        ),
        ("%m = map (%xs) { ^(%a: f64): yield %a } " + SUM.format("%x = get %m, %i"), ["map", "fold", "get"]),
        (
            "%m = map (%xs) { ^(%a: f64): yield %a } %v = add.trap %i, %i : i64 " + SUM.format(""),
            ["add.trap", "fold"],
        ),
        (
            "%m = map (%is) { ^(%a: i64): %b = cast.exact %a : f64 yield %b } " + SUM.format(""),
            ["map", "fold"],
        ),
    ],
)
def test_which_maps_go(body: str, left: list[str]) -> None:
    assert ops(body) == left


def test_a_map_does_not_go_into_a_loop_inside_another() -> None:
    body = """%m = map (%xs) { ^(%a: f64): %b = neg %a : f64 yield %b }
      %s = fold (%ys), (%k) { ^(%y: f64, %t: f64):
        %r = fold (%m), (%t) { ^(%e: f64, %u: f64): %v = add %u, %e : f64 yield %v }
        yield %r }
      return %s }"""
    assert ops(body) == ["map", "fold"]


def test_arrays_of_more_dimensions_stay() -> None:
    text = """func @f(%a: f64[n, m]) -> f64[n, m] {
      %b = map (%a) { ^(%x: f64): %y = neg %x : f64 yield %y }
      %c = map (%b) { ^(%z: f64): %w = abs %z : f64 yield %w }
      return %c }"""
    program = parse_program(text)
    assert OptimizerPipeline((Fuse(),)).run(program).program == program
