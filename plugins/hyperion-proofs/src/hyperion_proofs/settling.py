"""Untrusted. The tests in a term that facts decide, and evaluation without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.cases import decide, order_of, ordered, reduced
from hyperion_proofs.derived import chain, head, replace_all

Evaluate = Callable[[Term], Theorem]


def settled(x: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- x = x where the tests that the facts decide are gone; None where there are none."""
    whole: Theorem | None = None
    tried: set[Term] = set()
    while (change := _change(whole.right if whole is not None else x, facts, tried)) is not None:
        whole = change if whole is None else k.trans(whole, change)
    return whole


def _change(x: Term, facts: Sequence[Theorem], tried: set[Term]) -> Theorem | None:
    """|- x = x without one test, none of those that were tried before."""
    for u in t.subterms(x):
        if u in tried:
            continue
        tried.add(u)
        if _is_comparison(u):
            found = decide(u, facts)
            change = reduced(x, {u: found}) if found is not None else None
        elif u.kind == "A" and head(u) in ("max", "min") and len(arguments(u)[1]) == 2:
            found = _chosen(u, facts)
            change = replace_all(x, {u: found}.get) if found is not None else None
        else:
            continue
        if change is not None:
            return change
    return None


def _chosen(x: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- max a b = a or b, where the facts say which, ties included; min likewise."""
    for named in (k.refl(x), INTEGERS.commute(head(x), x)):
        test = order_of(named.right)
        if _is_comparison(test):
            order = decide(test, facts)
            if order is not None:
                return k.trans(named, ordered(named.right, order))
    return None


def settling(evaluate: Evaluate, facts: Sequence[Theorem]) -> Evaluate:
    """Evaluation where the tests that the facts decide are gone."""

    def go(x: Term) -> Theorem:
        th = evaluate(x)
        while (change := settled(th.right, facts)) is not None:
            th = chain(th, change, evaluate(change.right))
        return th

    return go if facts else evaluate


def _is_comparison(u: Term) -> bool:
    if head(u) not in ("lt", "le", "eq") or u.type is not t.BOOL or len(arguments(u)[1]) != 2 or u.loose:
        return False
    a, b = arguments(u)[1]
    return a.type is t.INT and not any(head(v) in ("max", "min", "cond") for side in (a, b) for v in t.subterms(side))
