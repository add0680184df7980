"""Untrusted. Evidence for what a pass rewrote: one term, or a proof by congruence; where there is neither for all of
its rewrites, the most of them that have one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hyperion.errors import ProofError
from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Function, Program
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.denote import denote
from hyperion.logic.kernel import Theorem
from hyperion.logic.sized import sized
from hyperion.logic.terms import Term, TermError
from hyperion_passes.congruence import Congruence, Elements, Guide, Prover, Rule
from hyperion_passes.derived import both
from hyperion_passes.evaluation import Evaluation
from hyperion_passes.meaning import normalizer


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A rewritten function, the names of the places where it differs from the old one, and the rules, by head, that
    rewrite what was found there into what was put there; what functions that it still calls denote is `opaque`. With
    `elements` the proof is about the arrays that exist, whose elements and indices that tells of. What evaluation and
    rules leave different goes to the `prover`. The `guides` are rules, too, for where both functions show which one."""

    function: Function
    places: tuple[str, ...]
    rules: Mapping[str, Sequence[Rule]] = field(default_factory=dict[str, Sequence[Rule]])
    opaque: Collection[Term] = ()
    elements: Elements | None = None
    prover: Prover | None = None
    guides: Mapping[str, Sequence[Guide]] = field(default_factory=dict[str, Sequence[Guide]])


Rewriter: TypeAlias = Callable[[Collection[str]], Rewrite]
"""The function rewritten everywhere but at the places named."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Proves the results of one pass on `program`."""

    program: Program
    context: PassContext

    def largest(self, rewriter: Rewriter, statistic: str) -> PassResult:
        """The result with the most places rewritten for which a proof is found; counts them as `statistic`."""
        whole = rewriter(())
        before = self._term(self.program.main) if whole.places else None
        if before is None:
            return PassResult(self.program.main)
        result, done = self._search(before, rewriter, whole)
        self.context.count(statistic, done)
        return result

    def _search(self, before: Term, rewriter: Rewriter, whole: Rewrite) -> tuple[PassResult, int]:
        found = self._proved(before, whole)
        if found is not None:
            return found, len(whole.places)
        refused: set[str] = set(whole.places)
        best, most = PassResult(self.program.main), 0

        def grow(places: Sequence[str]) -> None:
            """Adds the places, all at once or each half alone, to those that are rewritten."""
            nonlocal best, most
            refused.difference_update(places)
            attempt = rewriter(frozenset(refused))
            proved = self._proved(before, attempt)
            if proved is not None:
                best, most = proved, len(attempt.places)
                return
            refused.update(places)
            if len(places) > 1:
                middle = len(places) // 2
                grow(places[:middle])
                grow(places[middle:])

        middle = (len(whole.places) + 1) // 2
        for half in (whole.places[:middle], whole.places[middle:]):
            if half and len(whole.places) > 1:
                grow(half)
        return best, most

    def _proved(self, before: Term, attempt: Rewrite) -> PassResult | None:
        function = attempt.function
        after = self._term(function)
        if after is None or function == self.program.main:
            return None
        if after is before:
            return PassResult(function)
        try:
            theorem = self._theorem(before, after, attempt)
        except RecursionError:  # a term too deep for a rule: there may be a proof, but not this way
            return None
        return PassResult(function, theorem) if theorem else None

    def _theorem(self, before: Term, after: Term, attempt: Rewrite) -> Theorem | None:
        prove = self._congruence(attempt)
        wrapper = sized(before.type) if attempt.elements else None
        if wrapper is None:
            return prove(before, after)
        first, last = (k.beta(t.app(wrapper, side)) for side in (before, after))
        middle = prove(first.right, last.right)
        return both(first, middle, k.sym(last)) if middle else None

    def _congruence(self, attempt: Rewrite) -> Congruence:
        check = self.context.check
        evaluation = Evaluation(normalizer(check), attempt.opaque)
        return Congruence(evaluation, attempt.rules, attempt.prover, attempt.elements, check, attempt.guides)

    def _term(self, function: Function) -> Term | None:
        try:
            return denote(function, self.program)
        except (ProofError, TermError):  # nothing can be said about it
            return None
