"""Literals that Python finds equal, or that read alike, are different terms and never proved equal."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest

from hyperion.logic import checker, kernel, literals, theory
from hyperion.logic import terms as t
from hyperion.logic.kernel import RuleError
from hyperion.logic.terms import Term, TermError

THEORY = checker.Theory(theory.axiom_text())


def floats(kind: str) -> list[Term]:
    values = (0.0, -0.0, 1.0, -1.0, float("inf"), float("-inf"), float("nan"))
    return [literals.float_lit(kind, v) for v in values]


ALIKE: list[Term] = [
    *(x for kind in ("f16", "f32", "f64") for x in floats(kind)),
    *map(literals.int_lit, (0, 1, -1, 10, 2**53, 2**53 + 1)),
    *map(literals.real_lit, (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 3), Fraction(2**53 + 1))),
    kernel.TRUE, kernel.FALSE,
]  # fmt: skip


def test_no_two_of_them_are_one_term_or_have_one_digest() -> None:
    assert len(set(ALIKE)) == len({t.digest(x) for x in ALIKE}) == len(ALIKE)


@pytest.mark.parametrize("rule", ["trans", "cut", "boolcases"])
def test_no_rule_takes_one_for_the_other(rule: str, attack: Callable[..., Any]) -> None:
    """Every pair, in both orders."""
    tried = 0
    for x, y in combinations(ALIKE, 2):
        for a, b in ((x, y), (y, x)):
            steps: dict[str, list[list[Any]]] = {
                "trans": [["refl", a], ["refl", b], ["trans", 0, 1]],
                "cut": [["refl", a], ["assume", b, b], ["cut", 0, 1]],
                "boolcases": [["refl", a], ["refl", b], ["boolcases", kernel.TRUE, 0, 1]],
            }
            assert attack(steps[rule]).agreed is None
            tried += 1
    assert tried == len(ALIKE) * (len(ALIKE) - 1)


WITHOUT = ("bool", "i64", "u8", "bf16", "c64", "c128", "ext:money.amount")
TEXTS: dict[str, list[Any]] = {
    "int": ["", "-0", "+1", "01", " 1", "1 ", "1\n", "1_000", "0x1", "1.0", "1e3", "\uff11", "\u0661", 1, 1.0, True,
            None, ["1"]],
    "real": ["0", "1", "2/2", "1/-1", "-1/-1", "0/2", "1/0", "1.0/1", "1/1\n", " 1/1", "1e3/1", "\uff11/1", "nan", 1,
             "1/1/1", "01/1"],
    "f64": ["7ff8000000000001", "fff8000000000000", "7ff0000000000001", "3FF0000000000000", "0x3ff000000000000",
            "3ff000000000000", "03ff0000000000000", "3ff000000000000\n", "0.0", "nan", 0, 1.0, "-000000000000000"],
    "f32": ["7fc00001", "ffc00000", "7F800000", "3ff0000000000000", "+3f80000", "3f8_0000", "0"],
    "f16": ["7e01", "fe00", "7C00", "3c0", "3c00 "],
} | {ty: ["0", "1", "true", "0000"] for ty in WITHOUT}  # fmt: skip
NOT_CANONICAL = [(ty, payload) for ty, payloads in TEXTS.items() for payload in payloads]


@pytest.mark.parametrize(("ty", "payload"), NOT_CANONICAL)
def test_a_number_has_one_text(ty: str, payload: Any, attack: Callable[..., Any]) -> None:
    rows = {"format": "hyperion-proof", "version": 1, "types": [["con", ty]], "terms": [["K", 0, payload]]}
    assert attack(rows | {"steps": [["refl", 0]]}).agreed is None


def test_computation_tells_zeros_apart(attack: Callable[..., Any]) -> None:
    """0.0 == -0.0 computes to true, and still says nothing about the terms."""
    zero, minus = literals.float_lit("f64", 0.0), literals.float_lit("f64", -0.0)
    equal = t.app(t.const("feq.f64", t.SIGNATURE["feq.f64"]), zero, minus)
    assert attack([["compute", equal]]).agreed == (t.digest(equal), t.digest(kernel.TRUE), 0)
    one = literals.float_lit("f64", 1.0)
    divide = t.const("fdiv.f64", t.SIGNATURE["fdiv.f64"])
    infinities = [attack([["compute", t.app(divide, one, z)]]).agreed for z in (zero, minus)]
    assert infinities[0][1] != infinities[1][1]
    assert attack([["compute", equal], ["cut", 0, 1], ["refl", zero]]).agreed is None


def test_integers_and_words_of_one_value_are_of_different_types(attack: Callable[..., Any]) -> None:
    words = [
        t.app(t.const(f"ofZ.{w}", t.SIGNATURE[f"ofZ.{w}"]), literals.int_lit(1)) for w in ("i8", "u8", "i64", "u64")
    ]
    for a, b in combinations(words, 2):
        assert attack([["refl", a], ["refl", b], ["trans", 0, 1]]).agreed is None
        assert attack([["assume", a, b]]).agreed is None


def test_the_public_makers_refuse_what_they_cannot_hold() -> None:
    for make in (lambda: literals.float_lit("f32", 0.1), lambda: literals.float_bits("f64", "0"),
                 lambda: literals.literal(t.BOOL, "1"), lambda: literals.literal(t.INT, "1_0")):  # fmt: skip
        with pytest.raises((TermError, RuleError)):
            make()
