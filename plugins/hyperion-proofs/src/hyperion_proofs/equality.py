"""Untrusted. Proofs that two states, or outcomes of states, are equal: normal forms and case splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hyperion.logic import kernel as k
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, cond_is, head, replace_all, use
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.tropical import Tropical

Domain = Literal["budget", "exact", "modular", "real"]
"""budget: sums stay in range by a run-time guard. exact: no sums at all. modular: words wrap. real: fp="reassoc"."""


@dataclass(frozen=True)
class Layout:
    """How states and summaries are laid out, and the order semiring of each component of the state."""

    domain: Domain
    word: str
    state: int
    summary: int
    tropical: tuple[Tropical | None, ...]


@dataclass(frozen=True)
class Equality:
    """Decides equality in one domain."""

    layout: Layout

    def prove(self, left: Term, right: Term, evaluate: Evaluator) -> Theorem:
        a, b = evaluate(left), evaluate(right)
        middle = self._same(a.right, b.right, 0)
        return chain(a, middle, k.sym(b))

    def _same(self, a: Term, b: Term, component: int) -> Theorem:
        if a is b:
            return k.refl(a)
        if head(a) == "ok" and head(b) == "ok":
            return k.app(k.refl(a.function), self._same(a.argument, b.argument, component))
        if a.kind == "T" or b.kind == "T":
            count = len((a if a.kind == "T" else b).items)
            pairs = zip(untuple(a, count), untuple(b, count), strict=True)
            whole = k.tuple_(*(self._same(u, v, i) for i, (u, v) in enumerate(pairs)))
            first = None if a.kind == "T" else k.sym(k.tupeta(a))
            last = None if b.kind == "T" else k.tupeta(b)
            return chain(first, whole, last)
        if self.layout.domain == "real" and a.type is t.REAL:
            return self._split(a, b, REALS.equal)
        word = f"ofZ.{self.layout.word}"
        if head(a) != word and head(b) != word:
            raise NoProof("the two sides differ")
        first, last = self._as_word(a), self._as_word(b)
        a, b = first.right if first else a, last.right if last else b
        if self.layout.domain == "modular":
            middle = self._split(a, b, modular.equal)
        else:
            tropical = self.layout.tropical[component]
            assert tropical is not None
            middle = k.app(k.refl(a.function), self._split(a.argument, b.argument, tropical.equal))
        return chain(first, middle, k.sym(last) if last else None)

    def _as_word(self, x: Term) -> Theorem | None:
        word = self.layout.word
        if head(x) == f"ofZ.{word}":
            return None
        th = use(f"{word}.of.to", apply(f"ofZ.{word}", apply(f"toZ.{word}", x)))
        assert th is not None
        return k.sym(th)

    def _split(self, a: Term, b: Term, equal: Callable[[Term, Term], Theorem | None], depth: int = 0) -> Theorem:
        """a = b by normal forms, after case splits on the tests that occur."""
        found = equal(a, b)
        if found is not None:
            return found
        test = _some_test(a) or _some_test(b)
        if test is None or depth > 6:
            raise NoProof("the two sides have different normal forms")

        def case(known: Theorem) -> Theorem:
            def decide(u: Term) -> Theorem | None:
                _, args = arguments(u)
                return cond_is(known, u) if head(u) == "cond" and len(args) == 3 and args[0] is test else None

            first, last = replace_all(a, decide), replace_all(b, decide)
            u, v = first.right if first else a, last.right if last else b
            return chain(first, self._split(u, v, equal, depth + 1), k.sym(last) if last else None)

        return k.bool_cases(test, case(k.assume(test, TRUE)), case(k.assume(test, FALSE)))


def _some_test(x: Term) -> Term | None:
    for u in t.subterms(x):
        if head(u) == "cond" and len(arguments(u)[1]) == 3:
            return arguments(u)[1][0]
    return None
