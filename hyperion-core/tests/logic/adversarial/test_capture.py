"""Substitution never captures: what goes below a binder keeps its meaning, whatever names say."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import beta_spine
from hyperion.testing.denotation import Machine

X, Y, Z = (t.var(n, t.INT) for n in "xyz")
F = t.var("f", t.fun(t.INT, t.INT))
ONE, TWO = literals.int_lit(1), literals.int_lit(2)
MINUS = t.lams((X, Y), apply("sub", X, Y))


def test_an_instance_is_not_captured(attack: Callable[..., Any]) -> None:
    """(\\x. y) at y := x is the constant function x, not the identity."""
    constant = t.lam(X, Y)
    said = attack([["refl", constant], ["inst", [[Y, X]], 0]]).agreed
    assert said[0] == t.digest(t.lam(Z, X)) != t.digest(t.lam(X, X))
    assert attack([["refl", constant], ["inst", [[Y, X]], 0], ["refl", t.lam(X, X)], ["trans", 1, 2]]).agreed is None


def test_an_argument_is_not_captured(attack: Callable[..., Any]) -> None:
    """(\\x. \\y. x - y) y is \\z. y - z."""
    redex = t.app(MINUS, Y)
    said = attack([["beta", redex]]).agreed
    assert said[1] == t.digest(t.lam(Z, apply("sub", Y, Z))) != t.digest(t.lam(Y, apply("sub", Y, Y)))


def test_instances_are_put_in_at_once(attack: Callable[..., Any]) -> None:
    difference = apply("sub", X, Y)
    said = attack([["refl", difference], ["inst", [[X, Y], [Y, X]], 0]]).agreed
    assert said[0] == t.digest(apply("sub", Y, X))
    assert attack([["refl", difference], ["inst", [[X, Y], [X, Z]], 0]]).checker["ok"] is False


def test_a_hypothesis_holds_a_variable(attack: Callable[..., Any]) -> None:
    """From x = 1 it does not follow that every x is 1."""
    steps: list[list[Any]] = [["assume", X, ONE], ["abs", X, 0]]
    assert attack(steps).agreed is None
    assert attack([["assume", X, ONE], ["refl", X], ["trans", 1, 0], ["abs", X, 2]]).agreed is None
    assert attack([["assume", X, ONE], ["tuple", 0, 0], ["proj", 1, 1], ["abs", X, 2]]).agreed is None
    moved = attack([["assume", X, ONE], ["inst", [[X, Y]], 0], ["abs", Y, 1]])
    assert moved.agreed is None
    assert (
        attack([["assume", X, ONE], ["inst", [[X, Y]], 0], ["abs", X, 1]]).agreed is not None
    )  # y = 1 |- \\x. y = \\x. 1


def test_eta_needs_a_function_without_the_variable(attack: Callable[..., Any]) -> None:
    g = t.var("g", t.fun(t.INT, t.INT, t.INT))
    for wrong in (t.lam(X, t.app(g, X, X)), t.lam(X, t.app(t.lam(Y, X), X)), t.lam(X, t.app(F, Y)), t.lam(X, X), F,
                  t.lam(X, t.app(F, apply("add", X, ONE))), t.lams((X, Y), t.app(F, X))):  # fmt: skip
        assert attack([["eta", wrong]]).agreed is None
    assert attack([["eta", t.lam(X, t.app(F, X))]]).agreed[1] == t.digest(F)


def test_bound_variables_have_no_names(attack: Callable[..., Any]) -> None:
    assert t.lam(X, X) is t.lam(Y, Y)
    assert t.lams((X, Y), X) is t.lams((Y, X), Y) is not t.lams((X, Y), Y)
    assert t.lams((X, X), X) is t.lams((Y, X), X)  # the inner one binds
    assert attack([["refl", t.lams((X, X), X)], ["refl", t.lams((X, Y), X)], ["trans", 0, 1]]).agreed is None


@pytest.mark.parametrize("index", [0, 1, 2, 5, 1 << 19])
def test_a_loose_index_is_no_term(index: int, attack: Callable[..., Any]) -> None:
    rows: dict[str, Any] = {"format": "hyperion-proof", "version": 1, "types": [["con", "int"]]}
    assert attack(rows | {"terms": [["B", index, 0]], "steps": [["refl", 0]]}).agreed is None
    assert attack(rows | {"terms": [["B", index + 1, 0], ["L", 0, 0]], "steps": [["refl", 1]]}).agreed is None
    inside = [["B", index, 0], ["V", "x", 0], ["L", 0, 1], ["A", 2, 0]]  # the argument of a redex is loose
    assert attack(rows | {"terms": inside, "steps": [["beta", 3]]}).agreed is None


def test_an_induction_variable_cannot_be_captured(attack: Callable[..., Any]) -> None:
    xs = t.var("xs", t.list_of(t.INT))
    statement = t.lam(xs, t.tup(xs, t.var("xs", t.INT)))
    said = attack([["refl", statement], ["inst", [[t.var("xs", t.INT), X]], 0]]).agreed
    assert said[0] == t.digest(t.lam(xs, t.tup(xs, X)))


def test_random_nests_of_binders_reduce_to_what_they_compute(attack: Callable[..., Any]) -> None:
    """500 redexes whose arguments hold the names that the binders have: beta steps give what running gives."""
    random, names = Random(4), [X, Y, Z]

    def term(depth: int) -> t.Term:
        if depth == 0:
            return random.choice([*names, ONE, TWO])
        if random.random() < 0.6:
            v = random.choice(names)
            return t.app(t.lam(v, term(depth - 1)), term(depth - 1))
        return apply(random.choice(["sub", "add"]), term(depth - 1), term(depth - 1))

    machine, values = Machine(lambda _, given: given), (5, 70, 900)
    for _ in range(500):
        x = t.app(t.lams((X, Y), term(3)), term(2), term(2))
        th = beta_spine(x)
        before, after = (machine.run(t.lams((X, Y, Z), side), *values) for side in (th.left, th.right))
        assert before == after
        assert attack([["beta", x.function]]).agreed is not None
    assert kernel.beta(t.app(t.lam(X, t.lam(Y, X)), Y)).right is t.lam(Z, Y)
