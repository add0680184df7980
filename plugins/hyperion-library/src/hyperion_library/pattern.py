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
from hyperion.logic.compute import value_of
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


def generalised(value: Mapping[str, Any]) -> Pattern | None:
    """The most general pattern that replaying finds; None where no literal of the left side can be replaced.

    `value` is a proof file's. One variable stands for all occurrences of a literal. Raises nothing: what cannot be
    replayed has no pattern.
    """
    found = candidates(value)
    for _ in range(MOST_ATTEMPTS if found else 0):
        names = {lit: t.var(f"#{i}", lit.type) for i, lit in enumerate(found)}
        try:
            replay = Replay(value, names)
        except NotReplayed as error:
            fixed = {lit for lit, v in names.items() if v in error.blamed}
            if not fixed:
                return None
            found = [lit for lit in found if lit not in fixed]
            continue
        except (RuleError, RecursionError):
            return None
        holes = {v: lit for lit, v in names.items()}
        if replay.theorem.left.free.isdisjoint(holes):
            return None
        return Pattern(replay.theorem, holes, tuple(replay.computed))
    return None


def candidates(value: Mapping[str, Any]) -> list[Term]:
    """The literals that may turn out to be variables: all that the proof has or computes but those of its axioms."""
    try:
        if not 0 < len(value["steps"]) <= MOST_STEPS:
            return []
        plain = Replay({**value, "steps": []}, {})
        fixed = {u for row in value["steps"] if row[0] == "axiom" for u in _of_axiom(row[1])}
        numbers: list[int] = [row[1] for row in value["steps"] if row[0] == "compute"]
        computed = [found for n in numbers if (found := value_of(plain.terms[n])) is not None]
    except (NotReplayed, RuleError, RecursionError, LookupError, TypeError, AttributeError):
        return []
    return list(dict.fromkeys(u for u in [*plain.terms, *computed] if u.kind == "K" and u not in fixed))


def _of_axiom(name: str) -> set[Term]:
    hypotheses, left, right = k.AXIOMS[name]
    sides = [left, right, *(x for pair in hypotheses for x in pair)]
    return {u for x in sides for u in subterms(x) if u.kind == "K"}
