"""Runs the steps of a proof file through the kernel again, with literals replaced by variables.

A computation on literals becomes a hypothesis where one of them is replaced: what then follows holds for all literals
for which the computation goes the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias  # Any: JSON values

from hyperion.logic import kernel as k
from hyperion.logic import replay
from hyperion.logic import terms as t
from hyperion.logic.compute import value_of
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.terms import Term, TermError, Ty

Literals: TypeAlias = Mapping[Term, Term]


class NotReplayed(Exception):
    """A step does not go through; `blamed` are the replaced literals' variables for which it does not."""

    def __init__(self, message: str, blamed: frozenset[Term] = frozenset()) -> None:
        super().__init__(message)
        self.blamed = blamed


class Replay(replay.Replay):
    """The entries of one proof. `replaced` says which literals become which variables."""

    def __init__(self, value: Mapping[str, Any], replaced: Literals) -> None:
        super().__init__()
        self._replaced = replaced
        self._variables = frozenset(replaced.values())
        self.computed: dict[tuple[Term, Term], None] = {}
        """The computations that became hypotheses, in their order."""
        try:
            self.run(value)
        except (TermError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise NotReplayed(f"it is no proof: {error}") from error

    def literal(self, ty: Ty, payload: str) -> Term:
        found = super().literal(ty, payload)
        return self._replaced.get(found, found)

    def infer(self, rule: str, arguments: Sequence[Any]) -> Theorem:
        """A theorem by the rule. An oracle is believed about its own words only."""
        if rule == "oracle":
            raise NotReplayed("the rule oracle")
        if rule == "compute":
            return self._compute(*arguments)
        try:
            return super().infer(rule, arguments)
        except (RuleError, TermError) as error:
            terms = [a for a in arguments if isinstance(a, Term)]
            theorems = [a for a in arguments if isinstance(a, Theorem)]
            raise NotReplayed(f"{rule}: {error}", self._blamed(rule, terms, theorems)) from error

    def _compute(self, x: Term) -> Theorem:
        if x.free.isdisjoint(self._variables):
            return k.compute(x)
        value = self._original(x)
        self.computed.setdefault((x, value))
        return k.assume(x, value)

    def _original(self, x: Term) -> Term:
        """What the computation gave on the literals that were replaced, replaced in the same way."""
        found = value_of(t.substitute(x, {v: lit for lit, v in self._replaced.items()}))
        if found is None:
            raise NotReplayed("compute: not an operation on literals")
        return self._replaced.get(found, found)

    def _blamed(self, rule: str, terms: Sequence[Term], theorems: Sequence[Theorem]) -> frozenset[Term]:
        """The variables that stand where another step has a literal; for a definition all of them."""
        if rule == "define":
            return frozenset[Term]().union(*(x.free for x in terms)) & self._variables
        if rule == "trans":
            return differences(theorems[0].right, theorems[1].left) & self._variables
        sides = [x for th in theorems for pair in [(th.left, th.right), *th.hypotheses] for x in pair]
        found = frozenset[Term]().union(
            *(differences(x, y) for x in [*terms, *sides] for y in sides if x.type is y.type)
        )
        return found & self._variables


def differences(x: Term, y: Term) -> frozenset[Term]:
    """The free variables that stand in one of the terms where the other has something else."""
    found: set[Term] = set()
    seen: set[tuple[Term, Term]] = set()
    stack = [(x, y)]
    while stack:
        a, b = stack.pop()
        if a is b or (a, b) in seen:
            continue
        seen.add((a, b))
        found |= {u for u in (a, b) if u.kind == "V"}
        mates = a.children(), b.children()
        if a.kind == b.kind and len(mates[0]) == len(mates[1]):
            stack.extend(zip(*mates, strict=True))
    return frozenset(found)
