"""An e-graph that proves what it finds: congruence closure, rewriting with theorems as rules, extraction, explanation.

After egg (Willsey et al. 2021) and its proofs (Flatt et al., FMCAD 2022). Abstractions are leaves: equations do not
reach under binders. Terms are curried, so that equal functions have equal values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hyperion.logic import terms as t
from hyperion.logic.derived import NoProof
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.forest import CONGRUENCE, Forest
from hyperion_tactics.order import TermOrder

Signature = tuple[object, ...]


class Full(NoProof):
    """The e-graph has as many terms as it may have."""


@dataclass(slots=True)
class EClass:
    """Equal terms: those that differ in their classes of parts, and who uses them."""

    terms: list[Term] = field(default_factory=list[Term])
    users: list[Term] = field(default_factory=list[Term])
    applied: list[Term] = field(default_factory=list[Term])
    """Applications whose function is of this class."""

    @property
    def smallest(self) -> Term:
        """A small term of the class: that which stands for it in instances of rules."""
        return self.terms[0]


class EGraph:
    """Terms in classes of equal ones, closed under congruence."""

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._forest = Forest()
        self._classes: dict[Term, EClass] = {}
        self._nodes: dict[Signature, Term] = {}
        self._pending: list[tuple[Term, Term]] = []
        self._order = TermOrder()
        self.constants: dict[str, list[Term]] = {}

    # ---- building

    def __len__(self) -> int:
        """The terms that were added, with their parts."""
        return len(self._forest)

    def __contains__(self, x: Term) -> bool:
        return x in self._forest

    def add(self, x: Term, *, beyond: bool = False) -> Term:
        """The term that stands for the class of `x`. Raises `Full`, unless it may go `beyond` the limit."""
        if x.loose:
            raise NoProof("terms with loose bound variables have no class")
        stack = [x]
        while stack:
            u = stack[-1]
            parts = _parts(u)
            missing = [c for c in parts if c not in self._forest]
            if u in self._forest:
                stack.pop()
            elif missing:
                stack.extend(missing)
            else:
                stack.pop()
                self._enter(u, parts, beyond)
        self.rebuild()
        return self.find(x)

    def _enter(self, x: Term, parts: tuple[Term, ...], beyond: bool) -> None:
        checkpoint()
        if not beyond and len(self._forest) >= self._most:
            raise Full(f"the e-graph has {self._most} terms, its limit")
        self._forest.add(x)
        self._classes[x] = EClass([x])
        if x.kind == "C":
            self.constants.setdefault(x.name, []).append(x)
        for part in dict.fromkeys(map(self.find, parts)):
            self._classes[part].users.append(x)
        if x.kind == "A":
            self._classes[self.find(x.function)].applied.append(x)
        self._look_up(x)

    def _look_up(self, x: Term) -> None:
        """A term with the same parts as another is equal to it."""
        signature = self._signature(x)
        other = self._nodes.setdefault(signature, x)
        if other is not x and self.find(other) is not self.find(x):
            self._pending.append((x, other))

    def _signature(self, x: Term) -> Signature:
        parts = _parts(x)
        return (x.kind, x.index, *map(self.find, parts)) if parts else (x,)

    def find(self, x: Term) -> Term:
        return self._forest.find(x)

    def same(self, a: Term, b: Term) -> bool:
        return a in self._forest and b in self._forest and self.find(a) is self.find(b)

    def union(self, th: Theorem) -> bool:
        """Joins the classes of both sides of a theorem; whether they were different. `rebuild` closes under
        congruence."""
        self.add(th.left)
        self.add(th.right)
        return self._join(th.left, th.right, th)

    def _join(self, a: Term, b: Term, reason: Theorem | None) -> bool:
        kept, joined = self.find(a), self.find(b)
        if kept is joined:
            return False
        if len(self._classes[kept].users) < len(self._classes[joined].users):
            kept, joined = joined, kept
        self._forest.join(kept, joined, a, b, reason)
        mine, other = self._classes[kept], self._classes.pop(joined)
        lesser = self._order.size(other.smallest) < self._order.size(mine.smallest)
        mine.terms = [*other.terms, *mine.terms] if lesser else [*mine.terms, *other.terms]
        mine.users += other.users
        mine.applied += other.applied
        for user in other.users:
            self._look_up(user)
        return True

    def rebuild(self) -> None:
        """Closes under congruence: f x = g y where f = g and x = y."""
        while self._pending:
            checkpoint()
            a, b = self._pending.pop()
            self._join(a, b, CONGRUENCE)

    def explain(self, a: Term, b: Term) -> Theorem:
        """|- a = b, from the theorems that joined them."""
        return self._forest.explain(a, b)

    # ---- looking

    def eclass(self, x: Term) -> EClass:
        return self._classes[self.find(x)]

    def classes(self) -> Iterator[tuple[Term, EClass]]:
        return iter(list(self._classes.items()))

    def terms(self, x: Term) -> list[Term]:
        """The terms of the class of `x`, one for each way to make it from classes."""
        found: dict[Signature, Term] = {}
        mine = self.eclass(x)
        for term in mine.terms:
            found.setdefault(self._signature(term), term)
        mine.terms = list(found.values())
        return mine.terms

    def applications(self, function: Term) -> list[Term]:
        """Applications of the functions in the class of `function`, one for each class of arguments."""
        mine = self.eclass(function)
        found = {self.find(x.argument): x for x in reversed(mine.applied)}
        if len(found) < len(mine.applied):
            mine.applied = list(found.values())
        return mine.applied

    # ---- extracting

    def smallest(self, x: Term, cost: Callable[[Term], int] | None = None) -> Term:
        """The cheapest term of the class of `x`, each symbol costing `cost`, at least 0, or 1; `explain` says why it is
        equal."""
        return extracted(self, [x], cost)[self.find(x)]


def extracted(graph: EGraph, wanted: Iterable[Term], cost: Callable[[Term], int] | None = None) -> dict[Term, Term]:
    """By class, its cheapest term: costs are computed until none falls (Knuth 1977)."""
    own = cost or _one
    best: dict[Term, tuple[int, Term]] = {}
    changed = True
    while changed:
        changed = False
        checkpoint()
        for root, each in graph.classes():
            for x in each.terms:
                parts = [best.get(graph.find(c)) for c in _parts(x)]
                if any(p is None for p in parts):
                    continue
                total = max(0, own(x)) + sum(p[0] for p in parts if p is not None)
                if root not in best or total < best[root][0]:
                    best[root] = total, x
                    changed = True
    return {graph.find(x): _built(graph, x, best) for x in wanted}


def _one(_: Term) -> int:
    return 1


def _built(graph: EGraph, x: Term, best: dict[Term, tuple[int, Term]]) -> Term:
    made: dict[Term, Term] = {}
    stack = [graph.find(x)]
    while stack:
        root = stack[-1]
        chosen = best[root][1]
        roots = [graph.find(c) for c in _parts(chosen)]
        missing = [r for r in roots if r not in made]
        if root in made:
            stack.pop()
        elif missing:
            stack.extend(missing)
        else:
            made[root] = _with_parts(chosen, [made[r] for r in roots])
            stack.pop()
    return made[graph.find(x)]


def _parts(x: Term) -> tuple[Term, ...]:
    return x.children() if x.kind in "ATP" else ()


def _with_parts(x: Term, parts: list[Term]) -> Term:
    match x.kind:
        case "A":
            return t.app(*parts)
        case "T":
            return t.tup(*parts)
        case "P":
            return t.proj(x.index, *parts)
        case _:
            return x
