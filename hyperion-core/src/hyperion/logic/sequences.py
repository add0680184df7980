"""TRUSTED. Functions of many variables, and sequences of outcomes, in one pass over what they speak of.

`terms.lam` walks through its body once for each variable: through a sequence of n outcomes n times, which takes
quadratic time and leaves as many terms behind. Here each variable is known by its place in the row of all binders, so
an outcome is walked through once, under all binders that stand before it. What many outcomes share is another term
below each number of binders, so that a small function may denote a huge term: then it has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Final

from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term, TermError

MOST_PARTS: Final = 1_000_000
"""Of what one function denotes: of all sequences in it together, those of its regions and callees too, written out."""


def functions(parameters: Sequence[Term], body: Term, parts: Iterator[int] | None = None) -> Term:
    """`terms.lams`: the parameters are free variables, all different, and the body has no loose bound variable."""
    return sequence(parameters, (), body, parts)


def sequence(
    parameters: Sequence[Term], effects: Sequence[tuple[Term, Term]], rest: Term, parts: Iterator[int] | None = None
) -> Term:
    """\\p1. \\p2. .. bind o1 (\\v1. bind o2 (\\v2. .. rest)) for the pairs (o, v) of `effects`.

    All parameters and v are free variables, all different. A v may occur in what comes after it only: where it occurs
    in its own outcome, or before, it is another variable, and stays free, as everywhere with `terms.lam`.

    Parts are counted on with `parts`, which counts from 1. Raises TermError where there are more than `MOST_PARTS`.
    """
    variables = (*parameters, *(v for _, v in effects))
    places = {v: k for k, v in enumerate(variables)}
    every = frozenset(places)
    if len(every) < len(variables) or any(v.kind != "V" for v in variables):
        raise TermError("a sequence binds variables, each once")
    parts = count(1) if parts is None else parts
    whole = _under(len(variables), places, every, rest, parts)
    for k in reversed(range(len(variables))):
        # `_under` gave every bound variable the type of its binder, as `terms.lam` does
        whole = t._abstraction(variables[k].type, whole)  # pyright: ignore[reportPrivateUsage]  `lam` for many
        if k >= len(parameters):
            outcome, _ = effects[k - len(parameters)]
            whole = apply("bind", _under(k, places, every, outcome, parts), whole)
    return whole


def _under(below: int, places: Mapping[Term, int], every: frozenset[Term], x: Term, parts: Iterator[int]) -> Term:
    """x below the first `below` binders: their variables become bound variables."""
    if x.loose:
        raise TermError("a bound variable is loose")

    def put(u: Term, depth: int) -> Term | None:
        if next(parts) > MOST_PARTS:
            raise TermError(f"the term has more than {MOST_PARTS:,} parts")
        place = places.get(u, below)
        return t.bound(below - 1 - place + depth, u.type) if place < below else None

    return t.transform(x, put, lambda u, _: u.free.isdisjoint(every))
