"""Case splits over what linear arithmetic and congruence do not see: connectives, choices, max, min, abs, equality
tests.

Tests are split on one after the other, each case simplified under them; a case is closed by the simplifier or by linear
arithmetic. For n tests that matter there are up to 2**n cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import NoProof, arguments, chain, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import lemmas
from hyperion_tactics.combinators import done
from hyperion_tactics.linear import proved_from
from hyperion_tactics.order_lemmas import extremum, le
from hyperion_tactics.proving import Failed
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.simplifier import Simplifier

MOST_SPLITS = 16
_CONNECTIVES = {"and", "or", "xor", "not", "cond"}


@cache
def connectives() -> RuleSet:
    """The definitions of and, or, xor and not, and choices that are decided."""
    names = ("and.def", "or.def", "xor.def", "not.def", "cond.true", "cond.false")
    return RuleSet.of({name: k.axiom(name) for name in names})


@cache
def choices() -> RuleSet:
    """The same, and max, min, abs and equality tests of integers by comparisons."""
    found = {"int.abs.def": k.axiom("int.abs.def"), "int.eq.def": k.axiom("int.eq.def")}
    for name in ("max", "min"):
        for value in (True, False):
            found[f"{name} where a <= b is {str(value).lower()}"] = extremum(name, value)
    return connectives() | RuleSet.of(found)


Leaf = Callable[[Goal, list[Theorem]], Theorem]
"""Proves a case from theorems that hold in it, or raises NoProof."""


def by_splits(rules: RuleSet, leaf: Leaf | None, most: int = MOST_SPLITS) -> Tactic:
    """Proves a goal by `rules`, by `leaf`, or by the two cases of a test, down to `most` splits."""

    def proved(goal: Goal, left: int) -> Theorem:
        simplifier = Simplifier(rules, goal.hypotheses)
        false = simplifier.contradiction()
        if false is not None:
            return lemmas.contradiction(false, goal.left, goal.right)
        first, last = simplifier(goal.left), simplifier(goal.right)
        a, b = first.right if first else goal.left, last.right if last else goal.right
        if a is b:
            return chain(first, k.refl(a), k.sym(last) if last else None)
        facts = simplifier.facts()
        inner = Goal(goal.hypotheses, a, b)
        if leaf is not None:
            try:
                return chain(first, leaf(inner, facts), k.sym(last) if last else None)
            except NoProof:
                pass
        test = next(_tests(inner, facts), None)
        if test is None and left > 0 and inner != goal:  # what is simpler may be simplified again
            return chain(first, proved(inner, left - 1), k.sym(last) if last else None)
        if test is None or left == 0:
            reason = "no test is left to split on" if test is None else f"more than {most} splits"
            raise Failed(reason, inner)
        cases = [proved(Goal(goal.hypotheses | {(test, value)}, a, b), left - 1) for value in (TRUE, FALSE)]
        return chain(first, k.bool_cases(test, *cases), k.sym(last) if last else None)

    return lambda goal: done(proved(goal, most))


def _tests(goal: Goal, facts: list[Theorem]) -> Iterator[Term]:
    """Truth values that what is to prove, or a fact, depends on and that are not known."""
    known = {fact.left for fact in facts if fact.right in (TRUE, FALSE)}
    whole = goal.right in (TRUE, FALSE) and head(goal.left) not in _CONNECTIVES  # for the leaf, not for a split
    sides = [goal.left, goal.right]
    for fact in facts:
        sides += [fact.left, fact.right]
    for i, side in enumerate(sides):
        for test in _inside(side) if whole and i == 0 else (side, *_inside(side)):
            atom = test.type is t.BOOL and head(test) not in _CONNECTIVES
            if atom and not test.loose and test not in (TRUE, FALSE) and test not in known:
                yield test


def _inside(side: Term) -> Iterator[Term]:
    for u in t.subterms(side):
        name, args = head(u), arguments(u)[1]
        if name == "cond" and len(args) >= 3:
            yield args[0]
        elif name in ("max", "min") and len(args) == 2 and not u.loose:
            yield le(*args)
        elif name in _CONNECTIVES:
            yield from args


def tautology(goal: Goal) -> Progress:
    """Proves equations of truth values, and of choices between terms, by the cases of the truth values in them."""
    return by_splits(connectives(), None)(goal)


def arithmetic(goal: Goal) -> Progress:
    """Proves what follows by linear arithmetic over the integers in each case of the tests, connectives, choices, max,
    min and abs in the goal and in its hypotheses."""
    return by_splits(choices(), proved_from)(goal)
