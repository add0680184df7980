"""Untrusted. Distributivity: what all summands have in common is multiplied once, after the sum.

Where a stored value is a plain sum over the elements and each adds c * e, with c from outside the loop, the sum of the
e is stored, and `act` adds c times it: `s += a * x + b * x` becomes `s + (a + b) * sum(x)`, and a sum of c over the
elements that pass a test c times their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import MODULAR, Ring


def factored(whole: Summary, step: Step, ring: Ring) -> Summary:
    """The summary with the common factors of its sums in `act`."""
    if len(whole.lifts) != 1 or not any(step.element in e.free for e in whole.lift):
        return whole
    split = _Split(step.element, ring)
    found = {i: split.of(e) for i, e in enumerate(whole.lift) if i in _sums(whole, ring)}
    factors = {i: c for i, (c, _) in found.items() if c.free}
    if not factors:
        return whole
    lift = tuple(found[i][1] if i in factors else e for i, e in enumerate(whole.lift))

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        scaled = [split.times(factors[i], v) if i in factors else v for i, v in enumerate(values)]
        return whole.act(scaled, state)

    return replace(whole, lifts=(lift,), act=act)


def _sums(whole: Summary, ring: Ring) -> set[int]:
    """The stored values that are sums of what each element adds, and that no other value depends on."""
    later, earlier = ([t.var(f"{hint}{i}", ring.one.type) for i in range(whole.size)] for hint in "ab")
    joined = whole.mul(later, earlier)
    own = {i for i, e in enumerate(joined) if head(e) == ring.plus and set(arguments(e)[1]) == {later[i], earlier[i]}}
    return {i for i in own if not any({later[i], earlier[i]} & e.free for j, e in enumerate(joined) if j != i)}


@dataclass(frozen=True)
class _Split:
    """Products c * e, c without the element."""

    element: Term
    ring: Ring

    def times(self, a: Term, b: Term) -> Term:
        one = self.ring.one
        return b if a is one else a if b is one else apply(self.ring.times, a, b)

    def of(self, e: Term) -> tuple[Term, Term]:
        """c and the rest, whose product is e."""
        r = self.ring
        if self.element not in e.free:
            return e, r.one
        name, (_, args) = head(e), arguments(e)
        if r is MODULAR and name.startswith("toZ.") and head(args[0]) == "ofZ." + name[4:]:
            return self.of(args[0].argument)
        if name == r.times:
            (c, u), (d, v) = map(self.of, args)
            return self.times(c, d), self.times(u, v)
        if name == r.negate:
            c, u = self.of(args[0])
            return c, apply(r.negate, u)
        if name in (r.plus, r.subtract):
            return self._sum(e, name, *args)
        if name == "cond" and self.element in args[0].free:
            return self._choice(e, *args)
        return r.one, e

    def _sum(self, e: Term, name: str, a: Term, b: Term) -> tuple[Term, Term]:
        (c, u), (d, v) = self.of(a), self.of(b)
        if c is d:
            return c, apply(name, u, v)
        return (apply(name, c, d), u) if u is v else (self.ring.one, e)

    def _choice(self, e: Term, test: Term, a: Term, b: Term) -> tuple[Term, Term]:
        zero = self.ring.zero
        (c, u), (d, v) = self.of(a), self.of(b)
        if b is zero or c is d:
            return c, apply("cond", test, u, zero if b is zero else v)
        return (d, apply("cond", test, zero, v)) if a is zero else (self.ring.one, e)
