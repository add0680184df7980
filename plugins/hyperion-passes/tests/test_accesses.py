"""Bounds checks and loops over indices: what goes, what stays, and that nothing can be seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any  # conftest's classes, which a test cannot import

import pytest

from hyperion.errors import ProofError
from hyperion.evidence import authorise
from hyperion.interfaces.compiler_pass import CompilerPass, PassContext
from hyperion.ir.builder import program as program_of
from hyperion.ir.function import Value, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.types import BOOL, I64, ArrayType
from hyperion.logic import checking
from hyperion.pipeline import OptimizerPipeline, with_main
from hyperion.policy import Policy
from hyperion_passes import access_lemmas, index_lemmas
from hyperion_passes.bounds_checks import BoundsChecks
from hyperion_passes.index_loops import IndexLoops

LEMMAS = (
    *access_lemmas.inside_after_get(),
    *access_lemmas.inside_after_update(),
    access_lemmas.length_after_update(),
    access_lemmas.update_inside(),
    access_lemmas.get_succeeds(),
    index_lemmas.length_nil(),
)


@pytest.mark.parametrize("each", LEMMAS, ids=range(len(LEMMAS)))
def test_the_checker_accepts_what_the_passes_rest_on(each: Any) -> None:
    assert checking.check(each).hypotheses == len(each.hypotheses)


def accesses(programs: Any) -> Sequence[Value]:
    """Emits accesses to an array: bare, twice, under tests of the index, or in a loop over the indices."""
    random, builder = programs.random, programs.builder
    arrays = [v for v in programs.scope if isinstance(v.type, ArrayType)]
    if not arrays:
        return ()
    xs, index = random.choice(arrays), programs.any(I64)

    def access(i: Value, array: Value = xs) -> tuple[Value, ...]:
        if random.random() < 0.3:
            return builder.equation("update", (array, i, programs.any(array.type.element)))
        return builder.equation("get", (array, i))

    def zero() -> Value:
        return builder.const(0, I64)

    match random.randrange(4):
        case 0:
            return access(index)
        case 1:
            return (*access(index), *access(index, random.choice(arrays)))
        case 2:
            n = builder.op("len", xs, type=I64)
            tests = [builder.op("le", zero(), index), builder.op(random.choice(("lt", "le")), index, n)]
            if random.random() < 0.2:
                tests.pop()
            test = tests[0] if len(tests) == 1 else builder.op("and", *tests)
            otherwise = programs.any(xs.type.element)
            with builder.region() as then:
                got = builder.op("get", xs, index)
                then.yields(got)
            with builder.region() as other:
                other.yields(otherwise)
            return builder.if_(test, then, other)
        case _:
            n, start, one = builder.op("len", xs, type=I64), zero(), builder.const(random.choice((1, 1, 1, 2)), I64)
            state = [programs.any(xs.type.element)]
            with builder.region(("i", I64), ("s", state[0].type)) as body:
                i, s = body.parameters
                got = builder.op("get", xs, i)
                if random.random() < 0.3:
                    got = builder.op("get", random.choice(arrays), i)
                if random.random() < 0.3:
                    got = builder.op("cast.wrap", i, type=got.type)
                total = builder.op(random.choice(("add.wrap", "add.trap", "max")), s, got)
                body.yields(total)
            return builder.for_((start, n, one), state, body)


@pytest.mark.parametrize(("each", "share"), [(BoundsChecks(), 0.6), (IndexLoops(), 0.3)], ids=["bounds", "loops"])
def test_the_interpreter_sees_no_difference(each: CompilerPass, share: float, programs: Any, comparison: Any) -> None:
    for seed in range(70):
        random = Random(seed)
        made = programs(random, accesses)
        main = made.function(parameters=[I64, BOOL, ArrayType(made.element, ("n",)), ArrayType(made.element, ("m",))])
        comparison(each, program_of(main), random, 4)
    assert comparison.fired > comparison.seen * share


def test_the_evidence_holds(programs: Any) -> None:
    for seed in range(8):
        made = programs(Random(seed), accesses)
        program = program_of(made.function(parameters=[I64, BOOL, ArrayType(made.element, ("n",))]))
        outcome = OptimizerPipeline((IndexLoops(), BoundsChecks())).run(program)
        verdict = authorise(outcome.program, program, outcome.theorem, Policy())  # raises where it does not justify
        changed = any(step.changed for step in outcome.steps)
        assert verdict.checked == changed


HEAD = (
    "func @f(%xs: i64[n], %ys: i64[m], %i: i64, %j: i64, %p: bool) -> i64 { %zero = const 0 : i64 %one = const 1 : i64 "
)


def unchecked(body: str) -> list[str]:
    """Of each access, whether its check is gone."""
    program = parse_program(f"{HEAD} {body} return %zero }}")
    outcome = OptimizerPipeline((BoundsChecks(),)).run(program)
    return [
        "gone" if e.op.endswith(".unchecked") else "stays"
        for e in walk(outcome.program.main.equations)
        if e.op.split(".")[0] in ("get", "update")
    ]


LOOP = "%n = len %xs : i64 %r = for {} (%zero) {{ ^(%k: i64, %s: i64): {} yield %s }}"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("%a = get %xs, %i", ["stays"]),
        ("%a = get %xs, %i %b = get %xs, %i", ["stays", "gone"]),
        ("%a = get %xs, %i %b = get %xs, %j", ["stays", "stays"]),
        ("%a = get %xs, %i %b = get %ys, %i", ["stays", "stays"]),
        ("%a = get %xs, %one %b = get %xs, %zero", ["stays", "gone"]),
        ("%a = get %xs, %zero %b = get %xs, %one", ["stays", "stays"]),
        ("%c = if %p { %a = get %xs, %i yield %a } { yield %zero } %b = get %xs, %i", ["stays", "stays"]),
        ("%a = update %xs, %i, %j %b = get %a, %i %c = update %xs, %i, %b", ["stays", "gone", "gone"]),
        (LOOP.format("%zero, %n, %one,", "%a = get %xs, %k"), ["gone"]),
        (LOOP.format("%zero, %n, %one,", "%a = get %ys, %k"), ["stays"]),
        (LOOP.format("%zero, %n, %one,", "%l = add.trap %k, %one : i64 %a = get %xs, %l"), ["stays"]),
        (LOOP.format("%one, %n, %one,", "%a = get %xs, %k"), ["stays"]),
        (LOOP.format("%zero, %i, %one,", "%a = get %xs, %k"), ["stays"]),
        (LOOP.format("%zero, %n, %i,", "%a = get %xs, %k"), ["stays"]),
        ("%n = len %xs : i64 %c = lt %i, %n %r = if %c { %a = get %xs, %i yield %a } { yield %zero }", ["stays"]),
        ("%c = le %zero, %i %r = if %c { %a = get %xs, %i yield %a } { yield %zero }", ["stays"]),
        ("%w = add.wrap %i, %one : i64 %c = le %zero, %w %a = get %xs, %i %b = get %xs, %w", ["stays", "stays"]),
        ("%a = get %xs, %i %d = sub.trap %i, %one : i64 %b = get %xs, %d", ["stays", "stays"]),
        ("%t = array %i, %j : i64[2] %a = get %t, %one %b = get %t, %zero", ["gone", "gone"]),
        ("%two = const 2 : i64 %t = array %i, %j : i64[2] %a = get %t, %two", ["stays"]),
        ("%m = const -1 : i64 %t = array %i, %j : i64[2] %a = get %t, %m", ["stays"]),
    ],
)
def test_which_checks_go(body: str, found: list[str]) -> None:
    assert unchecked(body) == found


def test_tests_of_an_index() -> None:
    body = """%n = len %xs : i64 %low = gt %zero, %i %high = ge %i, %n %out = or %low, %high : bool
      %r = if %out { %a = get %xs, %i yield %a } { %b = get %xs, %i yield %b }"""
    assert unchecked(body) == ["stays", "gone"]
    body = """%n = len %xs : i64 %low = le %zero, %i %high = lt %i, %n
      %in = and %low, %high : bool %out = not %in : bool
      %r = if %out { %a = get %xs, %i yield %a } { %b = get %xs, %i yield %b }"""
    assert unchecked(body) == ["stays", "gone"]


def test_without_its_theorem_an_unchecked_access_is_not_compiled() -> None:
    program = parse_program(f"{HEAD} %a = get %xs, %i %b = get %xs, %i return %b }}")
    result = BoundsChecks().run(program, PassContext())
    after = with_main(program, result.function)
    assert authorise(after, program, result.theorem, Policy()).checked
    with pytest.raises(ProofError, match="HY7020"):
        authorise(after, program, None, Policy())
    with pytest.raises(ProofError, match="HY7020"):
        authorise(after, after, result.theorem, Policy())


def loops(body: str, bounds: str = "%zero, %n, %one,") -> list[str]:
    text = (
        f"{HEAD} %n = len %xs : i64 %r = for {bounds} (%zero) {{ ^(%k: i64, %s: i64): {body} yield %t }} return %r }}"
    )
    outcome = OptimizerPipeline((IndexLoops(),)).run(parse_program(text))
    return [e.op for e in outcome.program.main.equations if e.op in ("for", "fold")]


@pytest.mark.parametrize(
    ("body", "op"),
    [
        ("%x = get %xs, %k %t = add.trap %s, %x : i64", "fold"),
        ("%x = get %xs, %k %t = floordiv.trap %s, %x : i64", "fold"),
        ("%t = if %p { %x = get %xs, %k yield %x } { yield %s }", "fold"),
        ("%x = get %xs, %k %y = get %ys, %x %t = max %s, %y", "fold"),
        ("%x = get %xs, %k %t = add.trap %s, %k : i64", "for"),
        ("%x = get %ys, %k %t = add.trap %s, %x : i64", "for"),
        ("%x = get %xs, %k %y = get %ys, %k %t = add.trap %x, %y : i64", "for"),
        ("%t = add.trap %s, %one : i64", "for"),
        ("%x = get %xs, %s %t = add.trap %s, %x : i64", "for"),
    ],
)
def test_which_loops_become_folds(body: str, op: str) -> None:
    assert loops(body) == [op]


@pytest.mark.parametrize("bounds", ["%one, %n, %one,", "%zero, %n, %i,", "%zero, %i, %one,", "%i, %n, %one,"])
def test_other_ranges_stay(bounds: str) -> None:
    assert loops("%x = get %xs, %k %t = add.trap %s, %x : i64", bounds) == ["for"]
