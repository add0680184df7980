"""Induction and case analysis with something missing, out of place, or still assumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply

INTS = t.list_of(t.INT)
X, Y, N = t.var("x", t.INT), t.var("y", t.INT), t.var("n", t.INT)
XS, YS = t.var("xs", INTS), t.var("ys", INTS)
NIL, CONS = t.const("nil", INTS), t.const("cons", t.fun(t.INT, INTS, INTS))
ONE = literals.int_lit(1)
LONGER = t.app(CONS, X, XS)
FLAGS = t.list_of(t.BOOL)
LENGTH = t.var("length", t.fun(INTS, t.INT))  # any function of lists


def about(x: t.Term) -> tuple[t.Term, t.Term]:
    """P[x]: length x = n."""
    return t.app(LENGTH, x), N


PROVED: list[list[Any]] = [["assume", *about(NIL)], ["assume", *about(LONGER)]]


def test_the_rule_itself(attack: Callable[..., Any]) -> None:
    """What the others below change: a proof by induction; with the cases assumed, even this one is refused."""
    assert attack([*PROVED, ["listind", X, XS, *about(XS), 0, 1]]).agreed is None
    whole: list[list[Any]] = [["refl", NIL], ["refl", LONGER], ["listind", X, XS, XS, XS, 0, 1]]
    assert attack(whole).agreed == (t.digest(XS), t.digest(XS), 0)


WRONG: dict[str, list[list[Any]]] = {
    "the step is assumed": [["assume", *about(NIL)], ["assume", *about(LONGER)], ["listind", X, XS, *about(XS), 0, 1]],
    "the base is assumed of xs": [["assume", XS, NIL], ["refl", LONGER], ["listind", X, XS, XS, NIL, 0, 1]],
    "base and step are exchanged": [["refl", NIL], ["refl", LONGER], ["listind", X, XS, XS, XS, 1, 0]],
    "the base twice": [["refl", NIL], ["listind", X, XS, XS, XS, 0, 0]],
    "the step twice": [["refl", LONGER], ["listind", X, XS, XS, XS, 0, 0]],
    "a base of another list": [["refl", YS], ["refl", LONGER], ["listind", X, XS, XS, XS, 0, 1]],
    "a step for another element": [["refl", NIL], ["refl", t.app(CONS, Y, XS)], ["listind", X, XS, XS, XS, 0, 1]],
    "a step for one element": [["refl", NIL], ["refl", t.app(CONS, ONE, XS)], ["listind", X, XS, XS, XS, 0, 1]],
    "a step for another tail": [["refl", NIL], ["refl", t.app(CONS, X, YS)], ["listind", X, XS, XS, XS, 0, 1]],
    "a step two elements longer": [["refl", NIL], ["refl", t.app(CONS, X, LONGER)], ["listind", X, XS, XS, XS, 0, 1]],
    "the element in the statement": [["refl", t.tup(X, NIL)], ["refl", t.tup(X, LONGER)],
                                     ["listind", X, XS, t.tup(X, XS), t.tup(X, XS), 0, 1]],
    "the list for the element": [["refl", NIL], ["refl", LONGER], ["listind", XS, XS, XS, XS, 0, 1]],
    "the variables exchanged": [["refl", NIL], ["refl", LONGER], ["listind", XS, X, XS, XS, 0, 1]],
    "an element of another type": [["refl", NIL], ["refl", LONGER], ["listind", t.var("x", t.BOOL), XS, XS, XS, 0, 1]],
    "a constant for the list": [["refl", NIL], ["refl", LONGER], ["listind", X, NIL, XS, XS, 0, 1]],
    "a literal for the element": [["refl", NIL], ["refl", LONGER], ["listind", ONE, XS, XS, XS, 0, 1]],
    "lists of another type": [["refl", t.const("nil", FLAGS)], ["refl", LONGER], ["listind", X, XS, XS, XS, 0, 1]],
    "sides of different types": [["refl", NIL], ["refl", LONGER], ["listind", X, XS, XS, N, 0, 1]],
    "a hypothesis about another instance": [["assume", *about(NIL)], ["assume", *about(YS)],
                                            ["inst", [[YS, LONGER]], 1], ["listind", X, XS, *about(XS), 0, 2]],
    "the hypothesis with the list generalised": [
        ["refl", t.app(LENGTH, NIL)], ["assume", t.lam(XS, t.app(LENGTH, XS)), t.lam(XS, N)],
        ["listind", X, XS, *about(XS), 0, 1]],
    "a hypothesis of the base that holds the list": [
        ["assume", XS, NIL], ["refl", NIL], ["tuple", 1, 0], ["proj", 0, 2], ["refl", LONGER],
        ["listind", X, XS, XS, XS, 3, 4]],
    "a hypothesis of the step that holds the element": [
        ["assume", X, ONE], ["refl", LONGER], ["tuple", 1, 0], ["proj", 0, 2], ["refl", NIL],
        ["listind", X, XS, XS, XS, 4, 3]],
    "a step of no list": [["refl", NIL], ["refl", N], ["listind", X, XS, XS, XS, 0, 1]],
    "too few cases": [["refl", NIL], ["listind", X, XS, XS, XS, 0]],
    "its own conclusion": [["refl", NIL], ["listind", X, XS, XS, XS, 0, 1]],
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_induction_is_refused(what: str, attack: Callable[..., Any]) -> None:
    assert attack(WRONG[what]).agreed is None


OUT, V, P = t.var("o", t.outcome_of(t.INT)), t.var("v", t.INT), t.var("p", t.BOOL)
OK, TRAP, DIVERGE = apply("ok", V), t.const("trap", OUT.type), t.const("diverge", OUT.type)
TRUE, FALSE = t.const("true", t.BOOL), t.const("false", t.BOOL)
CASES: dict[str, list[list[Any]]] = {
    "the value in the conclusion": [["assume", OUT, OK], ["assume", OUT, OK], ["assume", OUT, OK],
                                    ["outcases", OUT, V, 0, 1, 2]],
    "the value in another hypothesis": [["assume", OUT, OK], ["assume", V, ONE], ["tuple", 0, 1], ["proj", 0, 2],
                                        ["outcases", OUT, V, 3, 3, 3]],
    "the value in the outcome": [["refl", N], ["outcases", OK, V, 0, 0, 0]],
    "different conclusions": [["refl", N], ["refl", V], ["outcases", OUT, V, 0, 1, 0]],
    "a conclusion and its reverse": [["assume", OUT, TRAP], ["sym", 0], ["outcases", OUT, V, 0, 1, 0]],
    "a value that is no variable": [["refl", N], ["outcases", OUT, ONE, 0, 0, 0]],
    "a value of another type": [["refl", N], ["outcases", OUT, P, 0, 0, 0]],
    "two cases of three": [["refl", N], ["outcases", OUT, V, 0, 0]],
    "both cases from true": [["assume", P, TRUE], ["assume", P, FALSE], ["boolcases", P, 0, 1]],
    "cases that conclude the condition": [["assume", P, TRUE], ["boolcases", P, 0, 0], ["abs", P, 1]],
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_a_wrong_case_analysis_is_refused(what: str, attack: Callable[..., Any]) -> None:
    assert attack(CASES[what]).agreed is None


def test_only_the_hypothesis_of_the_case_goes_away(attack: Callable[..., Any]) -> None:
    """p = true stays where the case of false used it."""
    for steps, left in (
        ([["assume", P, TRUE], ["boolcases", P, 0, 0]], 1),
        ([["assume", P, FALSE], ["boolcases", P, 0, 0]], 1),
        ([["assume", TRUE, P], ["boolcases", P, 0, 0]], 1),
        ([["assume", OUT, TRAP], ["outcases", OUT, V, 0, 0, 0]], 1),
        ([["assume", TRAP, OUT], ["outcases", OUT, V, 0, 0, 0]], 1),
        ([["assume", OUT, DIVERGE], ["outcases", OUT, V, 0, 0, 0]], 1),
    ):
        assert attack(steps).agreed[2] == left


def test_0_is_not_1_by_contradictory_cases(attack: Callable[..., Any]) -> None:
    """From p = true and p = false: true = false, under both; case analysis takes away one in each case only."""
    both: list[list[Any]] = [["assume", P, TRUE], ["sym", 0], ["assume", P, FALSE], ["trans", 1, 2]]
    assert attack([*both, ["boolcases", P, 3, 3]]).agreed[2] == 2
    assert attack([*both, ["boolcases", TRUE, 3, 3]]).agreed[2] == 2
