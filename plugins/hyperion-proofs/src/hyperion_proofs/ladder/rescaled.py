"""Untrusted. Sums of powers of e that are rescaled whenever a running maximum grows: log-sum-exp, online softmax.

The state has a largest exponent m, and sums s of g * exp(x - m). A chunk is summarised by its own largest exponent M
and its own sums S. Where M is the larger, the state becomes s * exp(m - M) + S, else s + S * exp(M - m).
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.types import FloatType
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs import fields, float_order, real_signs
from hyperion_proofs.derived import NoProof, head
from hyperion_proofs.ladder.expressions import mentions, simplified
from hyperion_proofs.ladder.real_rows import bounded
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.real_signs import ZERO
from hyperion_proofs.templates import NotLinear


def rescaled(step: Step, identity: bool) -> Summary:
    """The rung."""
    if len(step.modes) > 1 or identity or not all(isinstance(ty, FloatType) for ty in step.types):
        raise NotLinear("a rescaled sum under a test of the state is not understood")
    if not any(head(u) == "rexp" for e in step.exprs for u in t.subterms(e)):
        raise NotLinear("no power of e is taken")
    for key, atom in enumerate(step.atoms):
        found = _largest(step.exprs[key], atom, step)
        if found is not None:
            return _summary(step, key, *found)
    raise NotLinear("no value of the state is a running maximum")


def _largest(e: Term, atom: Term, step: Step) -> tuple[Term, bool, Term] | None:
    """The comparison that decides on the state's key, whether it holds where the element's wins, and that key."""
    if head(e) != "cond":
        return None
    test, a, b = arguments(e)[1]
    value = b if a is atom else a
    if atom not in (a, b) or mentions(value, step.atoms) or head(test) not in ("rlt", "rle"):
        return None
    low, high = arguments(test)[1]
    wins = (low is atom and high is value) == (b is atom)  # the larger of the two is kept
    return (test, b is atom, value) if {low, high} == {value, atom} and wins else None


def _summary(step: Step, key: int, test: Term, held: bool, value: Term) -> Summary:
    atom = step.atoms[key]
    won = {test: TRUE if held else FALSE}
    rest = [i for i in range(len(step.atoms)) if i != key]
    gains = {i: _gain(simplified(step.exprs[i], won | {step.atoms[i]: ZERO}), step) for i in rest}

    def chosen(new: Sequence[Term], old: Sequence[Term], ours: Term, theirs: Term) -> Term:
        """`ours` where the new key is kept, else `theirs`."""
        asked = apply(head(test), *(old[key] if side is atom else new[key] for side in arguments(test)[1]))
        return apply("cond", asked, *((ours, theirs) if held else (theirs, ours)))

    def joined(new: Sequence[Term], old: Sequence[Term]) -> list[Term]:
        above, below = apply("rsub", old[key], new[key]), apply("rsub", new[key], old[key])
        power = apply("rexp", chosen(new, old, above, below))  # one for all sums: the larger key needs none

        def total(i: int) -> Term:
            ours = apply("radd", apply("rmul", old[i], power), new[i])
            theirs = apply("radd", old[i], apply("rmul", new[i], power))
            return chosen(new, old, ours, theirs)

        return [chosen(new, old, new[key], old[key]) if i == key else total(i) for i in range(len(step.atoms))]

    lift = tuple(value if i == key else gains[i] for i in range(len(step.atoms)))
    kind = step.types[key]
    assert isinstance(kind, FloatType)
    needs = bounded([value], kind)  # exp passes over an infinity
    return Summary(step.types, (lift,), joined, joined, deciders=(float_order.decide, real_signs.decide), needs=needs)


def _gain(e: Term, step: Step) -> Term:
    """What an element adds to a sum, which is 0 in e, where its exponent is the largest."""
    try:
        gain = fields.simplified(e)
    except NoProof:
        raise NotLinear("what is added to a rescaled sum is not understood") from None
    if mentions(gain, step.atoms):
        raise NotLinear("what is added to a rescaled sum depends on the state")
    return gain
