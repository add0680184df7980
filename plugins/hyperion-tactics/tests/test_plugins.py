"""Tactics by name, and how a third party adds a tactic and a theory whose theorems it proves and uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType

import pytest

import hyperion as hp
from hyperion.cost import LINEAR
from hyperion.evidence import Policy, judge
from hyperion.hookspecs import hookimpl
from hyperion.interfaces.strategy import Candidate, Refusal, Strategy
from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.interfaces.theory import Record, Theory
from hyperion.ir.function import Function
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic import theory
from hyperion.logic.checking import check
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.kernel import Theorem
from hyperion.pipeline import with_main
from hyperion_tactics import plugin
from hyperion_tactics.arithmetic import arithmetic
from hyperion_tactics.combinators import complete, first, repeat, then, try_
from hyperion_tactics.proving import Unproved, prove
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.simplifier import simplify
from hyperion_tactics.structural import congruence, extensionality
from hyperion_tactics.words import wrapping

A, B, C = (t.var(name, t.INT) for name in "abc")


OWNER = "acme-distances"
TEXT = """
(const acme-distances:dist (fun int int int))
(axiom acme-distances:dist.def ((a int) (b int)) () (= (acme-distances:dist a b) (abs (sub a b))))
"""
DEFINITION = f"{OWNER}:dist.def"


def dist(a: t.Term, b: t.Term) -> t.Term:
    return apply(f"{OWNER}:dist", a, b)


def by_distances(goal: Goal) -> Progress:
    """The tactic: distances are unfolded by the axiom of the theory, and the rest is arithmetic."""
    unfolded = simplify(RuleSet.of({DEFINITION: k.axiom(DEFINITION)}), hypotheses=False)
    return then(try_(unfolded), complete(arithmetic))(goal)


class Distances:
    """The theory: an axiom of its own, and laws that the tactic proves when they are asked for."""

    name = "distances"
    axioms: Mapping[str, str] = {DEFINITION: "cases of a constructor"}
    records: Mapping[str, Record] = {DEFINITION: Record("definition", "cases of a constructor")}
    axiom_text = TEXT

    def theorems(self) -> Mapping[str, Callable[[], Theorem]]:
        return {
            "symmetric": lambda: prove(Goal(frozenset(), dist(A, B), dist(B, A)), by_distances),
            "triangle": lambda: prove(
                Goal(frozenset(), apply("le", dist(A, C), apply("add", dist(A, B), dist(B, C))), TRUE), by_distances
            ),
        }


@pytest.fixture
def third_party() -> ModuleType:
    module = ModuleType("acme_distances_plugin")
    module.HYPERION_API = (1, 0)  # type: ignore[attr-defined]

    @hookimpl
    def hyperion_theories() -> Mapping[str, Callable[[], Theory]]:
        return {"distances": Distances}

    @hookimpl
    def hyperion_tactics() -> Mapping[str, Callable[[], Tactic]]:
        return {"distances": lambda: by_distances}

    module.hyperion_theories = hyperion_theories  # type: ignore[attr-defined]
    module.hyperion_tactics = hyperion_tactics  # type: ignore[attr-defined]
    return module


def test_a_third_party_adds_a_tactic_and_a_theory(third_party: ModuleType) -> None:
    theory.admit(OWNER, TEXT)  # as an Instance does whose configuration names the distribution
    with hp.Instance(plugins=["tactics", third_party]) as instance:
        tactics = instance.tactics()
        laws = instance.theories()["distances"].theorems()
    for law in laws.values():
        checked = check(law())
        assert DEFINITION in checked.axioms
        assert checked.theories == {OWNER}
    wanted = Goal(frozenset({(A, C)}), apply("neg", dist(A, B)), apply("neg", dist(B, C)))
    check(prove(wanted, first(tactics["ring"], then(tactics["congruence"], tactics["distances"]))))
    with pytest.raises(Unproved):
        prove(Goal(frozenset(), dist(A, B), A), tactics["distances"])


PRODUCTS = """
func @f(%x: i64, %y: i64, %z: i64) -> i64 {
  %a = mul.wrap %x, %y : i64
  %b = mul.wrap %z, %x : i64
  %c = add.wrap %a, %b : i64
  return %c
}
"""
FACTORED = """
func @f(%x: i64, %y: i64, %z: i64) -> i64 {
  %a = add.wrap %y, %z : i64
  %c = mul.wrap %x, %a : i64
  return %c
}
"""


class Factoring:
    """A strategy that knows one function and its factored form, which it proves by tactics."""

    name = "factoring"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        factored = parse_program(FACTORED).main
        goal = Goal(frozenset(), denote(function), denote(factored))
        try:
            theorem = prove(goal, then(repeat(extensionality), congruence, wrapping))
        except Unproved as error:
            yield Refusal(self.name, error.message)
        else:
            yield Candidate(self.name, factored, theorem, LINEAR, parallel=False, summary="x*y + z*x = x*(y + z)")


def test_a_third_party_adds_a_strategy_that_proves_by_tactics() -> None:
    module = ModuleType("factoring_plugin")
    module.HYPERION_API = (1, 0)  # type: ignore[attr-defined]

    @hookimpl
    def hyperion_strategies() -> Mapping[str, Callable[[], Strategy]]:
        return {"factoring": Factoring}

    module.hyperion_strategies = hyperion_strategies  # type: ignore[attr-defined]
    program, other = parse_program(PRODUCTS), parse_program(PRODUCTS.replace("%z, %x", "%z, %z"))
    with hp.Instance(plugins=[module]) as instance:
        (found,) = instance.strategies()["factoring"].derive(program.main)
        (refused,) = instance.strategies()["factoring"].derive(other.main)
    assert isinstance(found, Candidate)
    assert judge(program, with_main(program, found.function), found.theorem, Policy()).checked
    assert isinstance(refused, Refusal)
    assert "different polynomials" in refused.reason


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
    module.HYPERION_API = (1, 0)  # type: ignore[attr-defined]

    @hookimpl
    def hyperion_tactics() -> Mapping[str, Callable[[], object]]:
        return {"no": lambda: 7}

    module.hyperion_tactics = hyperion_tactics  # type: ignore[attr-defined]
    with hp.Instance(plugins=[module]) as instance:
        assert instance.tactics() == {}
        (status,) = [p for p in instance.plugins if p.name == "wrong"]
    assert status.state == "failed"
    assert "is no Tactic: it lacks" in status.reason
