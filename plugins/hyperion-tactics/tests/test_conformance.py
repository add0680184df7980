"""Every tactic passes the suite that every tactic must pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyperion.interfaces.tactic import Tactic
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.testing import TacticConformance
from hyperion_tactics import cases, plugin
from hyperion_tactics.combinators import first, repeat, skip, then, try_
from hyperion_tactics.conversions import bottomup, on_sides
from hyperion_tactics.proving import attempt
from hyperion_tactics.rewriting import by, compute, from_hypotheses, rewrite, unfold
from hyperion_tactics.ring import polynomial
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.saturation import Limits, equality_saturation
from hyperion_tactics.simplifier import simplify
from hyperion_tactics.structural import congruence, exact, reflexivity, symmetry, transitivity

LAWS = ("add.comm", "add.zero", "mul.add")
RULES = RuleSet.of({name: k.axiom(f"int.{name}") for name in LAWS})
XS = t.var("xs", t.list_of(t.INT))

TACTICS: dict[str, Callable[[], Tactic]] = {
    **plugin.hyperion_tactics(),
    "bool_cases": lambda: cases.bool_cases(t.var("p", t.BOOL)),
    "outcome_cases": lambda: cases.outcome_cases(t.var("o", t.outcome_of(t.INT))),
    "list_induction": lambda: cases.list_induction(XS),
    "nat_induction": lambda: cases.nat_induction(t.var("n", t.NAT)),
    "absurd": lambda: cases.absurd,
    "polynomial": lambda: polynomial,
    "rewrite": lambda: rewrite(k.axiom("int.add.comm")),
    "rewrite with a condition": lambda: rewrite(k.axiom("int.le.antisym")),
    "from_hypotheses": lambda: from_hypotheses,
    "unfold": lambda: unfold("map"),
    "compute": lambda: compute,
    "simplify": lambda: simplify(RULES),
    "bottomup": lambda: on_sides(bottomup(by(k.axiom("int.add.comm")))),
    "saturation": lambda: equality_saturation(RULES, Limits(terms=300)),
    "exact": lambda: exact(k.axiom("int.add.comm")),
    "transitivity": lambda: transitivity(t.var("z", t.INT)),
    "combined": lambda: repeat(first(reflexivity, then(try_(symmetry), congruence), skip), 5),
}


@pytest.mark.parametrize("name", sorted(TACTICS))
class TestTactics(TacticConformance):
    @pytest.fixture(autouse=True)
    def _named(self, name: str) -> None:
        self._name = name

    def make(self) -> Tactic:
        tactic = TACTICS[self._name]()
        return lambda goal: attempt(tactic, goal)
