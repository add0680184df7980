"""Untrusted. The state of a counting loop after a number of steps, proved once for variables and then instantiated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term

Facts = Mapping[Term, Theorem]
"""By the test, |- test = true."""


@dataclass(frozen=True)
class Proofs:
    """Each is proved when it is asked for first, under the tests as hypotheses."""

    begin: Callable[[], Theorem]
    end: Callable[[], Theorem]
    each: Callable[[], Theorem]

    @cached_property
    def start(self) -> Theorem:
        return self.begin()

    @cached_property
    def finish(self) -> Theorem:
        return self.end()

    @cached_property
    def law(self) -> Theorem:
        return self.each()


@dataclass(frozen=True)
class KnownForm:
    """c, where c i is the state after i steps; the largest count that passes the tests; what c is at the count, as it
    is computed; and the tests that no step up to there traps."""

    term: Term
    most: int
    results: tuple[Term, ...]
    tests: tuple[Term, ...]
    proofs: Proofs
    values: tuple[tuple[Term, Term], ...] = ()

    def at(self, values: Mapping[Term, Term]) -> KnownForm:
        """The same for values of variables."""

        def put(x: Term) -> Term:
            return t.substitute(x, dict(values))

        results, tests = (tuple(map(put, xs)) for xs in (self.results, self.tests))
        return KnownForm(put(self.term), self.most, results, tests, self.proofs, tuple(values.items()))

    def start(self) -> Theorem:
        """|- the state before = c 0."""
        return self._instance(self.proofs.start, {})

    def finish(self, facts: Facts) -> Theorem:
        """|- c count = the results."""
        return self._instance(self.proofs.finish, facts)

    def law(self, facts: Facts) -> Theorem:
        """The law of `counting`."""
        return self._instance(self.proofs.law, facts)

    def _instance(self, th: Theorem, facts: Facts) -> Theorem:
        found = k.inst(dict(self.values), th) if self.values else th
        return discharge(found, *(facts[x] for x in self.tests if x in facts))
