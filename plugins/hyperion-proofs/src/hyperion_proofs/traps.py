"""Untrusted. Steps that trap for what an element is: a division by it, a root of it.

Where no element does that, no step traps. So the tests that lead to a trap, as far as they are about the element only,
are assumed to fail; a guard tests them for every element, and where one holds the loop runs as written and traps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.logic import kernel as k
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import arguments, beta_spine
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.cases import decided, reduced
from hyperion_proofs.derived import chain, head
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import parts
from hyperion_proofs.settling import settling

Evaluate = Callable[[Term], Theorem]


def under(evaluate: Evaluate, facts: Sequence[Theorem]) -> Evaluate:
    """Evaluation where tests are decided: `facts` are |- test = true or false, and what follows from them."""
    evaluate = settling(evaluate, facts)
    tests = {fact.left: fact for fact in facts}

    def go(x: Term) -> Theorem:
        th = evaluate(x)
        change = reduced(th.right, tests) if tests else None
        while change is not None:
            th = chain(th, change, evaluate(change.right))
            change = reduced(th.right, tests)
        return th

    return go


def without_traps(
    evaluate: Evaluate,
    outcome: Term,
    state: Term,
    known: Sequence[Theorem] = (),
    anyway: bool = False,
    *,
    ranges: bool = False,
) -> tuple[Theorem, list[Theorem]]:
    """|- outcome = its value, under what is `known` and what is assumed of the element, and these assumptions; with
    `anyway` of the state too, which is to be proved; with `ranges` about the ranges of words too."""
    facts: list[Theorem] = []
    while True:
        th = under(evaluate, [*known, *facts])(outcome)
        found = _trap(th.right, state, ranges) or (_trap(th.right, None, ranges) if anyway else None)
        if found is None:
            return th, facts
        facts.append(k.assume(*found))


def _trap(x: Term, state: Term | None, ranges: bool) -> tuple[Term, Term] | None:
    """A test, without the state where one is given, that leads to a trap, and its value where it does not."""
    if head(x) != "cond":
        return None
    test, a, b = arguments(x)[1]
    if (state is None or state not in test.free) and (ranges or not head(test).startswith("inr.")):
        for branch, other in ((a, FALSE), (b, TRUE)):
            if head(branch) == "trap":
                return test, other
    return _trap(a, state, ranges) or _trap(b, state, ranges)


def known_of(fact: Theorem) -> list[Theorem]:
    """From |- (\\x. a conjunction of tests) x = true: |- test = true or false for each."""
    opened = k.trans(k.sym(beta_spine(fact.left)), fact)
    return decided([_tidy(part) for part in _conjuncts(opened)])


def _conjuncts(fact: Theorem) -> list[Theorem]:
    """From |- a conjunction = true: |- each part = true."""
    if head(fact.left) != "and":
        return [fact]
    return [part for side in parts(fact) for part in _conjuncts(side)]


def _tidy(fact: Theorem) -> Theorem:
    evaluated = Evaluator(no_range)(fact.left)
    return k.trans(k.sym(evaluated), fact)
