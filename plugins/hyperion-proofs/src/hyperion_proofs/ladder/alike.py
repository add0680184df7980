"""Untrusted. Choices that a test of equality makes between values that are then equal, and differences of extrema.

    if x == last: .. else: last = x                    last is x
    if x == top: n += 1                                top is max(top, x)
    elif x > top: top = x; n = 1
    left -= min(want, left)                            left is max(left - want, 0)

The rungs read the shorter form; that the loop's step does the same is part of the laws, which are proved.
"""

from __future__ import annotations

from dataclasses import replace

from hyperion.logic import terms as t
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs import lattice
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.expressions import pick, simplified
from hyperion_proofs.ladder.step import Step


def without_equal_choices(step: Step) -> Step:
    """The step, where such a choice is not made."""
    modes = tuple(tuple(map(_shorter, mode)) for mode in step.modes)
    return step if modes == step.modes else replace(step, modes=modes)


def _shorter(e: Term) -> Term:
    for u in t.subterms(e):
        found = _same(u) or lattice.difference(u)
        if found is not None:
            return _shorter(simplified(e, {u: _extremum(found)}))
    return e


def _same(u: Term) -> Term | None:
    """What a choice by a == b gives where the first value is the second one for a = b; None for anything else."""
    if head(u) != "cond" or u.type is not t.INT:
        return None
    test, yes, no = arguments(u)[1]
    if head(test) == "not":
        test, yes, no = test.argument, no, yes
    if head(test) != "eq":
        return None
    a, b = arguments(test)[1]
    if a.type is not t.INT or yes.kind == "K":
        return None
    return no if any(simplified(yes, {x: y}) is simplified(no, {x: y}) for x, y in ((a, b), (b, a))) else None


def _extremum(e: Term) -> Term:
    """`cond (a < b) b a` as max(a, b), and so on."""
    if head(e) != "cond" or head(arguments(e)[1][0]) not in ("lt", "le"):
        return e
    test, yes, no = arguments(e)[1]
    small, large = arguments(test)[1]
    if (yes, no) == (large, small):
        return pick("max", no, yes)
    return pick("min", no, yes) if (yes, no) == (small, large) else e
