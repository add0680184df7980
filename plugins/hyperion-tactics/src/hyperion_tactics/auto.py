"""One tactic for goals that need no idea: each decision procedure in turn, the quickest first."""

from __future__ import annotations

from hyperion.interfaces.tactic import Goal, Progress
from hyperion_tactics.arithmetic import arithmetic
from hyperion_tactics.combinators import complete, first, timeout
from hyperion_tactics.linear import linear
from hyperion_tactics.ring import ring
from hyperion_tactics.saturation import congruence_closure
from hyperion_tactics.structural import assumption, normalise, reflexivity
from hyperion_tactics.words import wrapping

SECONDS = 5.0
"""For each of them."""

_EVERY = (assumption, normalise, ring, wrapping, linear, congruence_closure, arithmetic)


def auto(goal: Goal) -> Progress:
    """Proves what a hypothesis says, what is the same by beta, eta and projection, equal polynomials, also modulo the
    size of a word, integer comparisons and equations from others, what follows by congruence, and all of that in the
    cases of tests. No induction, no lemmas."""
    return first(reflexivity, *(complete(timeout(SECONDS, each)) for each in _EVERY))(goal)
