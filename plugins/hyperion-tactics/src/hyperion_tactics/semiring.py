"""Normal forms in a commutative semiring, or in any two operations of which laws are given: sums of products, sorted.

    a*(b + c) + d*a   -->   a*b + (a*c + a*d)

Sums and products are right-nested chains in a fixed order. Where there are literals, equal products are collected under
one coefficient: `2*(a*b)`. Where addition is idempotent, equal products are one. Without recursion, and in n log n
steps for sums of n products, so that terms of any depth are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.chains import Operation
from hyperion_tactics.combinators import done
from hyperion_tactics.conversions import on_sides
from hyperion_tactics.printing import text
from hyperion_tactics.proving import Failed
from hyperion_tactics.semiring_laws import Laws
from hyperion_tactics.sums import Normaliser


@dataclass(frozen=True)
class Semiring:
    """Two operations and theorems of their laws. x, y, z are any variables:

    add, mul        (x+y)+z = x+(y+z), (x*y)*z = x*(y*z)           add_comm    x+y = y+x
    left            x*(y+z) = x*y + x*z                            mul_comm    x*y = y*x, or None
    right           (x+y)*z = x*z + y*z; needed without mul_comm   idempotent  x+x = x, or None
    zero            0+x = x, 0*x = 0 and x*0 = 0, or None          one         1*x = x and x*1 = x, or None
    literals        whether `kernel.compute` adds and multiplies literals of the type; needs mul_comm, zero and one
    others          x-y = .., -x = ..: other operations in terms of these
    """

    add: Operation
    mul: Operation
    add_comm: Theorem
    left: Theorem
    mul_comm: Theorem | None = None
    right: Theorem | None = None
    idempotent: Theorem | None = None
    zero: tuple[Theorem, Theorem] | None = None
    one: Theorem | None = None
    literals: bool = False
    others: tuple[Theorem, ...] = ()

    @cached_property
    def laws(self) -> Laws:
        return Laws(
            self.add, self.mul, self.add_comm, self.left, self.mul_comm, self.right, self.idempotent, self.zero,
            self.one, self.literals, self.others, )  # fmt: skip

    def normal(self, x: Term) -> Theorem:
        """|- x = its normal form. Raises NoProof where that has too many products."""
        return Normaliser(self.laws)(x)

    def equal(self, x: Term, y: Term) -> Theorem | None:
        """|- x = y where their normal forms agree."""
        normaliser = Normaliser(self.laws)
        first, last = normaliser.sum(x), normaliser.sum(y)
        return k.trans(first, k.sym(last)) if first.right is last.right else None


def decide(semiring: Semiring) -> Tactic:
    """Proves equations between terms with the same normal form; fails with the two normal forms otherwise."""

    def tactic(goal: Goal) -> Progress:
        if goal.left.type is not semiring.laws.type:
            raise Failed(f"the sides are of type {goal.left.type}", goal)
        theorem = semiring.equal(goal.left, goal.right)
        if theorem is None:
            first, last = semiring.normal(goal.left), semiring.normal(goal.right)
            raise Failed(f"different normal forms: {text(first.right)} and {text(last.right)}", goal)
        return done(theorem)

    return tactic


def normal_form(semiring: Semiring) -> Tactic:
    """Both sides in normal form."""
    return on_sides(lambda x: semiring.normal(x) if x.type is semiring.laws.type else None)
