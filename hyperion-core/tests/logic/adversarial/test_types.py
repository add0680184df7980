"""Only type variables are instantiated, and no value is taken for one of another type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.kernel import RuleError
from hyperion.logic.terms import TermError

A, B = t.type_variable("'a"), t.type_variable("'b")
X, Y, N = t.var("x", A), t.var("y", A), t.var("x", t.INT)
ONE = literals.int_lit(1)
BASE = [
    "bool",
    "int",
    "real",
    "i8",
    "i64",
    "u8",
    "f32",
    "f64",
    "bf16",
    "c64",
    "fun",
    "list",
    "prod",
    "outcome",
    "ext:a.b",
]


@pytest.mark.parametrize(
    "name", [*BASE, "", "'", "a", "' a", "'a b", "'a'", "A", "'a)", "(list int)", "con", "\u2032a"]
)
def test_nothing_but_a_type_variable_is_instantiated(name: str, attack: Callable[..., Any]) -> None:
    answers = attack([["refl", N], ["insttype", [[name, t.BOOL]], 0]])
    assert not answers.checker["ok"] or name == "'a'"
    if answers.theorem:  # the kernel lets a name pass that no type variable can have: it changes nothing
        assert name.startswith("'")
        assert answers.theorem.left is N
    if name in BASE:
        with pytest.raises(RuleError):
            kernel.inst_type({name: t.BOOL}, kernel.refl(N))


@pytest.mark.parametrize(
    "row",
    [["var", "int"], ["var", "a"], ["con", "'a"], ["con", "'int"], ["con", "int", 0], ["con", "fun", 0],
     ["con", "prod", 0], ["con", "array1", 0], ["con", "array65", 0], ["con", "array02", 0], ["con", "i7"],
     ["con", "u128"], ["con", "f8"], ["con", "ext:"], ["con", "ext:a b"], ["con", "ext:a", 0], ["con", "ext:\u00e9"],
     ["con", "ext:a\n"], ["con", "INT"], ["con", "int "], ["con", ""], ["con", 1], ["con", ["int"]], ["var", "'a b"],
     ["var", "'"], ["var", ""], ["con", "fun", 0, 1], ["con", "fun", 0, -1], ["con", "fun", 0, True], ["con", "list"],
     ["con", "fun", 0, 0.0], ["con", "fun", 0, "0"], ["typ", "int"], [["con"], "int"], ["con"], [], ["var", "'a", 0]],
)  # fmt: skip
def test_a_type_is_what_the_grammar_says(row: list[Any], attack: Callable[..., Any]) -> None:
    rows = {"format": "hyperion-proof", "version": 1, "types": [["con", "int"], row], "terms": [["K", 0, "1"]]}
    assert attack(rows | {"steps": [["refl", 0]]}).agreed is None


def test_type_variables_are_exchanged_at_once(attack: Callable[..., Any]) -> None:
    """One after the other would make both the same."""
    pair = t.tup(X, t.var("z", B))
    swapped = attack([["refl", pair], ["insttype", [["'a", B], ["'b", A]], 0]]).agreed
    assert swapped[0] == t.digest(t.tup(t.var("x", B), t.var("z", A)))
    assert attack([["refl", pair], ["insttype", [["'a", B], ["'a", A]], 0]]).checker["ok"] is False


def test_a_hypothesis_is_instantiated_with_the_conclusion(attack: Callable[..., Any]) -> None:
    steps: list[list[Any]] = [["assume", X, Y], ["insttype", [["'a", t.INT]], 0]]
    assert attack(steps).agreed == (t.digest(N), t.digest(t.var("y", t.INT)), 1)
    assert attack([*steps, ["refl", X], ["cut", 2, 1]]).agreed is None
    # The eigenvariable of `abs` is the one of its type: x : int is free in the hypothesis now.
    assert attack([*steps, ["abs", N, 1]]).agreed is None
    assert attack([*steps, ["abs", X, 1]]).agreed is not None


def test_variables_of_one_name_and_two_types_are_two(attack: Callable[..., Any]) -> None:
    flag = t.var("x", t.BOOL)
    assert attack([["refl", N], ["refl", flag], ["trans", 0, 1]]).agreed is None
    assert attack([["refl", N], ["inst", [[flag, ONE]], 0]]).agreed is None
    kept = attack([["refl", t.tup(N, flag)], ["inst", [[N, ONE]], 0]]).agreed
    assert kept[0] == t.digest(t.tup(ONE, flag))
    bound = t.lam(N, flag)
    assert flag in bound.free


INT_INT = t.fun(t.INT, t.INT)
F, PAIR = t.var("f", INT_INT), t.var("p", t.type_of("prod", t.INT, t.BOOL))
CONFUSED: dict[str, tuple[list[list[Any]], list[list[Any]]]] = {
    # rows of types: 0 int, 1 bool, 2 int -> int, 3 (int, bool), 4 list int, 5 outcome int
    "a function of another type's value": ([["V", "f", 2], ["C", "true", 1], ["A", 0, 1]], [["refl", 2]]),
    "an integer as a function": ([["V", "n", 0], ["V", "m", 0], ["A", 0, 1]], [["refl", 2]]),
    "a binder that changes its variable's type": ([["B", 0, 0], ["L", 1, 0]], [["refl", 1]]),
    "a binder two above that changes it": ([["B", 1, 0], ["L", 0, 0], ["L", 1, 1]], [["refl", 2]]),
    "one bound variable of two types": ([["B", 0, 0], ["B", 0, 1], ["T", 0, 1], ["L", 0, 2]], [["refl", 3]]),
    "a component that is not there": ([["V", "p", 3], ["P", 2, 0]], [["refl", 1]]),
    "a component below the first": ([["V", "p", 3], ["P", -1, 0]], [["refl", 1]]),
    "a component of a list": ([["V", "xs", 4], ["P", 0, 0]], [["refl", 1]]),
    "a component by truth value": ([["V", "p", 3], ["P", True, 0]], [["refl", 1]]),
    "a tuple of one": ([["V", "n", 0], ["T", 0]], [["refl", 1]]),
    "true as an integer": ([["C", "true", 0]], [["refl", 0]]),
    "add of truth values": ([["C", "add", 2]], [["refl", 0]]),
    "nil as an integer": ([["C", "nil", 0]], [["refl", 0]]),
    "a list's constructor for an outcome": ([["C", "nil", 5]], [["refl", 0]]),
    "a trap as a list": ([["C", "trap", 4]], [["refl", 0]]),
    "a literal of truth": ([["K", 1, "1"]], [["refl", 0]]),
    "a literal of a list": ([["K", 4, "1"]], [["refl", 0]]),
    "sides of different types": ([["V", "n", 0], ["V", "b", 1]], [["assume", 0, 1]]),
    "cases of an integer": ([["V", "n", 0]], [["refl", 0], ["boolcases", 0, 0, 0]]),
    "cases of a list as an outcome": ([["V", "xs", 4], ["V", "v", 0]], [["refl", 0], ["outcases", 0, 1, 0, 0, 0]]),
    "an outcome of another type": ([["V", "o", 5], ["V", "b", 1]], [["refl", 0], ["outcases", 0, 1, 0, 0, 0]]),
    "an instance of another type": ([["V", "n", 0], ["C", "true", 1]], [["refl", 0], ["inst", [[0, 1]], 0]]),
    "a bound variable as a term": ([["B", 0, 0]], [["refl", 0]]),
    "a bound variable in an instance": ([["V", "n", 0], ["B", 0, 0]], [["refl", 0], ["inst", [[0, 1]], 0]]),
    "an opaque operation at two types": (
        [["C", "op:f", 0], ["C", "op:f", 1]], [["refl", 0], ["refl", 1], ["trans", 0, 1]]),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFUSED)
def test_type_confusion_is_refused(name: str, attack: Callable[..., Any]) -> None:
    terms, steps = CONFUSED[name]
    types: list[list[Any]] = [["con", "int"], ["con", "bool"], ["con", "fun", 0, 0], ["con", "prod", 0, 1],
                              ["con", "list", 0], ["con", "outcome", 0]]  # fmt: skip
    rows = {"format": "hyperion-proof", "version": 1, "types": types, "terms": terms, "steps": steps}
    assert attack(rows).agreed is None


def test_the_constructors_of_terms_check_types() -> None:
    for make in (
        lambda: t.app(F, kernel.TRUE), lambda: t.app(ONE, ONE), lambda: t.proj(2, PAIR), lambda: t.proj(0, ONE),
        lambda: t.const("add", INT_INT), lambda: t.tup(ONE), lambda: t.bound(-1, t.INT), lambda: t.lam(ONE, ONE),
        lambda: t.open_binder(t.lam(N, N), kernel.TRUE), lambda: t.type_of("fun", t.INT), lambda: t.type_variable("a"),
    ):  # fmt: skip
        with pytest.raises(TermError):
            make()
