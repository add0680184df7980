"""A definition is closed, hides no type variable, and its name says what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hyperion.logic import kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.kernel import RuleError
from hyperion.logic.terms import Term

A = t.type_variable("'a")
N, X = t.var("n", t.INT), t.var("x", A)
ZERO, ONE = literals.int_lit(0), literals.int_lit(1)
LENGTH = t.app(t.const("listrec", t.fun(t.INT, t.fun(A, t.list_of(A), t.INT, t.INT), t.list_of(A), t.INT)), ZERO)

HIDDEN: dict[str, Term] = {
    "a free variable": N,
    "a free variable below a binder": t.lam(X, N),
    "a variable that shadows a bound one": t.app(t.lam(N, N), N),
    "the type of a bound variable that is applied away": t.app(t.lam(X, ONE), t.const("op:some", A)),
    "the type of an empty list": t.app(t.lam(t.var("xs", t.list_of(A)), ONE), t.const("nil", t.list_of(A))),
    "the type of a trap": t.app(t.lam(t.var("o", t.outcome_of(A)), ONE), t.const("trap", t.outcome_of(A))),
    "the type of a component": t.proj(0, t.tup(ONE, t.const("nil", t.list_of(A)))),
    "the type of a constant alone": t.app(t.const("op:size", t.fun(A, t.INT)), t.const("op:some", A)),
    "the type of a length": t.app(LENGTH, t.const("op:step", t.fun(A, t.list_of(A), t.INT, t.INT)),
                                  t.const("nil", t.list_of(A))),
}  # fmt: skip


@pytest.mark.parametrize("what", HIDDEN)
def test_nothing_is_hidden_in_a_definition(what: str, attack: Callable[..., Any]) -> None:
    """If `c : int` may be the size of a hidden type, instances of it make two integers equal."""
    assert attack([["define", "c", HIDDEN[what]]]).agreed is None
    with pytest.raises(RuleError):
        kernel.define("c", HIDDEN[what])


@pytest.mark.parametrize(
    "label",
    ["", " ", "a b", "a\n", "a@b", "fold@0", "op:f", "ext:a", "a(b)", "'a", "a" * 41, "\u00e9", "a\x00", 1, None,
     ["a"]],
)  # fmt: skip
def test_a_label_is_a_plain_word(label: Any, attack: Callable[..., Any]) -> None:
    assert attack([["define", label, ONE]]).agreed is None


def test_one_label_names_two_terms_apart(attack: Callable[..., Any]) -> None:
    one, zero = kernel.define("c", ONE), kernel.define("c", ZERO)
    assert one.left is not zero.left
    assert attack([["define", "c", ONE], ["define", "c", ZERO], ["sym", 0], ["trans", 2, 1]]).agreed is None


@pytest.mark.parametrize(
    "digest", ["", "0" * 64, t.digest(ZERO), t.digest(ONE).upper(), t.digest(ONE)[:-1], t.digest(ONE) + "0"]
)
def test_a_name_with_another_digest_is_another_constant(digest: str, attack: Callable[..., Any]) -> None:
    forged = t.const(f"c@{digest}", t.INT)
    assert attack([["define", "c", ONE], ["refl", forged], ["trans", 1, 0]]).agreed is None
    assert attack([["refl", forged]]).agreed == (t.digest(forged), t.digest(forged), 0)  # of which nothing is known


def test_a_defined_name_at_another_type_is_another_constant(attack: Callable[..., Any]) -> None:
    name = kernel.define("c", ONE).left.name
    for other in (t.BOOL, A, t.list_of(t.INT), t.type_of("i64")):
        twin = t.const(name, other)
        assert attack([["define", "c", ONE], ["refl", twin], ["trans", 1, 0]]).agreed is None
        if other is not A:
            assert attack([["refl", t.const(name, A)], ["insttype", [["'a", other]], 0]]).agreed[0] == t.digest(twin)


def test_instances_of_a_polymorphic_definition_stay_apart(attack: Callable[..., Any]) -> None:
    empty = t.lam(X, t.const("nil", t.list_of(A)))
    th = kernel.define("empty", empty)
    at = {ty: attack([["define", "empty", empty], ["insttype", [["'a", ty]], 0]]).agreed for ty in (t.INT, t.BOOL)}
    assert at[t.INT][0] != at[t.BOOL][0]
    assert th.left.name in {u.name for u in t.subterms(kernel.inst_type({"'a": t.INT}, th).left)}
    steps: list[list[Any]] = [
        ["define", "empty", empty],
        ["insttype", [["'a", t.INT]], 0],
        ["insttype", [["'a", t.BOOL]], 0],
    ]
    assert attack([*steps, ["sym", 1], ["trans", 3, 2]]).agreed is None


def test_a_definition_cannot_speak_of_itself(attack: Callable[..., Any]) -> None:
    """Its name holds the hash of its right side: c = not c would need a fixed point of sha256."""
    negation = t.const("not", t.SIGNATURE["not"])
    guess = t.const("c@" + "0" * 64, t.BOOL)
    body = t.app(negation, guess)
    th = kernel.define("c", body)
    assert th.left is not guess
    assert attack([["define", "c", body], ["refl", guess], ["trans", 1, 0]]).agreed is None
