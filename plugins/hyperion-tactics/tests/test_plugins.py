"""Tactics by name, and how a third party adds a tactic and a theory whose theorems it proves and uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType

import pytest

import hyperion as hp
from hyperion.hookspecs import hookimpl
from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.interfaces.theory import Record, Theory
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion_tactics import plugin
from hyperion_tactics.arithmetic import arithmetic
from hyperion_tactics.combinators import first, then
from hyperion_tactics.proving import prove
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.simplifier import simplify

A, B = t.var("a", t.INT), t.var("b", t.INT)


def clamp(x: t.Term) -> t.Term:
    return apply("max", A, apply("min", x, apply("add", A, A)))


def clamped_twice() -> Theorem:
    """The law of the theory below, which it proves by a tactic of hyperion-tactics."""
    return prove(Goal(frozenset(), clamp(clamp(B)), clamp(B)), arithmetic)


class Clamping:
    """A theory without axioms of its own: a law about max and min, proved when it is asked for."""

    name = "clamping"
    axioms: Mapping[str, str] = {}
    records: Mapping[str, Record] = {}
    axiom_text = ""

    def theorems(self) -> Mapping[str, Callable[[], Theorem]]:
        return {"clamped twice": clamped_twice}


def by_clamping(goal: Goal) -> Progress:
    """A tactic: rewriting with the law of the theory."""
    law = Clamping().theorems()["clamped twice"]()
    return simplify(RuleSet.of({"clamped twice": law}))(goal)


@pytest.fixture
def third_party() -> ModuleType:
    module = ModuleType("clamping_plugin")
    module.HYPERION_API = (0, 1)  # type: ignore[attr-defined]

    @hookimpl
    def hyperion_theories() -> Mapping[str, Callable[[], Theory]]:
        return {"clamping": Clamping}

    @hookimpl
    def hyperion_tactics() -> Mapping[str, Callable[[], Tactic]]:
        return {"clamp": lambda: by_clamping}

    module.hyperion_theories = hyperion_theories  # type: ignore[attr-defined]
    module.hyperion_tactics = hyperion_tactics  # type: ignore[attr-defined]
    return module


def test_a_third_party_adds_a_tactic_and_a_theory(third_party: ModuleType) -> None:
    with hp.Instance(plugins=["tactics", third_party]) as instance:
        tactics = instance.tactics()
        law = instance.theories()["clamping"].theorems()["clamped twice"]()
    check(law)
    x = apply("neg", clamp(clamp(apply("mul", B, B))))
    wanted = Goal(frozenset(), x, apply("neg", clamp(apply("mul", B, B))))
    check(prove(wanted, first(tactics["reflexivity"], tactics["clamp"])))


def test_every_registered_tactic_is_found() -> None:
    with hp.Instance(plugins=["tactics"]) as instance:
        found = instance.tactics()
    assert found.keys() == plugin.hyperion_tactics().keys()
    same = Goal(frozenset({(A, B)}), A, B)
    check(prove(same, then(found["symmetry"], found["assumption"])))
    check(prove(same, found["congruence_closure"]))
    check(prove(Goal(frozenset(), apply("sub", A, A), apply("mul", A, apply("sub", B, B))), found["ring"]))


def test_a_tactic_that_is_none_is_refused() -> None:
    module = ModuleType("wrong")
    module.HYPERION_API = (0, 1)  # type: ignore[attr-defined]

    @hookimpl
    def hyperion_tactics() -> Mapping[str, Callable[[], object]]:
        return {"no": lambda: 7}

    module.hyperion_tactics = hyperion_tactics  # type: ignore[attr-defined]
    with hp.Instance(plugins=[module]) as instance:
        assert instance.tactics() == {}
        (status,) = [p for p in instance.plugins if p.name == "wrong"]
    assert status.state == "failed"
    assert "is no Tactic: it lacks" in status.reason
