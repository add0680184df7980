"""Equalities with reasons: union and find, and a forest that remembers why (Nieuwenhuis and Oliveras 2005).

Classes are of terms. An explanation of `a = b` is a kernel theorem made from the equations that joined them, by the
path between them in the forest; congruences on it are explained in turn. There is no recursion.
"""

from __future__ import annotations

from typing import Final

from hyperion.logic import kernel as k
from hyperion.logic.derived import NoProof
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.tasks import Task, run

CONGRUENCE: Final = None
"""The reason of an edge between terms whose parts were equal."""


class Forest:
    """Classes of equal terms."""

    def __init__(self) -> None:
        self._parent: dict[Term, Term] = {}
        self._edges: dict[Term, tuple[Term, Theorem | None]] = {}  # towards the root of the tree of reasons
        self._explained: dict[tuple[Term, Term], Theorem] = {}

    def add(self, x: Term) -> None:
        self._parent.setdefault(x, x)

    def __contains__(self, x: Term) -> bool:
        return x in self._parent

    def __len__(self) -> int:
        return len(self._parent)

    def find(self, x: Term) -> Term:
        """The term that stands for the class of `x`."""
        root = x
        while self._parent[root] is not root:
            root = self._parent[root]
        while self._parent[x] is not root:
            self._parent[x], x = root, self._parent[x]
        return root

    def join(self, kept: Term, joined: Term, a: Term, b: Term, reason: Theorem | None) -> None:
        """Joins the class of the root `joined` to that of the root `kept`, because a = b."""
        self._parent[joined] = kept
        if self.find(a) is not kept or self.find(b) is not kept:
            raise NoProof("the classes that are joined are not those of the equation")
        self._reverse(a)
        self._edges[a] = b, reason

    def _reverse(self, x: Term) -> None:
        """Makes `x` the root of its tree of reasons."""
        edge = self._edges.pop(x, None)
        while edge is not None:
            y, reason = edge
            edge = self._edges.pop(y, None)
            self._edges[y] = x, k.sym(reason) if reason else CONGRUENCE
            x = y

    def path(self, a: Term, b: Term) -> list[tuple[Term, Term, Theorem | None]]:
        """The edges from a to b, each as (from, to, reason)."""
        up: dict[Term, int] = {}
        first = list[tuple[Term, Term, Theorem | None]]()
        x = a
        while True:
            up[x] = len(first)
            edge = self._edges.get(x)
            if edge is None:
                break
            first.append((x, *edge))
            x = edge[0]
        last = list[tuple[Term, Term, Theorem | None]]()
        y = b
        while y not in up:
            edge = self._edges.get(y)
            if edge is None:
                raise NoProof("the terms are in different classes")
            last.append((edge[0], y, k.sym(edge[1]) if edge[1] else CONGRUENCE))
            y = edge[0]
        return [*first[: up[y]], *reversed(last)]

    def explain(self, a: Term, b: Term) -> Theorem:
        """|- a = b. Raises NoProof where they are not known to be equal."""
        if a not in self or b not in self or self.find(a) is not self.find(b):
            raise NoProof("the terms are in different classes")
        return run(self._explain(a, b))

    def _explain(self, a: Term, b: Term) -> Task[Theorem]:
        known = self._explained.get((a, b))
        if known is not None or a is b:
            return known or k.refl(a)
        checkpoint()
        result: Theorem | None = None
        for x, y, reason in self.path(a, b):
            step = reason or (yield self._congruence(x, y))
            result = k.trans(result, step) if result else step
        assert result is not None
        self._explained[a, b] = result
        return result

    def _congruence(self, x: Term, y: Term) -> Task[Theorem]:
        parts: list[Theorem] = []
        for u, v in zip(x.children(), y.children(), strict=True):
            parts.append((yield self._explain(u, v)))
        match x.kind:
            case "A":
                return k.app(*parts)
            case "T":
                return k.tuple_(*parts)
            case _:
                return k.proj(x.index, *parts)

    def forget_explanations(self) -> None:
        """Explanations stay true when classes are joined; they only take room."""
        self._explained.clear()


def length(th: Theorem) -> int:
    """Steps of the proof, each counted once."""
    seen: set[int] = set()
    stack = [th]
    while stack:
        one = stack.pop()
        if id(one) not in seen:
            seen.add(id(one))
            stack.extend(one.premises)
    return len(seen)
