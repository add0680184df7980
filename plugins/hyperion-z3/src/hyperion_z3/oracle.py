"""Theorems on the word of z3. Every consequence carries the label `z3`, and policy decides whether that counts."""

from __future__ import annotations

from hyperion.errors import ProofError
from hyperion.interfaces.tactic import Goal
from hyperion.logic import kernel
from hyperion.logic.kernel import Theorem
from hyperion_z3.refuter import solve

LABEL = "z3"


def prove(goal: Goal, time_limit: float = 10.0) -> Theorem:
    """The goal as a theorem that rests on the oracle `z3`.

    >>> from hyperion.logic import terms as t
    >>> from hyperion.logic.definitions import apply
    >>> a, b = t.var("a", t.INT), t.var("b", t.INT)
    >>> sorted(prove(Goal(frozenset(), apply("mul", a, b), apply("mul", b, a))).oracles)
    ['z3']

    Raises ProofError (HY7025) where z3 refutes the goal, with the counterexample, or does not decide it in `time_limit`
    seconds.
    """
    decision = solve(goal.hypotheses, goal.left, goal.right, time_limit)
    if decision.verdict == "proved":
        return kernel.oracle(LABEL, goal.hypotheses, goal.left, goal.right)
    if decision.verdict == "refuted":
        raise ProofError("HY7025", "z3 refutes the goal", notes=[f"counterexample: {decision.counterexample}"])
    hints = ["state it in smaller steps, give it more time, or prove it with tactics"]
    raise ProofError("HY7025", f"z3 does not decide the goal in {time_limit:g} seconds", hints=hints)
