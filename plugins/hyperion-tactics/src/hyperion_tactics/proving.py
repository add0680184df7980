"""`prove(goal, tactic)`: a theorem that says exactly what the goal says, or `Unproved` with what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext

from hyperion.errors import ProofError
from hyperion.interfaces.refuter import Counterexample, Refuter
from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic.derived import NoProof
from hyperion.logic.effort import OutOfTime, checkpoint, limited
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.terms import TermError
from hyperion_tactics.printing import goal_text

REFUTING_SECONDS = 2.0
"""For each subgoal and refuter."""
MOST_SHOWN = 3


class Failed(NoProof):
    """A tactic does not apply to `goal`, which may be a subgoal of the one that is asked for."""

    def __init__(self, message: str, goal: Goal) -> None:
        super().__init__(message)
        self.goal = goal


class Unproved(ProofError):
    """A goal was not proved. `subgoals` are what remains; `counterexample` breaks one of them, where a refuter found
    one, and `refuted` is that subgoal."""

    def __init__(
        self,
        message: str,
        subgoals: Sequence[Goal],
        refuted: Goal | None = None,
        counterexample: Counterexample | None = None,
        *,
        code: str = "HY7040",
    ) -> None:
        self.subgoals = tuple(subgoals)
        self.refuted = refuted
        self.counterexample = counterexample
        super().__init__(code, message, notes=list(self._notes()), hints=[self._hint()])

    def _notes(self) -> Iterable[str]:
        for goal in self.subgoals[:MOST_SHOWN]:
            yield f"not proved:\n{goal_text(goal)}"
        if len(self.subgoals) > MOST_SHOWN:
            yield f"and {len(self.subgoals) - MOST_SHOWN} more"
        if self.refuted is not None:
            yield f"counterexample: {self.counterexample}"

    def _hint(self) -> str:
        if self.refuted is None:
            return "another tactic, or a lemma or hypothesis that this one lacks"
        return "the goal is false there: correct it, or add the hypothesis under which it holds"


def attempt(tactic: Tactic, goal: Goal) -> Progress:
    """What `tactic` makes of `goal`; raises `Failed` for whatever way it has of not applying."""
    checkpoint()
    try:
        return tactic(goal)
    except Failed:
        raise
    except (NoProof, RuleError, TermError) as error:
        raise Failed(str(error), goal) from error


def prove(
    goal: Goal,
    tactic: Tactic,
    *,
    refuters: Iterable[Refuter] = (),
    time_limit: float | None = None,
    refuting: float = REFUTING_SECONDS,
) -> Theorem:
    """The theorem of `goal`, by `tactic` within `time_limit` seconds.

    Raises `Unproved`: HY7040 where something is left to prove, with the subgoals and, where one of `refuters` finds
    it in `refuting` seconds for each subgoal, a counterexample; HY7041 where the tactic made a theorem about
    something else.
    """
    try:
        with limited(time_limit) if time_limit is not None else nullcontext():
            progress = attempt(tactic, goal)
            theorem = None if progress.subgoals else progress.justify(())
    except Failed as failure:
        raise unproved(str(failure), [failure.goal], refuters, refuting) from failure
    except OutOfTime as late:
        limit = "the time limit" if time_limit is None else f"{time_limit:g} seconds"
        raise unproved(f"no proof within {limit}", [goal], refuters, refuting) from late
    except (NoProof, RuleError, TermError) as error:
        raise unproved(f"the justification of a tactic fails: {error}", [goal], refuters, refuting) from error
    if theorem is None:
        count = len(progress.subgoals)
        message = f"{count} subgoal{'s' if count > 1 else ''} left to prove"
        raise unproved(message, progress.subgoals, refuters, refuting)
    if not proves(theorem, goal):
        raise Unproved("the theorem that the tactic made is not about its goal", [goal], code="HY7041")
    return theorem


def proves(theorem: Theorem, goal: Goal) -> bool:
    """Whether `theorem` is about the sides of `goal` and assumes no more."""
    return theorem.left is goal.left and theorem.right is goal.right and theorem.hypotheses <= goal.hypotheses


def unproved(message: str, subgoals: Sequence[Goal], refuters: Iterable[Refuter], seconds: float) -> Unproved:
    """The error about these subgoals, with the first counterexample that a refuter finds."""
    asked = list(refuters)
    for goal in subgoals:
        for refuter in asked:
            found = refuter.refute(goal.hypotheses, goal.left, goal.right, seconds)
            if found is not None:
                return Unproved(message, subgoals, goal, found)
    return Unproved(message, subgoals)
