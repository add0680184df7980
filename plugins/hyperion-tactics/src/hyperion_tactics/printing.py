"""Goals and terms in messages: as `hyperion.logic.readable` writes them, and never longer than a page."""

from __future__ import annotations

from hyperion.interfaces.tactic import Goal
from hyperion.logic.notation import Notation
from hyperion.logic.readable import statement
from hyperion.logic.terms import Term

MOST_LINES = 30
LONGEST = 300


def text(x: Term) -> str:
    """`x` on one line, cut where it is longer than LONGEST."""
    return _cut("; ".join(Notation().texts(x)), LONGEST)


def goal_text(goal: Goal) -> str:
    """`hypotheses |- left = right`, the names of long terms first; where there are more than MOST_LINES, the last
    ones."""
    lines = statement(goal.left, goal.right, goal.hypotheses).split("\n")
    if len(lines) > MOST_LINES:
        lines = [f"... {len(lines) - MOST_LINES} lines before", *lines[-MOST_LINES:]]
    return "\n".join(lines)


def _cut(line: str, longest: int) -> str:
    return line if len(line) <= longest else f"{line[:longest]} .."
