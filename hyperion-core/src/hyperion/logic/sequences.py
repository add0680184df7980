"""TRUSTED. Functions of many variables, and sequences of outcomes, in one pass over what they speak of.

`terms.lam` walks through its body once for each variable: through a sequence of n outcomes n times, which takes
quadratic time and leaves as many terms behind. Here each variable is known by its place in the row of all binders, so
an outcome is walked through once, under all binders that stand before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term, TermError


def functions(parameters: Sequence[Term], body: Term) -> Term:
    """`terms.lams`: the parameters are free variables, all different, and the body has no loose bound variable."""
    return sequence(parameters, (), body)


def sequence(parameters: Sequence[Term], effects: Sequence[tuple[Term, Term]], rest: Term) -> Term:
    """\\p1. \\p2. .. bind o1 (\\v1. bind o2 (\\v2. .. rest)) for the pairs (o, v) of `effects`.

    All parameters and v are free variables, all different. A v may occur in what comes after it only: where it occurs
    in its own outcome, or before, it is another variable, and stays free, as everywhere with `terms.lam`.
    """
    variables = (*parameters, *(v for _, v in effects))
    places = {v: k for k, v in enumerate(variables)}
    every = frozenset(places)
    if len(every) < len(variables) or any(v.kind != "V" for v in variables):
        raise TermError("a sequence binds variables, each once")
    whole = _under(len(variables), places, every, rest)
    for k in reversed(range(len(variables))):
        # `_under` gave every bound variable the type of its binder, as `terms.lam` does
        whole = t._abstraction(variables[k].type, whole)  # pyright: ignore[reportPrivateUsage]  `lam` for many
        if k >= len(parameters):
            outcome, _ = effects[k - len(parameters)]
            whole = apply("bind", _under(k, places, every, outcome), whole)
    return whole


def _under(count: int, places: Mapping[Term, int], every: frozenset[Term], x: Term) -> Term:
    """x below the first `count` binders: their variables become bound variables."""
    if x.loose:
        raise TermError("a bound variable is loose")
    return t.transform(
        x,
        lambda u, depth: t.bound(count - 1 - places[u] + depth, u.type) if places.get(u, count) < count else None,
        lambda u, _: u.free.isdisjoint(every),
    )
