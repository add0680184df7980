"""Theorems about all loops of a shape, from a theorem about one: literals become variables wherever the proof allows.

    |- f 31 = g 31    becomes    {toZ (ofZ v) = v, ..} |- f v = g v

The hypotheses are the computations that the proof makes on those literals. For other literals they are computed: where
each goes the same way, cutting them gives the theorem about the other loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # JSON values

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.terms import Term, subterms
from hyperion_library.replay import NotReplayed, Replay

MOST_STEPS = 100_000
MOST_ATTEMPTS = 12  # each leaves more literals as they are


@dataclass(frozen=True, slots=True)
class Pattern:
    """`theorem` holds for all values of `holes`, under the hypotheses `computed`, in the order of the proof.

    `holes` maps each variable to the literal of the theorem that it was made from.
    """

    theorem: Theorem
    holes: Mapping[Term, Term]
    computed: Sequence[tuple[Term, Term]]

    @property
    def written(self) -> frozenset[Term]:
        """The literals of `holes` that the left side has; the others are computed from those."""
        return frozenset(literal for hole, literal in self.holes.items() if hole in self.theorem.left.free)


def generalised(value: Mapping[str, Any], literals: Sequence[Term] | None = None) -> Pattern | None:
    """The most general pattern that replaying finds; None where no literal of the left side can be replaced.

    `value` is a proof file's; `literals` are those to replace, where that is known. One variable stands for all
    occurrences of a literal. Raises nothing: what cannot be replayed has no pattern.
    """
    try:
        if not 0 < len(value["steps"]) <= MOST_STEPS:
            return None
        literals = _literals(value) if literals is None else list(literals)
    except (NotReplayed, RuleError, RecursionError, LookupError, TypeError, AttributeError):
        return None
    for _ in range(MOST_ATTEMPTS):
        names = {lit: t.var(f"#{i}", lit.type) for i, lit in enumerate(literals)}
        try:
            replay = Replay(value, names)
        except NotReplayed as error:
            fixed = {lit for lit, v in names.items() if v in error.blamed}
            if not fixed:
                return None
            literals = [lit for lit in literals if lit not in fixed]
            continue
        except (RuleError, RecursionError):
            return None
        holes = {v: lit for lit, v in names.items()}
        if replay.theorem.left.free.isdisjoint(holes):
            return None
        return Pattern(replay.theorem, holes, tuple(replay.computed))
    return None


def _literals(value: Mapping[str, Any]) -> list[Term]:
    """The literals of the proof but those of the axioms that it uses, which are the same for every loop."""
    plain = Replay({**value, "steps": []}, {})
    fixed = {u for row in value["steps"] if row[0] == "axiom" for u in _of_axiom(row[1])}
    return [u for u in plain.terms if u.kind == "K" and u not in fixed]


def _of_axiom(name: str) -> set[Term]:
    hypotheses, left, right = k.AXIOMS[name]
    sides = [left, right, *(x for pair in hypotheses for x in pair)]
    return {u for x in sides for u in subterms(x) if u.kind == "K"}
