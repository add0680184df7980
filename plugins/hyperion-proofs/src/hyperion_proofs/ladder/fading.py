"""Untrusted. Maxima that fade, under fp="reassoc": the larger of the state times a factor and a value of the element.

    hold = max(abs(x), hold * 0.95)         a chunk's factor, and what it holds of itself

The factor is in 0..1, which is tested where it is no literal. So neither it nor what is held overflows, and a NaN of
the state stays one, until the loop runs as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hyperion.ir.types import FloatType
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs import real_signs
from hyperion_proofs.derived import head, instance
from hyperion_proofs.ladder.expressions import mentions
from hyperion_proofs.ladder.real_rows import bounded
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.real_lattice import with_extrema
from hyperion_proofs.real_signs import ONE, ZERO
from hyperion_proofs.templates import REAL, Linear, NotLinear


def fading(step: Step, identity: bool) -> Summary:
    """The rung."""
    if len(step.modes) > 1 or identity or len(step.atoms) != 1 or not isinstance(step.types[0], FloatType):
        raise NotLinear("a maximum that fades is one float, and under no test of the state")
    factor, value = _parts(step)
    if factor.kind == "K" and not 0 <= literals.real_value(factor) <= 1:
        raise NotLinear("a maximum fades by a factor of 0 to 1")
    known = factor.kind == "K"
    inside = () if known else ((apply("rle", ZERO, factor), TRUE), (apply("rle", factor, ONE), TRUE))

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        (c, b), (d, a) = later, earlier
        return [apply("rmul", c, d), _larger(apply("rmul", c, a), b)]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        (c, b), (s,) = values, state
        return [_larger(apply("rmul", c, s), b)]

    def holds(values: Sequence[Term]) -> list[Term]:
        return [apply("rle", ZERO, values[0])]

    needs = (*inside, *bounded([value], step.types[0]))
    types = (step.types[0],) * 2
    return Summary(types, ((factor, value),), mul, act, holds=holds, deciders=(decide,), informed=(equal,), needs=needs)


def _larger(faded: Term, value: Term) -> Term:
    """The larger of two, of which the first may be a NaN, which stays."""
    return apply("cond", apply("rle", faded, value), value, faded)


def _parts(step: Step) -> tuple[Term, Term]:
    """The factor, and the value of the element."""
    e, (atom,) = with_extrema(step.exprs[0]).right, step.atoms
    if head(e) != "rmax":
        raise NotLinear("the state is no maximum of a faded one and a value")
    args = arguments(e)[1]
    state, *rest = sorted(args, key=lambda a: not mentions(a, [atom]))
    form = Linear(REAL, step.atoms).form(state)
    if set(form) != {0} or any(mentions(a, [atom]) for a in rest):
        raise NotLinear("the state is no maximum of a faded one and a value")
    return form[0], rest[0]


# ---- comparisons of products with what is not negative


def decide(test: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- test = true or false; a decider."""
    found = real_signs.decide(test, facts)
    if found is not None or head(test) != "rle":
        return found
    return _Order(facts).below(*arguments(test)[1])


def equal(a: Term, b: Term, facts: Sequence[Theorem]) -> Theorem | None:
    """|- a = b where neither is larger."""
    if a.type is not t.REAL:
        return None
    order = _Order(facts)
    up, down = order.below(a, b), order.below(b, a)
    return None if up is None or down is None else discharge(instance("real.le.antisym", a=a, b=b), up, down)


class _Order:
    """What is not negative: by facts, by facts times factors that are not, and by the sum of two such."""

    def __init__(self, facts: Sequence[Theorem]) -> None:
        own = [least for fact in facts for least in _least(fact)]
        factors = [th for th in own if th.left.argument.kind in "VP"]
        products = [_product(factor, th) for factor in factors for th in own if th is not factor]
        self._known = {th.left.argument: th for th in (*own, *products)}

    def below(self, a: Term, b: Term) -> Theorem | None:
        """|- rle a b = true"""
        p = real_signs.normal(apply("rsub", b, a)).right
        found = self._known.get(p) or next(self._sums(p), None)
        return None if found is None else real_signs.from_difference(found, a, b)

    def _sums(self, p: Term) -> Iterator[Theorem]:
        for q, first in self._known.items():
            rest = real_signs.normal(apply("rsub", p, q)).right
            if rest in self._known:
                total = discharge(instance("real.nonneg.add", a=q, b=rest), first, self._known[rest])
                yield real_signs.rewritten(total, p)


def _least(fact: Theorem) -> Iterator[Theorem]:
    """|- rle 0 p = true with p in normal form, from a comparison."""
    if head(fact.left) == "rlt":
        a, b = arguments(fact.left)[1]
        fact = real_signs.derived_not(k.trans(k.sym(instance("real.lt.def", a=a, b=b)), fact))
    if head(fact.left) != "rle":
        return
    a, b = arguments(fact.left)[1]
    if fact.right is not TRUE:
        fact, a, b = discharge(instance("real.le.total", a=a, b=b), fact), b, a
    yield real_signs.moved(fact, a, b)


def _product(factor: Theorem, least: Theorem) -> Theorem:
    """|- rle 0 p = true for the product of two such, in normal form."""
    a, b = factor.left.argument, least.left.argument
    both = discharge(instance("real.nonneg.mul", a=a, b=b), factor, least)
    return real_signs.rewritten(both, real_signs.normal(both.left.argument).right)
