"""Untrusted. The laws of a shift register's summary: how far the chunk moves a state, and what it makes of 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import chain, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, instance
from hyperion_proofs.equality import Layout
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.gf2.algebra import Algebra
from hyperion_proofs.gf2.closure import Closure
from hyperion_proofs.gf2.inside import Inside
from hyperion_proofs.gf2.register import Register
from hyperion_proofs.implication import both as conjunction
from hyperion_proofs.implication import equal_words
from hyperion_proofs.laws import Laws, Magnitudes
from hyperion_proofs.loop import Loop
from hyperion_proofs.traps import Evaluate


class RegisterLaws(Laws):
    """Proves the laws of a loop whose summary is a register's."""

    def __init__(self, loop: Loop, layout: Layout, magnitudes: Magnitudes, algebra: Algebra) -> None:
        super().__init__(loop, layout, magnitudes)
        self.algebra = algebra
        self.closure = Closure(algebra)
        self._facts_now: list[Theorem] = []

    @property
    def _register(self) -> Register:
        return self.algebra.register

    def _inputs(self) -> Mapping[Term, Term]:
        return self._register.inputs

    def _kept(self, *facts: Theorem) -> dict[Term, Theorem]:
        """|- u & mask = u by u, from what holds of states and summaries."""
        return {u: th for fact in self._truths(*facts) for u, th in (_unmasked(fact),)}

    def _same(self, evaluate: Evaluate, left: Term, right: Term, core: Theorem) -> Theorem:
        """|- left = right, which evaluate to what the sides of `core` do."""
        first, last = evaluate(left), evaluate(right)
        if head(first.right) == "ok":
            core = k.app(k.refl(first.right.function), core)
        a, b = evaluate(core.left), evaluate(core.right)
        if a.right is not first.right or b.right is not last.right:
            raise NoProof("the shift register's step is written in another way")
        return chain(first, k.sym(a), core, b, k.sym(last))

    def _step(self, name: str) -> Theorem:
        (_, s, _), (ok_s, _, _), left, right = self._parts(name)
        kept = self._kept(ok_s)
        inside = Inside(self._register.word, self._register.width, kept)
        evaluate = Evaluator(inside.in_range, state=s)
        return self._same(evaluate, left, right, self.algebra.acted(s, self._inputs(), kept[s]))

    def _join(self, name: str) -> Theorem:
        variables, (ok_x, ok_b, ok_s, fits), left, right = self._parts(name)
        b, s = variables[-2:]
        evaluate = self._evaluator(self._bounds([ok_b, ok_s], ok_x, fits))
        c, v = t.proj(0, b), t.proj(1, b)
        kept = self._kept(ok_b)
        before = self.closure.sum(self.closure.combined(kept[c], s), kept[v])
        acted = self.algebra.acted(before.right, self._inputs(), before)
        core = k.trans(k.sym(acted), self.algebra.appended(c, v, s, self._inputs()))
        return self._same(evaluate, left, right, core)

    def _lift(self, name: str) -> Theorem:
        _, (ok_x, fits), left, _ = self._parts(name)
        closure = self.closure
        self._facts_now = [closure.advanced(closure.first), closure.without_state(self._inputs())]
        return self._within(left, self._bounds([], ok_x, fits), (), ())

    def _mul(self, name: str) -> Theorem:
        (_, _, b), (ok_x, ok_b, fits), left, _ = self._parts(name)
        kept = self._kept(ok_b)
        c, v = kept[t.proj(0, b)], kept[t.proj(1, b)]
        self._facts_now = [self.closure.advanced(c), self.closure.stepped(v, self._inputs())]
        return self._within(left, self._bounds([ok_b], ok_x, fits), (ok_b,), ())

    def _act(self, name: str) -> Theorem:
        (_, _, a, s), (ok_a, _, _), _, _ = self._parts(name)
        kept = self._kept(ok_a)
        c, v = kept[t.proj(0, a)], kept[t.proj(1, a)]
        self._facts_now = [self.closure.sum(self.closure.combined(c, s), v)]
        return super()._act(name)

    def _positive(self, goal: Term, sized: Sequence[Theorem]) -> Theorem:
        if len(sized) == 1 and head(goal.argument) == "add":  # one element more
            first, second = self._unit("unit"), self._bounded(sized[0])[1]
            return conjunction_sum(goal, first, second)
        return super()._positive(goal, sized)

    def _holds(self, part: Term, evaluate: Evaluate, truths: Sequence[Theorem]) -> Theorem:
        """|- (u & mask == u) = true, from the facts about what is evaluated to the same."""
        u = part.argument.argument
        th = evaluate(u)
        for fact in self._facts_now:
            other = evaluate(fact.right)
            if other.right is th.right:
                break
        else:
            raise NoProof("a summary of a shift register is written in another way")
        same = k.trans(th, k.sym(other))
        masked = part.function.argument.argument
        put = k.app(k.app(k.refl(masked.function.function), same), k.refl(masked.argument))
        integers = k.app(k.refl(part.argument.function), chain(put, fact, k.sym(same)))
        whole = k.app(k.app(k.refl(part.function.function), integers), k.refl(part.argument))
        return k.trans(whole, equal_to_itself(part.argument))


def _unmasked(fact: Theorem) -> tuple[Term, Theorem]:
    """From |- (u & mask == u) = true: u, and |- u & mask = u."""
    return fact.left.argument.argument, equal_words(fact)


def equal_to_itself(a: Term) -> Theorem:
    """|- (a == a) = true"""
    same = instance("int.le.refl", a=a)
    return k.trans(instance("int.eq.def", a=a, b=a), conjunction(same, same))


def conjunction_sum(goal: Term, first: Theorem, second: Theorem) -> Theorem:
    """|- 0 <= a + b from |- 0 <= a and |- 0 <= b."""
    a, b = first.left.argument, second.left.argument
    law = discharge(instance("int.nonneg.add", a=a, b=b), first, second)
    if law.left is not goal:
        raise NoProof("a budget is another sum")
    return law
