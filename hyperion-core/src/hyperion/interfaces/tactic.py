"""A tactic turns a goal into smaller ones. Untrusted: only the theorem that the kernel makes in the end counts.

from hyperion.interfaces.tactic import Goal, Progress
from hyperion.logic import kernel
from hyperion.logic.derived import NoProof

def swap(goal: Goal) -> Progress:
    return Progress((Goal(goal.hypotheses, goal.right, goal.left),), lambda proved: kernel.sym(proved[0]))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from hyperion.logic.kernel import Hypotheses, Theorem
from hyperion.logic.terms import Term


@dataclass(frozen=True, slots=True)
class Goal:
    """A sequent to prove: `hypotheses |- left = right`."""

    hypotheses: Hypotheses
    left: Term
    right: Term


Justification: TypeAlias = Callable[[Sequence[Theorem]], Theorem]


@dataclass(frozen=True, slots=True)
class Progress:
    """What remains of a goal. `justify` makes the goal's theorem from those of the subgoals, in their order; a
    theorem may have fewer hypotheses than its goal, never others."""

    subgoals: tuple[Goal, ...]
    justify: Justification


@runtime_checkable
class Tactic(Protocol):
    """Registered by the hook `hyperion_tactics`. Any function of this shape is one;
    `hyperion.testing.TacticConformance` tests it."""

    def __call__(self, goal: Goal, /) -> Progress:
        """Raises `hyperion.logic.derived.NoProof` where it does not apply."""
        ...
