"""Untrusted. The laws of a shift register's summary: how far the chunk moves a state, and what it makes of 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, chain, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, instance
from hyperion_proofs.equality import Layout
from hyperion_proofs.gf2.algebra import Algebra
from hyperion_proofs.gf2.inside import Inside
from hyperion_proofs.gf2.register import Register
from hyperion_proofs.gf2.words import xor
from hyperion_proofs.implication import both as conjunction
from hyperion_proofs.implication import parts
from hyperion_proofs.laws import Facts, Laws, Magnitudes
from hyperion_proofs.loop import Loop
from hyperion_proofs.traps import Evaluate


class RegisterLaws(Laws):
    """Proves the laws of a loop whose summary is a register's."""

    def __init__(self, loop: Loop, layout: Layout, magnitudes: Magnitudes, facts: Facts, algebra: Algebra) -> None:
        super().__init__(loop, layout, magnitudes, facts)
        self.algebra = algebra

    @property
    def _register(self) -> Register:
        return self.algebra.register

    def _inputs(self) -> Mapping[Term, Term]:
        return self._register.inputs

    def _kept(self, facts: Sequence[Theorem]) -> dict[Term, Theorem]:
        """|- u & mask = u by u, from |- (u & mask == u) = true."""
        found: dict[Term, Theorem] = {}
        for fact in facts:
            masked, u = (x.argument for x in arguments(fact.left)[1])
            low, high = parts(k.trans(k.sym(instance("int.eq.def", a=fact.left.function.argument, b=fact.left.argument)), fact))
            integers = discharge(instance("int.le.antisym", a=low.left.function.argument, b=low.left.argument), low, high)
            back = k.app(k.refl(apply(f"ofZ.{u.type.name}", integers.left).function), integers)
            first, last = (k.axiom(f"{u.type.name}.of.to") for _ in range(2))
            (x,) = first.left.free
            found[u] = chain(k.sym(k.inst({x: masked}, first)), back, k.inst({x: u}, last))
        return found

    def _inside(self, facts: Sequence[Theorem]) -> Inside:
        return Inside(self._register.word, self._register.width, self._kept(facts))

    def _same(self, evaluate: Evaluate, left: Term, right: Term, core: Theorem) -> Theorem:
        """|- left = right, which evaluate to what the sides of `core` do."""
        first, last = evaluate(left), evaluate(right)
        if head(first.right) == "ok":
            core = k.app(k.refl(first.right.function), core)
        a, b = evaluate(core.left), evaluate(core.right)
        if a.right is not first.right or b.right is not last.right:
            import os
            if os.environ.get("DIFF"):
                ns = {}
                exec(open("/tmp/bits/diff.py").read(), ns)
                ns["diff"](a.right, first.right)
                ns["diff"](b.right, last.right)
            raise NoProof("the shift register's step is written in another way")
        return chain(first, k.sym(a), core, b, k.sym(last))

    def _step(self, name: str) -> Theorem:
        (_, s, _), (ok_s, ok_x, fits), left, right = self._parts(name)
        evaluate = self._evaluator(self._bounds([ok_s], ok_x, fits))
        inside = self._inside(self._truths(ok_s))
        return self._same(evaluate, left, right, self.algebra.acted(s, self._inputs(), inside(s)))

    def _join(self, name: str) -> Theorem:
        variables, (ok_x, ok_b, ok_s, fits), left, right = self._parts(name)
        b, s = variables[-2:]
        evaluate = self._evaluator(self._bounds([ok_b, ok_s], ok_x, fits))
        c, v = t.proj(0, b), t.proj(1, b)
        register = self._register
        inside = self._inside(self._truths(ok_b, ok_s))
        before = xor(register.combined(c, s), v)
        acted = self.algebra.acted(before, self._inputs(), inside(before))
        core = k.trans(k.sym(acted), self.algebra.appended(c, v, s, self._inputs()))
        return self._same(evaluate, left, right, core)

    def _lift(self, name: str) -> Theorem:
        _, (ok_x, fits), left, _ = self._parts(name)
        return self._within(left, self._bounds([], ok_x, fits), (), ())

    def _mul(self, name: str) -> Theorem:
        _, (ok_x, ok_b, fits), left, _ = self._parts(name)
        return self._within(left, self._bounds([ok_b], ok_x, fits), (ok_b,), self._truths(ok_b))

    def _positive(self, goal: Term, sized: Sequence[Theorem]) -> Theorem:
        if len(sized) == 1 and head(goal.argument) == "add":  # one element more
            first, second = self._unit("unit"), self._bounded(sized[0])[1]
            return conjunction_sum(goal, first, second)
        return super()._positive(goal, sized)

    def _holds(self, part: Term, evaluate: Evaluate, truths: Sequence[Theorem]) -> Theorem:
        """|- (u & mask == u) = true"""
        u = part.argument.argument
        th = evaluate(u)
        kept = self._inside(truths)(th.right)
        masked = part.function.argument.argument
        function = masked.function.function
        put = k.app(k.app(k.refl(function), th), k.refl(masked.argument))
        same = chain(put, kept, k.sym(th))  # u & mask = u
        to = part.argument.function
        integers = k.app(k.refl(to), same)
        whole = k.app(k.app(k.refl(part.function.function), integers), k.refl(part.argument))
        return k.trans(whole, equal_to_itself(part.argument))


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


