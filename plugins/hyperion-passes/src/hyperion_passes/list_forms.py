"""Untrusted search, checked theorems: one form of every loop over lists that maps made.

Maps go into the loop that runs over them, and lists that run together stand once each, in one order.
"""

from __future__ import annotations

from collections.abc import Callable

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import list_lemmas, zip_lemmas
from hyperion_passes.derived import head, rewrite
from hyperion_passes.facts import Facts
from hyperion_passes.lemmas import rule
from hyperion_passes.meaning import whole
from hyperion_passes.simplifier import Rule, Simplifier

_LOOPS = ("map", "fold", "scan", "traverse", "length", "ok")


class ListForms:
    """Proves that two loops are one, by their forms."""

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        self._normal = Simplifier(_rules(), check)

    def equal(self, left: Term, right: Term, facts: Facts) -> Theorem | None:
        """|- left = right, or None."""
        if head(left) not in _LOOPS or head(right) not in _LOOPS:
            return None
        first, last = self._normal(left), self._normal(right)
        return k.trans(first, k.sym(last)) if first.right is last.right else None


def _rules() -> dict[str, tuple[Rule, ...]]:
    regrouped = (*zip_lemmas.zip_map(), zip_lemmas.zip_zip(), *zip_lemmas.twice())
    return {
        "map": (rule(list_lemmas.map_map()), rule(zip_lemmas.map_itself())),
        "zip": (*map(rule, regrouped), _sorted),
        "fold": (rule(list_lemmas.fold_map()),),
        "scan": (rule(list_lemmas.scan_map()),),
        "traverse": (rule(list_lemmas.traverse_map()), rule(list_lemmas.traverse_total())),
        "length": (rule(list_lemmas.length_map()),),
        "T": (whole,),
    }


def _sorted(x: Term) -> Theorem | None:
    """Of two neighbours that run together, the one with the smaller digest first."""
    _, args = arguments(x)
    if len(args) != 2:
        return None
    first, rest = args
    two, three = zip_lemmas.swapped()
    if head(rest) == "zip":
        return rewrite(three, x) if t.digest(arguments(rest)[1][0]) < t.digest(first) else None
    return rewrite(two, x) if t.digest(rest) < t.digest(first) else None
