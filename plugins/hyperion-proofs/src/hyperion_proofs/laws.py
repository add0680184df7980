"""Untrusted. Proofs of a loop's laws (see `generic`) in its domain: words under a budget, words modulo 2**n, or reals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.denote import untuple
from hyperion.logic.kernel import TRUE, Theorem
from hyperion.logic.terms import Term

from hyperion_proofs import modular
from hyperion_proofs.bounds import Bounds
from hyperion_proofs.derived import (
    NoProof,
    arguments,
    beta_spine,
    chain,
    cond_is,
    discharge,
    head,
    instance,
    replace_all,
    use,
)
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.generic import Loop, law_theorem, nonneg_add
from hyperion_proofs.implication import all_of, all_parts, parts
from hyperion_proofs.ring import REALS
from hyperion_proofs.tropical import Tropical

Domain = Literal["budget", "exact", "modular", "real"]
"""budget: sums stay in range by a run-time guard. exact: no sums at all. modular: words wrap. real: fp="reassoc"."""

ZERO = t.int_lit(0)


def no_range(word: str, e: Term) -> Theorem | None:
    return None


@dataclass(frozen=True)
class Shape:
    """How states and summaries are laid out, and the order semiring of each component of the state."""

    domain: Domain
    word: str
    state: int
    summary: int
    tropical: tuple[Tropical | None, ...]


def conjunction_of(bound: Term, value: Term, count: int, word: str) -> Term:
    """`within bound` of every component."""
    items = [apply("within", bound, apply(f"toZ.{word}", u)) for u in untuple(value, count)]
    result = items[-1]
    for c in reversed(items[:-1]):
        result = apply("and", c, result)
    return result


def ok_predicate(shape: Shape, ty: t.Ty, count: int) -> Term:
    p, v = t.var("p", t.INT), t.var("v", ty)
    body = conjunction_of(p, v, count, shape.word) if shape.domain == "budget" else apply("le", ZERO, p)
    return t.lams((p, v), body)


class Laws:
    """Proves the laws of one loop. `element` gives leaf bounds of an element from |- okX x = true."""

    def __init__(
        self,
        loop: Loop,
        shape: Shape,
        leaves: dict[Term, Theorem],
        nonneg: dict[Term, Theorem],
        element: Callable[[Theorem, Term], dict[Term, Theorem]],
    ) -> None:
        self.loop = loop
        self.shape = shape
        self._leaves = leaves
        self._nonneg = nonneg
        self._element = element

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
        if self.shape.domain != "budget":
            return {}, opened
        found = all_parts(opened, count)
        leaves = {th.left.argument: th for th in found}
        first = found[0]
        nonneg = instance("within.nonneg", p=first.left.function.argument, a=first.left.argument)
        return leaves, discharge(nonneg, first)

    def _bounds(self, sized: Sequence[tuple[Theorem, int]], element: Theorem | None, budget: Theorem | None) -> Bounds:
        leaves, nonneg = dict(self._leaves), dict(self._nonneg)
        for fact, count in sized:
            more, positive = self._bounded(fact, count)
            leaves |= more
            nonneg[positive.left.argument] = positive
        if element is not None:
            leaves |= self._element(element, element.left.argument)
        return Bounds(leaves, nonneg, budget)

    def _evaluator(self, bounds: Bounds) -> Evaluator:
        if self.shape.domain != "budget":
            return Evaluator(no_range)

        def in_range(word: str, e: Term) -> Theorem | None:
            try:
                return bounds.in_range(word, e)
            except NoProof:
                return None

        return Evaluator(in_range)

    # ---- the laws

    def _step(self, name: str) -> Theorem:
        _, (ok_s, ok_x, fits), left, right = self._parts(name)
        bounds = self._bounds([(ok_s, self.shape.state)], ok_x, fits)
        return self.equal(left, right, self._evaluator(bounds))

    def _join(self, name: str) -> Theorem:
        _, (ok_a, ok_b, ok_s, fits), left, right = self._parts(name)
        sized = [(ok_a, self.shape.summary), (ok_b, self.shape.summary), (ok_s, self.shape.state)]
        return self.equal(left, right, self._evaluator(self._bounds(sized, None, fits)))

    def _lift(self, name: str) -> Theorem:
        _, (ok_x, fits), left, _ = self._parts(name)
        return self._within(left, self.shape.summary, self._bounds([], ok_x, fits))

    def _mul(self, name: str) -> Theorem:
        _, (ok_a, ok_b, fits), left, _ = self._parts(name)
        sized = [(ok_a, self.shape.summary), (ok_b, self.shape.summary)]
        return self._within(left, self.shape.summary, self._bounds(sized, None, fits), (ok_a, ok_b))

    def _act(self, name: str) -> Theorem:
        _, (ok_a, ok_s, fits), left, _ = self._parts(name)
        sized = [(ok_a, self.shape.summary), (ok_s, self.shape.state)]
        return self._within(left, self.shape.state, self._bounds(sized, None, fits), (ok_a, ok_s))

    def _size(self, name: str) -> Theorem:
        _, (ok_s,), _, _ = self._parts(name)
        return self._bounded(ok_s, self.shape.state)[1]

    def _unit(self, name: str) -> Theorem:
        from hyperion_proofs.bounds import shape as monomials

        return Bounds(self._leaves, self._nonneg).nonneg_of(self.loop.w, monomials)

    def _within(self, goal: Term, count: int, bounds: Bounds, sized: tuple[Theorem, ...] = ()) -> Theorem:
        """|- okM bound value = true, for goal = okM bound value."""
        opened = beta_spine(goal)
        if self.shape.domain != "budget":
            if not sized:
                return k.trans(opened, k.compute(opened.right))
            both = [self._opened(fact) for fact in sized]
            return k.trans(opened, nonneg_add(*both))
        evaluate = self._evaluator(bounds)
        wide = goal.function.argument
        proved: list[Theorem] = []
        for part in _conjuncts(opened.right, count):
            inner = evaluate(part.argument)
            known = bounds.widen_to(bounds.within(inner.right), wide)
            proved.append(k.trans(k.app(k.refl(part.function), inner), known))
        return k.trans(opened, all_of(proved))

    # ---- equality of states and outcomes

    def equal(self, left: Term, right: Term, evaluate: Evaluator) -> Theorem:
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
        if self.shape.domain == "real" and a.type is t.REAL:
            return self._split(a, b, REALS.equal)
        word = f"ofZ.{self.shape.word}"
        if head(a) != word and head(b) != word:
            raise NoProof("the two sides differ")
        first, last = self._as_word(a), self._as_word(b)
        a, b = first.right if first else a, last.right if last else b
        if self.shape.domain == "modular":
            middle = self._split(a, b, modular.equal)
        else:
            tropical = self.shape.tropical[component]
            assert tropical is not None
            middle = k.app(k.refl(a.function), self._split(a.argument, b.argument, tropical.equal))
        return chain(first, middle, k.sym(last) if last else None)

    def _as_word(self, x: Term) -> Theorem | None:
        word = self.shape.word
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
                return cond_is(known, u) if head(u) == "cond" and arguments(u)[1][0] is test else None

            first, last = replace_all(a, decide), replace_all(b, decide)
            u, v = first.right if first else a, last.right if last else b
            return chain(first, self._split(u, v, equal, depth + 1), k.sym(last) if last else None)

        return k.bool_cases(test, case(k.assume(test, TRUE)), case(k.assume(test, k_false())))


def k_false() -> Term:
    return k.FALSE


def _conjuncts(x: Term, count: int) -> list[Term]:
    found: list[Term] = []
    for _ in range(count - 1):
        found.append(x.function.argument)
        x = x.argument
    return [*found, x]


def _some_test(x: Term) -> Term | None:
    for u in t.subterms(x):
        if head(u) == "cond" and len(arguments(u)[1]) == 3:
            return arguments(u)[1][0]
    return None


def nothing_known(fact: Theorem, x: Term) -> dict[Term, Theorem]:
    return {}


def within_range(fact: Theorem, x: Term, to_z: Term, lo: tuple[Theorem, Theorem], p: Term) -> Theorem:
    """|- within p (toZ x) from |- lo <= x <= hi (opened conjunction) and |- -p <= lo, |- hi <= p."""
    low, high = parts(fact)
    th = instance(
        "within.range", lo=low.left.function.argument, hi=high.left.argument, p=p, a=t.app(to_z, x)
    )
    return discharge(th, low, high, *lo)
