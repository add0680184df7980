"""Every search asks for the time: goals that take long end at the limit, and say so."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from hyperion.interfaces.tactic import Goal, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term
from hyperion_tactics.arithmetic import arithmetic, by_splits, connectives
from hyperion_tactics.commutative import ac_rules
from hyperion_tactics.conversions import lambda_normal, on_sides
from hyperion_tactics.linear import linear
from hyperion_tactics.proving import Unproved, prove
from hyperion_tactics.ring import ring
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.saturation import Limits, equality_saturation
from hyperion_tactics.simplifier import Limits as Steps
from hyperion_tactics.simplifier import simplify

A, B, C = (t.var(name, t.INT) for name in "abc")


def folded(op: str, items: list[Term]) -> Term:
    total = items[0]
    for x in items[1:]:
        total = apply(op, total, x)
    return total


def many(count: int, ty: t.Ty = t.INT) -> list[Term]:
    return [t.var(f"x{i}", ty) for i in range(count)]


def shuffled(items: list[Term]) -> list[Term]:
    return Random(1).sample(items, len(items))


def powers() -> tuple[Goal, Tactic]:
    total = folded("add", [A, B, C])
    return Goal(frozenset(), folded("mul", [total] * 60), A), ring


def truths() -> tuple[Goal, Tactic]:
    ps = many(30, t.BOOL)
    return Goal(frozenset(), folded("xor", ps), folded("xor", ps[::-1])), by_splits(connectives(), None, 30)


def sorting() -> tuple[Goal, Tactic]:
    rules = ac_rules("add", k.axiom("int.add.assoc"), k.axiom("int.add.comm"))
    goal = Goal(frozenset(), folded("add", many(400)), folded("add", shuffled(many(400))))
    return goal, simplify(rules, Steps(steps=10**9, size=10**9))


def elimination() -> tuple[Goal, Tactic]:
    chance = Random(2)
    lines = [
        (
            apply("le", folded("add", [apply("mul", literals.int_lit(chance.randint(-9, 9)), x) for x in many(30)]), A),
            TRUE,
        )
        for _ in range(60)
    ]
    return Goal(frozenset(lines), apply("le", A, B), TRUE), linear


def distances() -> tuple[Goal, Tactic]:
    sizes = [apply("abs", x) for x in many(12)]
    return Goal(frozenset(), apply("le", apply("abs", folded("add", many(12))), folded("add", sizes)), TRUE), arithmetic


def saturation() -> tuple[Goal, Tactic]:
    rules = RuleSet.of({name: k.axiom(f"int.{name}") for name in ("add.comm", "add.assoc")})
    limits = Limits(terms=10**9, iterations=10**9, seconds=1e9, matches=10**9)
    return Goal(frozenset(), folded("add", many(14)), A), equality_saturation(rules, limits)


def reduction() -> tuple[Goal, Tactic]:
    """Church numerals: twice of twice of .. of a function."""
    ty = t.INT
    f = t.var("f", t.fun(t.INT, t.INT))
    x: Term = f
    for _ in range(22):
        g, v = t.var("g", t.fun(ty, ty)), t.var("v", ty)
        twice = t.lam(g, t.lam(v, t.app(g, t.app(g, v))))
        x = t.app(twice, x)
    return Goal(frozenset(), t.app(x, A), A), on_sides(lambda_normal)


@pytest.mark.parametrize(
    "problem", [powers, truths, sorting, elimination, distances, saturation, reduction], ids=lambda f: f.__name__
)
def test_a_search_that_takes_long_is_cut(problem: Callable[[], tuple[Goal, Tactic]]) -> None:
    goal, tactic = problem()
    with pytest.raises(Unproved, match=r"no proof within 0\.2 seconds"):
        prove(goal, tactic, time_limit=0.2)
