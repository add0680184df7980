"""Untrusted. Proofs of a loop's laws (see `loop`): of words under a budget, words modulo 2**n, or reals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import beta_spine, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.terms import Term
from hyperion_proofs.bounds import Bounds, shape
from hyperion_proofs.derived import NoProof, head, instance
from hyperion_proofs.equality import Equality, Layout
from hyperion_proofs.evaluate import WORDS, Evaluator, no_range
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts, conjunction
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.loop import Loop, law_theorem

ZERO = literals.int_lit(0)


Conditions = Callable[[Sequence[Term]], list[Term]]
"""Truth values about the components of a value."""


@dataclass(frozen=True)
class Late:
    """The positions of values that do not count the first element of a chunk yet, and what one element weighs."""

    positions: frozenset[int]
    weight: Term


NEVER = Late(frozenset(), ZERO)


def ok_predicate(layout: Layout, ty: t.Ty, types: Sequence[t.Ty], holds: Conditions, late: Late = NEVER) -> Term:
    """`\\p v. ..`: every i64 of v is within p (where sums are budgeted), and what holds of v. What is `late` does not
    count the first element yet: it is within p less the weight of one element."""
    p, v = t.var("p", t.INT), t.var("v", ty)
    values = untuple(v, len(types))
    bounds: list[Term] = []
    for i, u in enumerate(values):
        if u.type.name == "i64" and layout.domain == "budget":
            bound = apply("sub", p, late.weight) if i in late.positions else p
            bounds.append(apply("within", bound, apply("toZ.i64", u)))
    if not any(b.function.argument is p for b in bounds):
        bounds.insert(0, apply("le", ZERO, p))
    return t.lams((p, v), conjunction([*bounds, *holds([atom(u) for u in values])]))


def atom(u: Term) -> Term:
    """How a component occurs in expressions: the integer of a word; else itself."""
    return apply(f"toZ.{u.type.name}", u) if u.type.name in WORDS else u


@dataclass(frozen=True)
class Magnitudes:
    """The budget of a loop: a step adds at most `weight`, everything stays within `limit`.

    `captured` are |- within p e = true for values from outside the loop, `nonneg` says |- le 0 atom = true of the atoms
    of bounds, `element` gives such bounds of an element from |- okX x = true.
    """

    weight: Term
    limit: Term
    captured: dict[Term, Theorem]
    nonneg: dict[Term, Theorem]
    element: Callable[[Theorem], dict[Term, Theorem]]


def nothing_known(fact: Theorem) -> dict[Term, Theorem]:
    return {}


Facts = Callable[[Theorem], list[Theorem]]
"""|- c = true that follow from |- okX x = true."""


def no_facts(fact: Theorem) -> list[Theorem]:
    return []


UNBOUNDED = Magnitudes(ZERO, ZERO, {}, {}, nothing_known)


class Laws:
    """Proves the laws of one loop."""

    def __init__(self, loop: Loop, layout: Layout, magnitudes: Magnitudes, facts: Facts = no_facts) -> None:
        self.loop = loop
        self.layout = layout
        self._facts = facts
        self._equality = Equality(layout)
        self._state = t.var("s", loop.state)
        self._magnitudes = magnitudes

    def all(self) -> dict[str, Theorem]:
        proofs = {
            "step": self._step,
            "lift": self._lift,
            "mul": self._mul,
            "act": self._act,
            "join": self._join,
            "size": self._size,
            "unit": self._unit,
        }
        return {name: law_theorem(self.loop, name, prove(name)) for name, prove in proofs.items()}

    # ---- conditions

    def _parts(self, name: str) -> tuple[tuple[Term, ...], list[Theorem], Term, Term]:
        variables, conditions, left, right = self.loop.laws()[name]
        return variables, [k.assume(c, TRUE) for c in conditions], left, right

    def _opened(self, fact: Theorem) -> Theorem:
        """From |- (\\p v. body) a b = true: |- body[a, b] = true."""
        return k.trans(k.sym(beta_spine(fact.left)), fact)

    def _bounded(self, fact: Theorem) -> tuple[dict[Term, Theorem], Theorem, list[Theorem]]:
        """From |- okS p s = true (or okM): leaf bounds, |- le 0 p, and what else holds."""
        found = _all_parts(self._opened(fact))
        leaves = {th.left.argument: th for th in found if head(th.left) == "within"}
        others = [th for th in found if head(th.left) != "within"]
        p = fact.left.function.argument
        first = next((th for th in leaves.values() if th.left.function.argument is p), None)
        if first is None:
            return leaves, others[0], others[1:]
        return leaves, discharge(instance("within.nonneg", p=p, a=first.left.argument), first), others

    def _truths(self, *facts: Theorem) -> list[Theorem]:
        """What holds of states and summaries besides their bounds."""
        return [th for fact in facts for th in self._bounded(fact)[2]]

    def _bounds(self, sized: Sequence[Theorem], element: Theorem | None, budget: Theorem | None) -> Bounds:
        leaves, nonneg = dict(self._magnitudes.captured), dict(self._magnitudes.nonneg)
        for fact in sized:
            more, positive, _ = self._bounded(fact)
            leaves |= more
            nonneg[positive.left.argument] = positive
        if element is not None:
            leaves |= self._magnitudes.element(element)
        return Bounds(leaves, nonneg, budget)

    def _evaluator(self, bounds: Bounds) -> Evaluator:
        if self.layout.domain != "budget":
            return Evaluator(no_range, state=self._state)

        def in_range(word: str, e: Term) -> Theorem | None:
            try:
                return bounds.in_range(word, e)
            except NoProof:
                return None

        return Evaluator(in_range, state=self._state)

    # ---- the laws

    def _step(self, name: str) -> Theorem:
        _, (ok_s, ok_x, fits), left, right = self._parts(name)
        bounds = self._bounds([ok_s], ok_x, fits)
        truths = [*self._truths(ok_s), *self._facts(ok_x)]
        return self._equality.prove(left, right, self._evaluator(bounds), truths)

    def _join(self, name: str) -> Theorem:
        _, (ok_a, ok_b, ok_s, fits), left, right = self._parts(name)
        sized = [ok_a, ok_b, ok_s]
        return self._equality.prove(left, right, self._evaluator(self._bounds(sized, None, fits)), self._truths(*sized))

    def _lift(self, name: str) -> Theorem:
        _, (ok_x, fits), left, _ = self._parts(name)
        return self._within(left, self._bounds([], ok_x, fits), (), self._facts(ok_x))

    def _mul(self, name: str) -> Theorem:
        _, (ok_a, ok_b, fits), left, _ = self._parts(name)
        sized = (ok_a, ok_b)
        return self._within(left, self._bounds(sized, None, fits), sized, self._truths(*sized))

    def _act(self, name: str) -> Theorem:
        _, (ok_a, ok_s, fits), left, _ = self._parts(name)
        sized = (ok_a, ok_s)
        return self._within(left, self._bounds(sized, None, fits), sized, self._truths(*sized))

    def _size(self, name: str) -> Theorem:
        _, (ok_s,), _, _ = self._parts(name)
        return self._bounded(ok_s)[1]

    def _unit(self, name: str) -> Theorem:
        return Bounds(self._magnitudes.captured, self._magnitudes.nonneg).nonneg_of(self.loop.w, shape)

    def _within(self, goal: Term, bounds: Bounds, sized: Sequence[Theorem], truths: Sequence[Theorem]) -> Theorem:
        """|- okM bound value = true, for goal = okM bound value."""
        opened = beta_spine(goal)
        evaluate = self._evaluator(bounds)
        wide = goal.function.argument
        proved: list[Theorem] = []
        for part in all_conjuncts(opened.right):
            if head(part) == "within":
                inner = evaluate(part.argument)
                known = bounds.widen_to(bounds.within(inner.right), part.function.argument)
                proved.append(k.trans(k.app(k.refl(part.function), inner), known))
            elif head(part) == "le" and part.argument is wide:
                proved.append(self._positive(part, sized))
            else:
                proved.append(self._equality.truth(part, evaluate, truths))
        return k.trans(opened, all_of(proved))

    def _positive(self, goal: Term, sized: Sequence[Theorem]) -> Theorem:
        """|- le 0 bound = true, the bound a literal or the sum of those of `sized`."""
        if not sized:
            return k.compute(goal)
        return nonneg_add(*(self._bounded(fact)[1] for fact in sized))


def _all_parts(th: Theorem) -> list[Theorem]:
    """|- c = true for every part of a right-nested conjunction."""
    return all_parts(th, len(all_conjuncts(th.left)))
