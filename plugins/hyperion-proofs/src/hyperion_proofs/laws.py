"""Untrusted. Proofs of a loop's laws (see `loop`): of words under a budget, words modulo 2**n, or reals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.terms import Term
from hyperion_proofs.bounds import Bounds, shape
from hyperion_proofs.cases import decide, decided
from hyperion_proofs.derived import NoProof, head, instance
from hyperion_proofs.equality import Equality, Layout
from hyperion_proofs.evaluate import WORDS, Evaluator, no_range
from hyperion_proofs.implication import all_conjuncts, all_of, all_parts, conjunction
from hyperion_proofs.inequalities import nonneg_add
from hyperion_proofs.loop import Loop, law_theorem
from hyperion_proofs.theories.linear import nonnegative
from hyperion_proofs.traps import Evaluate, under

ZERO = literals.int_lit(0)


Conditions = Callable[[Sequence[Term]], list[Term]]
"""Truth values about the components of a value."""


@dataclass(frozen=True)
class Sizes:
    """How large values are: those at `fixed` within `size`, or of any size where that is None; those that are `late` do
    not count the first element of a chunk yet and are within p less the weight of one element; all others within p."""

    fixed: frozenset[int] = frozenset()
    size: Term | None = None
    late: frozenset[int] = frozenset()
    weight: Term = ZERO

    def of(self, i: int, p: Term) -> Term | None:
        return self.size if i in self.fixed else apply("sub", p, self.weight) if i in self.late else p


def ok_predicate(layout: Layout, ty: t.Ty, types: Sequence[t.Ty], holds: Conditions, sizes: Sizes) -> Term:
    """`\\p v. ..`: every i64 of v is as small as `sizes` says (where sums are budgeted), and what holds of v."""
    p, v = t.var("p", t.INT), t.var("v", ty)
    values = untuple(v, len(types))
    bounds: list[Term] = []
    for i, u in enumerate(values):
        size = sizes.of(i, p) if u.type.name == "i64" and layout.domain == "budget" else None
        if size is not None:
            bounds.append(apply("within", size, apply("toZ.i64", u)))
    if not any(b.function.argument is p for b in bounds):
        bounds.insert(0, apply("le", ZERO, p))
    if sizes.late:
        bounds.append(apply("le", sizes.weight, p))
    return t.lams((p, v), conjunction([*bounds, *holds([atom(u) for u in values])]))


def atom(u: Term) -> Term:
    """How a component occurs in expressions: the integer of a word; else itself."""
    return apply(f"toZ.{u.type.name}", u) if u.type.name in WORDS else u


@dataclass(frozen=True)
class Magnitudes:
    """The budget of a loop: a step adds at most `weight`, everything stays within `limit`.

    `captured` are |- within p e = true for values from outside the loop, `nonneg` says |- le 0 atom = true of the atoms
    of bounds, `element` gives such bounds of an element from |- okX x = true. `fixed` bounds what is as large as one
    element or the initial state.
    """

    weight: Term
    limit: Term
    captured: dict[Term, Theorem]
    nonneg: dict[Term, Theorem]
    element: Callable[[Theorem], dict[Term, Theorem]]
    fixed: Term | None = None


def nothing_known(fact: Theorem) -> dict[Term, Theorem]:
    return {}


Facts = Callable[[Theorem], list[Theorem]]
"""|- test = true or false that follow from |- okX x = true."""


def no_facts(fact: Theorem) -> list[Theorem]:
    return []


UNBOUNDED = Magnitudes(ZERO, ZERO, {}, {}, nothing_known)


class Laws:
    """Proves the laws of one loop."""

    def __init__(
        self,
        loop: Loop,
        layout: Layout,
        magnitudes: Magnitudes,
        facts: Facts = no_facts,
        settled: Sequence[tuple[Term, Term]] = (),
    ) -> None:
        self.loop = loop
        self.layout = layout
        self._facts = facts
        self._settled = settled  # tests of the state and the element, and their values
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
        p = fact.left.function.argument
        leaves = {th.left.argument: th for th in found if head(th.left) == "within"}
        sizes = [th for th in found if about_size(th.left, p)]
        others = [th for th in found if head(th.left) != "within" and not about_size(th.left, p)]
        first = next((th for th in leaves.values() if th.left.function.argument is p), None)
        if first is None:
            return leaves, sizes[0], others
        return leaves, discharge(instance("within.nonneg", p=p, a=first.left.argument), first), others

    def _margins(self, fact: Theorem) -> list[Theorem]:
        """|- le 0 (p - w) = true, where a summary says so."""
        p = fact.left.function.argument
        found = [th for th in _all_parts(self._opened(fact)) if about_size(th.left, p)]
        return [nonnegative(th) for th in found if th.left.function.argument is not ZERO]

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
        margins = [margin for fact in sized for margin in self._margins(fact)]
        return Bounds(leaves, nonneg, budget, margins)

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
        plain = self._evaluator(bounds)
        facts = [k.trans(k.sym(plain(fact.left)), fact) for fact in self._facts(ok_x)]
        truths = [*self._truths(ok_s), *facts]
        known = [*facts, *(decided(self._truths(ok_s)) if facts else ())]
        evaluate = under(self._evaluator(bounds), [*known, *self._settled_under(truths)])
        return self._equality.prove(left, right, evaluate, truths)

    def _settled_under(self, truths: Sequence[Theorem]) -> Iterator[Theorem]:
        """|- test = value of the tests of the state that always have one; another has it on its branch only."""
        for test, value in self._settled:
            try:
                yield self._equality.decided(test, value, truths)
            except NoProof:
                continue

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
            elif about_size(part, wide):
                proved.append(self._positive(part, sized))
            else:
                proved.append(self._holds(part, evaluate, truths))
        return k.trans(opened, all_of(proved))

    def _holds(self, part: Term, evaluate: Evaluate, truths: Sequence[Theorem]) -> Theorem:
        """|- part = true for what must hold of a value besides its bounds."""
        return self._equality.truth(part, evaluate, truths)

    def _positive(self, goal: Term, sized: Sequence[Theorem]) -> Theorem:
        """|- le 0 bound = true, or le w bound, the bound w or the sum of those of `sized`."""
        least, bound = arguments(goal)[1]
        if least is bound:
            return instance("int.le.refl", a=bound)
        if not sized:
            return self._unit("unit")
        if least is ZERO:
            return nonneg_add(*(self._bounded(fact)[1] for fact in sized))
        positive = [self._bounded(fact)[1] for fact in sized]
        found = decide(goal, [*positive, *(margin for fact in sized for margin in self._margins(fact))])
        if found is None:
            raise NoProof("a summary of two chunks weighs less than one element")
        return found


def about_size(c: Term, p: Term) -> bool:
    """Whether a condition says how large the budget itself is."""
    return head(c) == "le" and c.argument is p


def _all_parts(th: Theorem) -> list[Theorem]:
    """|- c = true for every part of a right-nested conjunction."""
    return all_parts(th, len(all_conjuncts(th.left)))
