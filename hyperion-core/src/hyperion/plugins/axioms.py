"""A smoke test of axioms that a distribution brings: whether a contradiction follows from some of their instances.

It finds what is plainly wrong, `x + 1 = x` or two names for one literal. That it finds nothing proves nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from hyperion.errors import ProofError
from hyperion.interfaces.theory import Theory
from hyperion.logic import kernel, literals, theory
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE, value_of
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term

MOST_INSTANCES = 64
MOST_FACTS = 2000


def contradictions(owner: str, brought: Theory) -> Iterator[str]:
    """What is wrong with the axioms of the distribution `owner`. The process knows them from then on; that it knows
    them does not make them count."""
    try:
        names = theory.admit(owner, brought.axiom_text)
    except ProofError as error:
        yield f"its axioms are not taken: {'; '.join([error.message, *error.notes])}"
        return
    unrecorded = sorted(set(names) - set(brought.records))
    if unrecorded:
        yield f"it has no record of how these axioms were validated: {', '.join(unrecorded)}"
    guilty = _Classes().contradiction([kernel.axiom(name) for name in names])
    if guilty:
        yield f"two different values are equal by {' and '.join(sorted(guilty))}"


class _Classes:
    """Terms without variables that some instances make equal (union-find), each class with the axioms that made it."""

    def __init__(self) -> None:
        self._parent: dict[Term, Term] = {}
        self._axioms: dict[Term, frozenset[str]] = {}

    def contradiction(self, axioms: Sequence[Theorem]) -> frozenset[str]:
        """The axioms by which two different literals are equal; empty where none was found."""
        facts = list(itertools.islice(itertools.chain.from_iterable(map(_instances, axioms)), MOST_FACTS))
        for fact in facts + facts:  # what the first round made equal is known in the second
            if all(self._value(a) is self._value(b) for a, b in fact.hypotheses):
                guilty = self._join(fact)
                if guilty:
                    return guilty
        return frozenset()

    def _join(self, fact: Theorem) -> frozenset[str]:
        left, right = self._value(fact.left), self._value(fact.right)
        if left is right:
            return frozenset()
        why = self._axioms.get(left, frozenset()) | self._axioms.get(right, frozenset()) | fact.axioms
        if _is_literal(left) and _is_literal(right):
            return why
        child, top = (right, left) if _is_literal(left) else (left, right)
        self._parent[child], self._axioms[top] = top, why
        return frozenset()

    def _value(self, x: Term) -> Term:
        """What a term is known to be equal to: its arguments first, then computed where they are literals."""
        if x.kind == "A":
            x = t.app(self._value(x.function), self._value(x.argument))
            x = value_of(x) or x
        while x in self._parent:
            x = self._parent[x]
        return x


def _instances(axiom: Theorem) -> Iterator[Theorem]:
    """The axiom at a few values of its variables; none where a variable has a type without such values."""
    sides = [axiom.left, axiom.right, *(side for equation in axiom.hypotheses for side in equation)]
    free = sorted(frozenset[Term]().union(*(side.free for side in sides)), key=lambda v: v.name)
    choices = itertools.product(*(_VALUES.get(v.type, ()) for v in free))
    for choice in itertools.islice(choices, MOST_INSTANCES):
        yield kernel.inst(dict(zip(free, choice, strict=True)), axiom)


def _is_literal(x: Term) -> bool:
    return x.kind == "K" or x in (TRUE, FALSE)


_VALUES: Mapping[t.Ty, tuple[Term, ...]] = {
    t.BOOL: (TRUE, FALSE),
    t.INT: tuple(literals.int_lit(n) for n in (0, 1, -1, 2, 7)),
}
