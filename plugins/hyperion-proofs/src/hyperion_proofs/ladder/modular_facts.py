"""Untrusted. What is known where a loop takes remainders: of moduli from outside, by tests; of states below moduli."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, chain, discharge, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import cond_is, contradiction, instance
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.implication import all_parts
from hyperion_proofs.ladder.intervals import ONE, ZERO, Interval, Intervals, implied, moved

NO_STATE = t.var("no.state", t.INT)
"""No test is about it, so that no conditional becomes a maximum."""


@dataclass(frozen=True)
class Facts:
    """What the tests say of moduli: equations clamped = value, that no modulus is 0, and intervals."""

    rewrites: tuple[Theorem, ...]
    known: Mapping[Term, Interval]

    @cached_property
    def intervals(self) -> Intervals:
        return Intervals(self.known)

    @staticmethod
    def of(tests: Sequence[Theorem], values: Sequence[Term]) -> Facts:
        """From |- eq clamped value = true for each value."""
        rewrites: list[Theorem] = []
        known: dict[Term, Interval] = {}
        for test, value in zip(tests, values, strict=True):
            clamped = test.left.function.argument
            opened = k.trans(k.sym(instance("int.eq.def", a=clamped, b=value)), test)
            first, last = all_parts(opened, 2)
            same = discharge(instance("int.le.antisym", a=clamped, b=value), first, last)
            known[value] = moved(Intervals()(clamped), same)
            zero = instance("int.eq.def", a=value, b=ZERO)
            positive = implied(apply("le", ONE, value), [known[value].below])
            rewrites += [same, k.trans(zero, _no_zero(zero.right, positive))]
        return Facts(tuple(rewrites), known)

    def evaluator(self) -> Evaluator:
        return Evaluator(self.intervals.in_range, self.rewrites, NO_STATE)

    def assuming(self) -> Evaluator:
        """An evaluator for which every sum and product is in range."""

        def oracle(word: str, e: Term) -> Theorem:
            return self.intervals.in_range(word, e) or k.assume(apply(f"inr.{word}", e), TRUE)

        return Evaluator(oracle, self.rewrites, NO_STATE)

    def with_states(self, below: Sequence[Theorem]) -> Facts:
        """With 0 <= s and s < m of components, in this order."""
        if not below:
            return self
        known = dict(self.known)
        for low, less in zip(below[::2], below[1::2], strict=True):
            s, m = arguments(less.left)[1]
            size = self.intervals(m)
            above = implied(apply("le", s, literals.int_lit(size.high - 1)), [as_le(less), size.above])
            known[s] = Interval(0, size.high - 1, low, above)
        return Facts(self.rewrites, known)


def _no_zero(both: Term, positive: Theorem) -> Theorem:
    """|- and (le v 0) (le 0 v) = false from |- le 1 v = true."""
    le = both.function.argument
    no = apply("le", ONE, positive.left.argument)
    law = instance("int.le.not", a=le.function.argument, b=ZERO)  # not (le v 0) = lt 0 v
    less = k.trans(law, instance("int.lt.def", a=ZERO, b=positive.left.argument))
    tidy = k.compute(less.right.function.argument)
    holds = k.trans(less, k.app(k.app(k.refl(less.right.function.function), tidy), k.refl(less.right.argument)))
    assert holds.right is no
    negated = k.trans(holds, positive)  # not (le v 0) = true

    def case(known: Theorem) -> Theorem:
        if known.right is FALSE:
            return known
        opened = use("not.def", negated.left)
        assert opened is not None
        absurd = chain(k.sym(negated), opened, cond_is(known, opened.right))
        return contradiction(absurd, le, FALSE)

    false = k.bool_cases(le, case(k.assume(le, TRUE)), case(k.assume(le, FALSE)))
    opened = use("and.def", both)
    assert opened is not None
    return k.trans(opened, cond_is(false, opened.right))


def as_le(th: Theorem) -> Theorem:
    """|- lt a b = true as |- le (1 + a) b = true."""
    if head(th.left) != "lt":
        return th
    a, b = arguments(th.left)[1]
    return k.trans(k.sym(instance("int.lt.def", a=a, b=b)), th)
