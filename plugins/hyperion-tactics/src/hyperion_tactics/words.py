"""Machine words whose operations wrap: equations that hold modulo 2**width."""

from __future__ import annotations

from hyperion.interfaces.tactic import Goal, Progress
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.derived import head
from hyperion.logic.terms import Term
from hyperion_tactics.combinators import done
from hyperion_tactics.proving import Failed

DEEPEST = 100
"""`hyperion.logic.modular` walks terms with recursion."""


def wrapping(goal: Goal) -> Progress:
    """Proves equations of words made by sums and products that wrap, as polynomials modulo 2**width. What is no such
    operation is an atom."""
    left, right = goal.left, goal.right
    if not (head(left) == head(right) and head(left).startswith("ofZ.")):
        raise Failed("the sides are not both words made from integers", goal)
    if max(_depth(left), _depth(right)) > DEEPEST:
        raise Failed(f"the sides are deeper than {DEEPEST}", goal)
    theorem = modular.equal(left, right)
    if theorem is None:
        raise Failed("different polynomials modulo the size of the word", goal)
    return done(theorem)


def _depth(x: Term) -> int:
    depths: dict[Term, int] = {}
    for u in t.subterms(x):
        depths[u] = 1 + max((depths[c] for c in u.children()), default=0)
    return depths[x]
