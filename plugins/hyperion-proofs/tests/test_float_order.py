"""Contradictions between comparisons of floats, against the comparisons of Python's floats themselves."""

from __future__ import annotations

import math
from itertools import product
from random import Random

import pytest

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.float_order import contradiction, decide

VALUES = (math.nan, -math.inf, -1.0, -0.0, 0.0, 1.0, 2.0, math.inf)
MEANING = {"flt": float.__lt__, "fle": float.__le__, "feq": float.__eq__}
Fact = tuple[str, int, int, bool]


def variables(kind: str, count: int) -> list[Term]:
    return [t.var(f"v{i}", t.type_of(kind)) for i in range(count)]


def assumed(facts: list[Fact], kind: str, count: int = 3) -> list[Theorem]:
    v = variables(kind, count)
    names = {name: f"r{name[1:]}" if kind == "real" else f"{name}.{kind}" for name in MEANING}
    return [k.assume(apply(names[name], v[a], v[b]), TRUE if held else FALSE) for name, a, b, held in facts]


def satisfiable(facts: list[Fact], real: bool, count: int = 3) -> bool:
    return any(
        all(MEANING[name](values[a], values[b]) == held for name, a, b, held in facts)
        for values in product(VALUES[1:] if real else VALUES, repeat=count)
    )


@pytest.mark.parametrize("kind", ["f16", "f32", "f64", "real"])
def test_a_contradiction_is_found_exactly_where_no_floats_satisfy_the_facts(kind: str) -> None:
    random = Random(kind)
    found = {True: 0, False: 0}
    for _ in range(400):
        facts = [
            (random.choice(list(MEANING)), random.randrange(3), random.randrange(3), random.random() < 0.5)
            for _ in range(random.randrange(1, 6))
        ]
        th = contradiction(assumed(facts, kind))
        possible = satisfiable(facts, kind == "real")
        assert (th is None) == possible, facts
        found[possible] += 1
        if th is not None:
            assert (th.left, th.right) == (TRUE, FALSE)
            assert th.hypotheses <= {(f.left, f.right) for f in assumed(facts, kind)}
    assert min(found.values()) > 50


def test_the_checker_accepts_a_contradiction() -> None:
    th = contradiction(assumed([("flt", 0, 1, True), ("feq", 1, 2, True), ("flt", 0, 2, False)], "f64"))
    assert th is not None
    assert check(th).hypotheses == 3


def test_literals_count_with_their_values() -> None:
    (x,) = variables("f64", 1)
    half, two = literals.float_lit("f64", 0.5), literals.float_lit("f64", 2.0)
    more, less = k.assume(apply("flt.f64", two, x), TRUE), k.assume(apply("flt.f64", x, half), TRUE)
    assert contradiction([more, less]) is not None
    assert contradiction([more]) is None
    nan = literals.float_lit("f64", math.nan)
    assert contradiction([k.assume(apply("fle.f64", x, nan), TRUE)]) is not None
    zeros = apply("flt.f64", literals.float_lit("f64", -0.0), literals.float_lit("f64", 0.0))
    assert contradiction([k.assume(zeros, TRUE)]) is not None


def test_a_test_is_decided_where_the_facts_imply_it() -> None:
    a, b, c = variables("f64", 3)
    facts = [k.assume(apply("flt.f64", a, b), TRUE), k.assume(apply("flt.f64", c, b), FALSE)]
    # c may be a NaN
    assert decide(apply("flt.f64", a, c), facts) is None
    number = k.assume(apply("feq.f64", c, c), TRUE)
    th = decide(apply("flt.f64", a, c), [*facts, number])
    assert th is not None
    assert th.right is TRUE
    th = decide(apply("fle.f64", c, a), [*facts, number])
    assert th is not None
    assert th.right is FALSE
    assert decide(a, facts) is None


def test_facts_may_be_joined_by_and_or_not() -> None:
    a, b, _ = variables("f32", 3)
    less, more = apply("flt.f32", a, b), apply("flt.f32", b, a)
    assert contradiction([k.assume(apply("and", less, more), TRUE)]) is not None
    number = [k.assume(apply("feq.f32", x, x), TRUE) for x in (a, b)]
    neither = k.assume(apply("or", less, more), FALSE)
    unequal = k.assume(apply("not", apply("feq.f32", a, b)), TRUE)
    assert contradiction([*number, neither, unequal]) is not None
    assert contradiction([neither, unequal]) is None
    assert contradiction([k.assume(t.var("p", t.BOOL), TRUE), k.assume(t.var("p", t.BOOL), FALSE)]) is None
