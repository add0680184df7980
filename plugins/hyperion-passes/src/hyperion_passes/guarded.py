r"""Untrusted search, checked theorems: what comes after an operation that traps unless a test holds.

bind (cond p o trap) k  =  cond p (bind o k) trap
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.facts import Facts
from hyperion_passes.meaning import normalizer
from hyperion_passes.simplifier import Rule, Simplifier


class Guarded:
    """Proves two terms equal that make the same tests in one order."""

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        table: dict[str, tuple[Rule, ...]] = {name: tuple(rules) for name, rules in normalizer(check).rules.items()}
        table["bind"] = (*table["bind"], lemmas.rule(bind_guarded()))
        self._normal = Simplifier(table, check)

    def prover(self, left: Term, right: Term, facts: Facts) -> Theorem | None:
        """|- left = right, or None."""
        first, last = self._normal(left), self._normal(right)
        return k.trans(first, k.sym(last)) if first.right is last.right else None


@cache
def bind_guarded() -> Theorem:
    """|- bind (cond p o trap) k = cond p (bind o k) trap"""
    o = lemmas.RESULT
    after = apply("bind", o, lemmas.K)
    left = apply("bind", apply("cond", lemmas.P, o, t.const("trap", o.type)), lemmas.K)
    right = apply("cond", lemmas.P, after, t.const("trap", after.type))
    return lemmas.by_truth(left, right, lemmas.P)
