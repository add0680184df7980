"""The word of a decider as a theorem: labelled, so that policy decides whether it counts."""

from __future__ import annotations

from hyperion.interfaces.refuter import Refuter
from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion_tactics.combinators import done
from hyperion_tactics.proving import Failed

SECONDS = 10.0


def oracle(decider: Refuter, seconds: float = SECONDS) -> Tactic:
    """Takes the word of `decider`: the theorem, and every one made from it, carries its name in `oracles`, and the
    checker accepts it only where policy allows that name."""

    def tactic(goal: Goal) -> Progress:
        verdict = decider.decide(goal.hypotheses, goal.left, goal.right, seconds)
        if verdict != "proved":
            raise Failed(f"{decider.name} says: {verdict}", goal)
        return done(k.oracle(decider.name, goal.hypotheses, goal.left, goal.right))

    return tactic
