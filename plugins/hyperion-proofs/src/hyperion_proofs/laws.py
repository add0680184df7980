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
from hyperion_proofs.derived import NoProof, instance
from hyperion_proofs.equality import Equality, Layout
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import all_of, all_parts, conjuncts
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.loop import Loop, law_theorem

ZERO = literals.int_lit(0)


def conjunction_of(bound: Term, value: Term, count: int, word: str) -> Term:
    """`within bound` of every component."""
    items = [apply("within", bound, apply(f"toZ.{word}", u)) for u in untuple(value, count)]
    result = items[-1]
    for c in reversed(items[:-1]):
        result = apply("and", c, result)
    return result


def ok_predicate(layout: Layout, ty: t.Ty, count: int) -> Term:
    p, v = t.var("p", t.INT), t.var("v", ty)
    body = conjunction_of(p, v, count, layout.word) if layout.domain == "budget" else apply("le", ZERO, p)
    return t.lams((p, v), body)


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


UNBOUNDED = Magnitudes(ZERO, ZERO, {}, {}, nothing_known)


class Laws:
    """Proves the laws of one loop."""

    def __init__(self, loop: Loop, layout: Layout, magnitudes: Magnitudes) -> None:
        self.loop = loop
        self.layout = layout
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

    def _bounded(self, fact: Theorem, count: int) -> tuple[dict[Term, Theorem], Theorem]:
        """Leaf bounds from |- okS p s = true (or okM), and |- le 0 p."""
        opened = self._opened(fact)
        if self.layout.domain != "budget":
            return {}, opened
        found = all_parts(opened, count)
        leaves = {th.left.argument: th for th in found}
        first = found[0]
        nonneg = instance("within.nonneg", p=first.left.function.argument, a=first.left.argument)
        return leaves, discharge(nonneg, first)

    def _bounds(self, sized: Sequence[tuple[Theorem, int]], element: Theorem | None, budget: Theorem | None) -> Bounds:
        leaves, nonneg = dict(self._magnitudes.captured), dict(self._magnitudes.nonneg)
        for fact, count in sized:
            more, positive = self._bounded(fact, count)
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
        bounds = self._bounds([(ok_s, self.layout.state)], ok_x, fits)
        return self._equality.prove(left, right, self._evaluator(bounds))

    def _join(self, name: str) -> Theorem:
        _, (ok_a, ok_b, ok_s, fits), left, right = self._parts(name)
        sized = [(ok_a, self.layout.summary), (ok_b, self.layout.summary), (ok_s, self.layout.state)]
        return self._equality.prove(left, right, self._evaluator(self._bounds(sized, None, fits)))

    def _lift(self, name: str) -> Theorem:
        _, (ok_x, fits), left, _ = self._parts(name)
        return self._within(left, self.layout.summary, self._bounds([], ok_x, fits))

    def _mul(self, name: str) -> Theorem:
        _, (ok_a, ok_b, fits), left, _ = self._parts(name)
        sized = [(ok_a, self.layout.summary), (ok_b, self.layout.summary)]
        return self._within(left, self.layout.summary, self._bounds(sized, None, fits), (ok_a, ok_b))

    def _act(self, name: str) -> Theorem:
        _, (ok_a, ok_s, fits), left, _ = self._parts(name)
        sized = [(ok_a, self.layout.summary), (ok_s, self.layout.state)]
        return self._within(left, self.layout.state, self._bounds(sized, None, fits), (ok_a, ok_s))

    def _size(self, name: str) -> Theorem:
        _, (ok_s,), _, _ = self._parts(name)
        return self._bounded(ok_s, self.layout.state)[1]

    def _unit(self, name: str) -> Theorem:
        return Bounds(self._magnitudes.captured, self._magnitudes.nonneg).nonneg_of(self.loop.w, shape)

    def _within(self, goal: Term, count: int, bounds: Bounds, sized: tuple[Theorem, ...] = ()) -> Theorem:
        """|- okM bound value = true, for goal = okM bound value."""
        opened = beta_spine(goal)
        if self.layout.domain != "budget":
            if not sized:
                return k.trans(opened, k.compute(opened.right))
            both = [self._opened(fact) for fact in sized]
            return k.trans(opened, nonneg_add(*both))
        evaluate = self._evaluator(bounds)
        wide = goal.function.argument
        proved: list[Theorem] = []
        for part in conjuncts(opened.right, count):
            inner = evaluate(part.argument)
            known = bounds.widen_to(bounds.within(inner.right), wide)
            proved.append(k.trans(k.app(k.refl(part.function), inner), known))
        return k.trans(opened, all_of(proved))
