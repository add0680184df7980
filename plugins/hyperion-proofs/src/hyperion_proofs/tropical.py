"""Untrusted. Normal forms over (max, +) or (min, +) on the integers or the reals, with proofs.

A normal form is `max p1 (max p2 ..)` with polynomials in ring normal form, in increasing order, without repetition.
What is not max, + or - of these is an atom.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hyperion.logic import kernel as k
from hyperion.logic.derived import MEMORY, refl
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS, Ring, key
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, join


@dataclass(frozen=True)
class Tropical:
    """The semiring whose sum is `plus` ("max" or "min", on reals "rmax" or "rmin") and whose product is addition."""

    plus: str
    ring: Ring = INTEGERS

    def _is(self, x: Term, name: str) -> bool:
        return self.ring.is_op(x, name)

    def normal(self, x: Term) -> Theorem | None:
        """|- x = its normal form; None where x is in normal form."""
        return _normal(self, x)

    def computed(self, x: Term) -> Theorem | None:
        """The same, not remembered from before."""
        if self._is(x, self.plus):
            th = _both(x, self.normal(x.function.argument), self.normal(x.argument))
            return join(th, self.merge(th.right if th else x))
        if self._is(x, self.ring.sub):
            th = self.ring.law("sub.def", x)
            return join(th, self.normal(th.right))
        if self._is(x, self.ring.add):
            th = _both(x, self.normal(x.function.argument), self.normal(x.argument))
            return join(th, self._distribute(th.right if th else x))
        return self.ring.normal(x)

    def equal(self, a: Term, b: Term) -> Theorem | None:
        na, nb = self.normal(a) or refl(a), self.normal(b) or refl(b)
        return k.trans(na, k.sym(nb)) if na.right is nb.right else None

    def merged_equal(self, a: Term, b: Term) -> Theorem:
        """|- a = b for sums of the same items, nested and ordered in any way."""
        first, last = self._sorted(a), self._sorted(b)
        x, y = first.right if first else a, last.right if last else b
        if x is not y:
            raise NoProof("the two sides have different items")
        return chain(first, refl(x), k.sym(last) if last else None)

    def _sorted(self, x: Term) -> Theorem | None:
        if not self._is(x, self.plus):
            return None
        th = _both(x, self._sorted(x.function.argument), self._sorted(x.argument))
        return join(th, self.merge(th.right if th else x))

    def _distribute(self, x: Term) -> Theorem | None:
        """The sum of two normal forms."""
        a, b = x.function.argument, x.argument
        if self._is(b, self.plus):
            th = self.ring.law(f"add.{self.plus}", x)
        elif self._is(a, self.plus):
            flipped = self.ring.commute(self.ring.add, x)
            th = k.trans(flipped, self.ring.law(f"add.{self.plus}", flipped.right))
        else:
            return self.ring.normal(x)
        u, v = th.right.function.argument, th.right.argument
        inner = _both(th.right, self._distribute(u), self._distribute(v))
        th = chain(th, inner)
        return join(th, self.merge(th.right))

    def merge(self, x: Term) -> Theorem | None:
        """The sum of two sorted lists, sorted and without repetition."""
        a = x.function.argument
        if self._is(a, self.plus):
            th = self.ring.law(f"{self.plus}.assoc", x)
            inner = self.ring.right(th.right, self.merge(th.right.argument))
            th = chain(th, inner)
            return join(th, self._insert(th.right))
        return self._insert(x)

    def _insert(self, x: Term) -> Theorem | None:
        a, rest = x.function.argument, x.argument
        first = rest.function.argument if self._is(rest, self.plus) else rest
        if a is first:
            if rest is first:
                return self.ring.law(f"{self.plus}.idem", x)
            pair = self.ring.op(self.plus, self.ring.op(self.plus, a, first), rest.argument)
            folded = self.ring.left(pair, self.ring.law(f"{self.plus}.idem", pair.function.argument))
            return chain(k.sym(self.ring.law(f"{self.plus}.assoc", pair)), folded)
        if key(a) < key(first):
            return None
        if rest is first:
            return self.ring.commute(self.plus, x)
        th = self.ring.swap(self.plus, x)
        return chain(th, self.ring.right(th.right, self._insert(th.right.argument)))


@lru_cache(maxsize=MEMORY)
def _normal(ring: Tropical, x: Term) -> Theorem | None:
    return ring.computed(x)


def _both(x: Term, left: Theorem | None, right: Theorem | None) -> Theorem | None:
    if left is None and right is None:
        return None
    f = x.function.function
    return k.app(k.app(refl(f), left or refl(x.function.argument)), right or refl(x.argument))


MAX_PLUS, MIN_PLUS = Tropical("max"), Tropical("min")
