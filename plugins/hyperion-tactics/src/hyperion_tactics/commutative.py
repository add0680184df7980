"""Associative and commutative operations: their rewrite rules."""

from __future__ import annotations

from hyperion.logic import kernel as k
from hyperion.logic.derived import NoProof, chain
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import matching
from hyperion_tactics.rules import RuleSet, rule


def ac_rules(name: str, assoc: Theorem, comm: Theorem) -> RuleSet:
    """Rules that sort: (x.y).z = x.(y.z), x.y = y.x and x.(y.z) = y.(x.z), the last two by ordered rewriting."""
    every = {f"{name}.assoc": assoc, f"{name}.comm": comm, f"{name}.left-comm": left_commutative(assoc, comm)}
    return RuleSet(rule(each, theorem) for each, theorem in every.items())


def left_commutative(assoc: Theorem, comm: Theorem) -> Theorem:
    """From (x.y).z = x.(y.z) and x.y = y.x: x.(y.z) = y.(x.z)."""
    swapped = _instance(comm, assoc.left.function.argument)  # x.y = y.x
    moved = k.app(k.app(k.refl(assoc.left.function.function), swapped), k.refl(assoc.left.argument))
    return chain(k.sym(assoc), moved, _instance(assoc, moved.right))


def _instance(theorem: Theorem, x: Term) -> Theorem:
    found = matching.at(theorem, x, _hypothetical(theorem))
    if found is None:
        raise NoProof("the laws are about different operations")
    return found


def _hypothetical(theorem: Theorem) -> frozenset[Term]:
    """Variables that a hypothesis speaks of stand for themselves, as an operation that is a variable does."""
    return frozenset[Term]().union(*(a.free | b.free for a, b in theorem.hypotheses))
