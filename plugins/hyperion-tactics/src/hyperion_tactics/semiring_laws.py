"""The laws of a semiring, checked to be about its operations, and the laws that follow from them."""

from __future__ import annotations

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import NoProof, chain
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import matching
from hyperion_tactics.chains import Law, Operation


class Laws:
    """Instances of the laws by position: `right(a, b, c)` is |- (a+b)*c = a*c + b*c. See `Semiring` for the
    arguments."""

    def __init__(
        self,
        add: Operation,
        mul: Operation,
        add_comm: Theorem,
        left: Theorem,
        mul_comm: Theorem | None,
        right: Theorem | None,
        idempotent: Theorem | None,
        zero: tuple[Theorem, Theorem] | None,
        one: Theorem | None,
        literals: bool,
        others: tuple[Theorem, ...],
    ) -> None:
        self.add, self.mul, self.literals = add, mul, literals
        self.type = t.domain(add.symbol.type)
        self.others = {_head(th.left): th for th in others}
        a, b, c = (t.var(f"{name}~", self.type) for name in "abc")
        self.add_comm = _law(add_comm, add(a, b), a, b)
        self.mul_comm = _law(mul_comm, mul(a, b), a, b) if mul_comm else None
        self.left = _law(left, mul(a, add(b, c)), a, b, c)
        self.right = _law(right, mul(add(a, b), c), a, b, c) if right else self._from_left(a, b, c)
        self.idempotent = _law(idempotent, add(a, a), a) if idempotent else None
        self.zero = zero[0].left.function.argument if zero else None
        if zero:
            self.zero_add = _law(zero[0], add(self._zero, a), a)
            self.add_zero = Law(k.trans(self.add_comm(a, self._zero), self.zero_add(a)), (a,))
            self.zero_mul = _law(zero[1], mul(self._zero, a), a)
            self.mul_zero = self._turned(self._zero, self.zero_mul, a)
        self.one = one.left.function.argument if one else None
        if one:
            self.one_mul = _law(one, mul(self._one, a), a)
            self.mul_one = self._turned(self._one, self.one_mul, a)
        self.add_four, self.add_three = exchanges(add, self.add_comm)
        if self.mul_comm:
            self.mul_four, _ = exchanges(mul, self.mul_comm)
        if literals and not (zero and one and mul_comm):
            raise NoProof("coefficients need a zero, a one and a product that commutes")

    @property
    def _zero(self) -> Term:
        assert self.zero is not None
        return self.zero

    @property
    def _one(self) -> Term:
        assert self.one is not None
        return self.one

    def _from_left(self, a: Term, b: Term, c: Term) -> Law:
        """(a+b)*c = a*c + b*c from c*(a+b) = c*a + c*b."""
        comm = self.mul_comm
        if comm is None:
            raise NoProof("without x*y = y*x a semiring needs (x+y)*z = x*z + y*z")
        parts = k.app(k.app(k.refl(self.add.symbol), comm(c, a)), comm(c, b))
        return Law(chain(comm(self.add(a, b), c), self.left(c, a, b), parts), (a, b, c))

    def _turned(self, unit: Term, law: Law, a: Term) -> Law:
        if self.mul_comm is None:
            raise NoProof("zero and one of a product that does not commute are atoms: leave them out")
        return Law(k.trans(self.mul_comm(a, unit), law(a)), (a,))


def _law(theorem: Theorem, left: Term, *variables: Term) -> Law:
    found = matching.at(theorem, left, _assumed(theorem))
    if found is None:
        raise NoProof("a law of the semiring is about another operation")
    return Law(found, variables)


def _assumed(theorem: Theorem) -> frozenset[Term]:
    """Variables that a hypothesis speaks of stand for themselves, as an operation that is a variable does."""
    return frozenset[Term]().union(*(a.free | b.free for a, b in theorem.hypotheses))


def exchanges(op: Operation, comm: Law) -> tuple[Law, Law]:
    """(a.b).(c.d) = (a.c).(b.d), and (a.b).c = (a.c).b."""
    a, b, c, d = (t.var(f"{name}~", t.domain(op.symbol.type)) for name in "abcd")
    inner = k.app(k.refl(t.app(op.symbol, a)), comm(b, c))
    three = chain(op.associated(a, b, c), inner, k.sym(op.associated(a, c, b)))
    whole = k.inst({c: op(c, d)}, three)  # (a.(c.d)).b
    outer = k.app(k.app(k.refl(op.symbol), k.sym(op.associated(a, c, d))), k.refl(b))  # ((a.c).d).b
    last = k.app(k.refl(t.app(op.symbol, op(a, c))), comm(d, b))
    four = chain(whole, outer, op.associated(op(a, c), d, b), last)
    return Law(four, (a, b, c, d)), Law(three, (a, b, c))


def _head(x: Term) -> Term:
    while x.kind == "A":
        x = x.function
    return x
