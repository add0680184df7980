r"""Untrusted search, checked theorems: the rounds of a loop over a list that is written down.

fold f s (cons x xs)  =  bind (f s x) (\s. fold f s xs)
fold f s nil          =  ok s
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes.derived import head, named
from hyperion_passes.facts import Facts
from hyperion_passes.list_lemmas import ITEM, LIST, STATE, S, X, running

STEP = t.var("f", t.fun(S, X, t.outcome_of(S)))


@cache
def first_round() -> Theorem:
    """|- fold f s (cons x xs) = bind (f s x) (\\s. fold f s xs)"""
    later = t.lam(STATE, apply("fold", STEP, STATE, LIST))
    right = apply("bind", t.app(STEP, STATE, ITEM), later)
    rest = k.abs_(STATE, running()(apply("fold", STEP, STATE, LIST)))
    opened = k.app(k.refl(right.function), k.trans(rest, k.eta(rest.right)))
    end = k.trans(opened, running()(opened.right))
    start = running()(apply("fold", STEP, STATE, apply("cons", ITEM, LIST)))
    return k.trans(start, k.sym(end))


@cache
def no_round() -> Theorem:
    """|- fold f s nil = ok s"""
    return running()(apply("fold", STEP, STATE, t.const("nil", LIST.type)))


def rounds(x: Term, facts: Facts) -> Iterator[Theorem]:
    """|- fold f s (cons x (cons y .. nil)) = bind (f s x) (\\s. bind (f s y) .. (\\s. ok s)): a rule for `fold`."""
    _, args = arguments(x)
    if len(args) != 3 or args[0].type.args is None:
        return
    step, state, xs = args
    items: list[Term] = []
    while head(xs) == "cons":
        item, xs = arguments(xs)[1]
        items.append(item)
    if head(xs) != "nil":
        return
    s = t.var("state~", state.type)
    th = named(no_round(), f=step, s=s)
    for item in reversed(items):
        rest = k.abs_(s, th)
        _, (_, _, later) = arguments(th.left)
        first = named(first_round(), f=step, s=s, x=item, xs=later)
        th = k.trans(first, k.app(k.refl(first.right.function), rest))
    yield k.inst({s: state}, th)
