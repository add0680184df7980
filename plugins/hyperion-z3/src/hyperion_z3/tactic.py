"""The oracle as a tactic."""

from __future__ import annotations

from hyperion.errors import ProofError
from hyperion.interfaces.tactic import Goal, Progress
from hyperion.logic.derived import NoProof
from hyperion_z3 import oracle


def by_z3(goal: Goal) -> Progress:
    """The goal on the word of z3; its theorem carries the label `z3`."""
    try:
        theorem = oracle.prove(goal)
    except ProofError as error:
        raise NoProof("; ".join([error.message, *error.notes])) from error
    return Progress((), lambda _: theorem)
