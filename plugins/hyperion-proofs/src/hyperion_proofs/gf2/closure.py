"""Untrusted. That a shift register stays within its width: |- u & mask = u for the words that its loop makes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, chain, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.gf2.algebra import Algebra
from hyperion_proofs.gf2.inside import Inside
from hyperion_proofs.gf2.register import Register, replaced
from hyperion_proofs.gf2.words import at, both, literal, masked_sum, xor


class Closure:
    """Facts are |- u & mask = u."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self._word = algebra.register.state.type
        self._power, self._state = t.var("closed.power", self._word), t.var("closed.state", self._word)
        self._mask = literal(self.register.word, self.register.mask)

    @property
    def register(self) -> Register:
        return self.algebra.register

    def _assumed(self, v: Term) -> Theorem:
        return k.assume(both(v, self._mask), v)

    def _inside(self, *known: Theorem) -> Inside:
        return Inside(self.register.word, self.register.width, {th.right: th for th in known})

    @cached_property
    def _layer(self) -> Theorem:
        """{s & mask = s} |- S s & mask = S s"""
        return self._inside(self._assumed(self.register.state))(self.register.layer)

    def shifted(self, fact: Theorem) -> Theorem:
        return discharge(k.inst({self.register.state: fact.right}, self._layer), fact)

    def advanced(self, fact: Theorem) -> Theorem:
        for _ in range(self.register.count):
            fact = self.shifted(fact)
        return fact

    def sum(self, first: Theorem, last: Theorem) -> Theorem:
        a, b = first.right, last.right
        law = at(masked_sum(self.register.word), x=a, y=b, z=self._mask)
        return k.trans(law, k.app(k.app(k.refl(xor(a, b).function.function), first), last))

    @cached_property
    def first(self) -> Theorem:
        """The bit that is met first."""
        return self._inside()(self.register.first)

    def without_state(self, inputs: Mapping[Term, Term]) -> Theorem:
        """What one element makes of 0. Raises NoProof where an element may have more bits."""
        r = self.register
        base = replaced(r.base, {r.state: self.algebra.zero} | dict(inputs))
        fact = self._inside()(base)
        return fact if r.base is r.whole else self.advanced(fact)

    def stepped(self, state: Theorem, inputs: Mapping[Term, Term]) -> Theorem:
        """What one element makes of a state."""
        split = self.algebra.stepped(state.right, inputs)
        return self._moved(split, self.sum(self.advanced(state), self.without_state(inputs)))

    def _moved(self, th: Theorem, fact: Theorem) -> Theorem:
        """From |- x = u and |- u & mask = u: |- x & mask = x."""
        masked = both(th.left, self._mask)
        put = k.app(k.app(k.refl(masked.function.function), th), k.refl(self._mask))
        return chain(put, fact, k.sym(th))

    @cached_property
    def _chosen(self) -> Theorem:
        """{a & mask = a} |- (0 if c else a) & mask = .."""
        c, a = t.var("chosen.if", t.BOOL), t.var("chosen", self._word)
        name = self.register.word
        x = apply(f"ofZ.{name}", apply("cond", c, literals.int_lit(0), apply(f"toZ.{name}", a)))
        return self._inside(self._assumed(a))(x)

    def combined(self, c: Theorem, s: Term) -> Theorem:
        """The sum of c, S c, S (S c), .. for bits of s."""
        values = {self._power: c.right, self._state: s}
        return discharge(k.inst(values, self._combined), c)

    @cached_property
    def _combined(self) -> Theorem:
        fact = self._assumed(self._power)
        known = {fact.right: fact}
        for _ in self.register.order[1:]:
            fact = self.shifted(fact)
            known[fact.right] = fact
        return self._total(self.register.combined(self._power, self._state), known)

    def _total(self, x: Term, known: Mapping[Term, Theorem]) -> Theorem:
        if x.function.kind != "C":
            return self.sum(self._total(x.function.argument, known), self._total(x.argument, known))
        test, _, integer = arguments(x.argument)[1]
        power = integer.argument
        values = {t.var("chosen.if", t.BOOL): test, t.var("chosen", self._word): power}
        return discharge(k.inst(values, self._chosen), known[power])
