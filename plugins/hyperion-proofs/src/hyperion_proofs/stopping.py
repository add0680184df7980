"""Untrusted. States in which a search has found its answer: they stay as they are, whatever elements follow.

`act` of a summary is made to say so: `act A s` is `s` where a test of s holds, and what it was elsewhere. From the
proved equality of the two follows that the pieces after such a state need not be summarised, and in growing pieces
a search that finds its answer early ends early.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from hyperion.logic import kernel as k
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term
from hyperion_proofs.cases import Cases, Contradictory, reduced
from hyperion_proofs.derived import NoProof, abstract, at, by_cases, chain, head
from hyperion_proofs.equality import as_word
from hyperion_proofs.evaluate import WORDS
from hyperion_proofs.ladder.expressions import both, negation, simplified

MOST_FLAGS = 3
"""Of truth values that must all be as they are for the state to stay as it is."""


def final_test(acted: Sequence[Term], state: Sequence[Term]) -> Term | None:
    """A test of the state where `acted`, the state after a summary, is `state`, the one before it; None where none is
    seen."""
    for known in _candidates(acted, state):
        if all(simplified(e, known) is simplified(s, known) for e, s in zip(acted, state, strict=True)):
            test = TRUE
            for c, value in reversed(known.items()):
                test = both(c if value is TRUE else negation(c), test)
            return test
    return None


def _candidates(acted: Sequence[Term], state: Sequence[Term]) -> Iterator[dict[Term, Term]]:
    """Truth values of the state, and comparisons of it, with the values that they may have."""
    flags = [s for s in state if s.type is t.BOOL]
    tests = dict.fromkeys(
        u
        for e in acted
        for u in t.subterms(e)
        if head(u) in ("eq", "lt", "le") and u.free and u.free <= set(state) and u not in flags
    )
    for c in (*flags, *tests):
        yield {c: TRUE}
        yield {c: FALSE}
    if 1 < len(flags) <= MOST_FLAGS:
        for values in product((TRUE, FALSE), repeat=len(flags)):
            yield dict(zip(flags, values, strict=True))


def kept(acted: Sequence[Term], state: Sequence[Term], test: Term) -> list[Term]:
    """`acted`, but `state` where the test holds."""
    return [apply("cond", test, s, e) for e, s in zip(acted, state, strict=True)]


def same_act(act: Term, keeping: Term, test: Term) -> Theorem:
    """|- act = keeping, two functions of a summary and a state; `test` is a function of the state."""
    m, s = t.var("m", act.bound_type), t.var("s", act.body.bound_type)
    first, last = at(k.refl(act), m, s), at(k.refl(keeping), m, s)
    count = len(s.type.args or ()) if s.type.name == "prod" else 1
    pairs = zip(untuple(first.right, count), untuple(last.right, count), strict=True)
    holds = at(k.refl(test), s).right
    whole = [by_cases(holds, a, b, lambda known, a=a, b=b: _same(a, b, known)) for a, b in pairs]
    middle = whole[0] if count == 1 else k.tuple_(*whole)
    return abstract((m, s), chain(first, middle, k.sym(last)))


def _same(a: Term, b: Term, known: Theorem) -> Theorem:
    """|- a = b where a test is decided as `known` says."""
    try:
        tests = Cases(()).known([known]).tests
    except Contradictory:
        raise NoProof("a test of the state contradicts itself") from None
    tests = {known.left: known, **tests}
    first, last = _settled(a, tests), _settled(b, tests)
    middle = _equal(first.right, last.right)
    if middle is None:
        raise NoProof("a summary may change a state that was taken for final")
    return chain(first, middle, k.sym(last))


def _equal(a: Term, b: Term) -> Theorem | None:
    """|- a = b, by the ring of words or of reals."""
    if a is b:
        return k.refl(a)
    if a.type is t.REAL:
        return REALS.equal(a, b)
    if a.type.name not in WORDS:
        return None
    first, last = as_word(a), as_word(b)
    middle = modular.equal(first.right if first else a, last.right if last else b)
    return chain(first, middle, k.sym(last) if last else None) if middle else None


def _settled(x: Term, tests: dict[Term, Theorem]) -> Theorem:
    th = k.refl(x)
    while (more := reduced(th.right, tests)) is not None:
        th = k.trans(th, more)
    return th
