r"""Untrusted. What holds after an operation that traps unless a test holds, such as `hp.assume(test)`.

    o = trap where the test is false         A, test = true |- l = r
    ----------------------------------------------------------------
                A |- bind o (\v. l) = bind o (\v. r)

So a proof about what follows may use the test, and the theorem about the whole function has no hypothesis: where the
test fails, both sides trap at the same place.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.cases import Contradictory, as_inequalities, decided
from hyperion_proofs.derived import chain, head, instance, unfold, use
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import parts
from hyperion_proofs.ladder.intervals import Interval, implied
from hyperion_proofs.magnitudes import between


@dataclass(frozen=True)
class Assumption:
    """A test, and |- o = trap under the hypothesis that it is false."""

    test: Term
    refuted: Theorem

    @property
    def fact(self) -> Theorem:
        """{test = true} |- test = true"""
        return k.assume(self.test, TRUE)


def assumption(o: Term) -> Assumption | None:
    """The test without which the outcome is a trap; None where there is none that is easily read off."""
    if head(o) != "cond" or "trap" not in (head(x) for x in arguments(o)[1][1:]):
        return None
    for test in _tests(arguments(o)[1][0]):
        th = Evaluator(no_range, facts=(k.assume(test, FALSE),))(o)
        if head(th.right) == "trap":
            return Assumption(test, th)
    return None


def _tests(x: Term) -> list[Term]:
    """The tests of conditionals inside a comparison."""
    return [arguments(u)[1][0] for u in t.subterms(x) if head(u) == "cond" and len(arguments(u)[1]) == 3]


def discharged(th: Theorem, found: Assumption) -> Theorem:
    """From |- bind o (\\v. l) = bind o (\\v. r) under the test: the same without it."""
    if (found.test, TRUE) not in th.hypotheses:
        return th
    trapped = [_trapped(side, found) for side in (th.left, th.right)]
    return k.bool_cases(found.test, th, k.trans(trapped[0], k.sym(trapped[1])))


def _trapped(x: Term, found: Assumption) -> Theorem:
    """{test = false} |- bind o f = trap"""
    moved = k.app(k.app(k.refl(x.function.function), found.refuted), k.refl(x.argument))
    opened = unfold("bind", moved.right)
    reduced = use("outcase.trap", opened.right)
    assert reduced is not None
    return chain(moved, opened, reduced)


@dataclass(frozen=True)
class Everywhere:
    """|- all p xs = true."""

    theorem: Theorem

    @property
    def predicate(self) -> Term:
        return self.theorem.left.function.argument

    def of(self, fact: Theorem) -> list[Theorem]:
        """|- test = true or false, from |- p x = true."""
        opened = k.trans(k.sym(Evaluator(no_range)(fact.left)), fact)
        return decided([opened])

    def interval(self, z: Term, fact: Theorem) -> Interval | None:
        """The interval in which the integer z lies, from |- p x = true, where z speaks of x."""
        known = [le for th in self.of(fact) for le in as_inequalities(th)]
        lows, highs = zip(*(_ends(le, z) for le in known), strict=True) if known else ((), ())
        low, high = (
            pick((e for e in ends if e is not None), default=None) for pick, ends in ((max, lows), (min, highs))
        )
        if low is None or high is None or low > high:
            return None
        below = implied(apply("le", literals.int_lit(low), z), known)
        return Interval(low, high, below, implied(apply("le", z, literals.int_lit(high)), known))


def _ends(th: Theorem, z: Term) -> tuple[int | None, int | None]:
    """What |- le a b = true or false says of z as numbers: at least, at most."""
    a, b = arguments(th.left)[1]
    holds = th.right is TRUE
    shift = 0
    if head(a) == "add" and arguments(a)[1][0].kind == "K":  # le (1 + z) high
        c, a = arguments(a)[1]
        shift = literals.int_value(c)
    if a is z and b.kind == "K":
        value = literals.int_value(b) - shift
        return (None, value) if holds else (value + 1, None)
    if b is z and a.kind == "K":
        value = literals.int_value(a) + shift
        return (value, None) if holds else (None, value - 1)
    return None, None


def size(found: Interval) -> int:
    """The largest magnitude in an interval."""
    return max(-found.low, found.high)


def within(found: Interval, z: Term) -> Theorem:
    """|- within size z = true."""
    return between(z, found.below, found.above, size(found))


def everywhere_in(xs: Term, assumptions: Sequence[Assumption]) -> Everywhere | None:
    """What is assumed of every element of the list."""
    for each in assumptions:
        if head(each.test) == "all" and each.test.argument is xs:
            return Everywhere(each.fact)
    return None


def facts_outside(assumptions: Sequence[Assumption]) -> list[Theorem]:
    """|- test = true or false of values from outside of loops; each has what is assumed as its hypothesis."""
    found: list[Theorem] = []
    for each in assumptions:
        if head(each.test) != "all":
            tidy = Evaluator(no_range)(each.test)
            with suppress(Contradictory):  # then nothing runs after it
                found += decided([k.trans(k.sym(tidy), each.fact)])
    return found


def not_negative(x: Term) -> Theorem:
    """|- le 0 (toZ x) = true of an unsigned word."""
    word = x.type.name
    z = apply(f"toZ.{word}", x)
    low, _ = parts(k.trans(k.sym(instance(f"{word}.inr.def", z=z)), instance(f"{word}.inr.to", x=x)))
    return low
