"""Untrusted. Normal forms of polynomials over int and real, with proofs.

A normal form is a sum `m1 + (m2 + ..)` of monomials in increasing order; a monomial is `k * (a1 * (a2 ..))` with a
literal k other than 0, or the product alone where k is 1, or the literal alone. Anything that is not + - * or a literal
is an atom.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.derived import NoProof, arguments, chain, join, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty

Monomial = tuple[Term, ...]


@dataclass(frozen=True)
class Ring:
    """Names of the operations and axioms of one commutative ring."""

    type: Ty
    add: str
    mul: str
    sub: str
    neg: str
    axioms: str  # prefix of the axiom names

    def literal(self, value: Fraction | int) -> Term:
        return literals.int_lit(int(value)) if self.type is t.INT else literals.real_lit(Fraction(value))

    def op(self, name: str, *args: Term) -> Term:
        return t.app(t.const(name, t.SIGNATURE[name]), *args)

    def law(self, name: str, x: Term) -> Theorem:
        th = use(f"{self.axioms}.{name}", x)
        if th is None:
            raise NoProof(f"{self.axioms}.{name} does not apply")
        return th

    # ---- terms of normal forms

    def monomial(self, atoms: Monomial, coefficient: Fraction) -> Term:
        if not atoms:
            return self.literal(coefficient)
        product = atoms[-1]
        for a in reversed(atoms[:-1]):
            product = self.op(self.mul, a, product)
        return product if coefficient == 1 else self.op(self.mul, self.literal(coefficient), product)

    def split(self, m: Term) -> tuple[Fraction, Term | None]:
        """Coefficient and product of a monomial in normal form; None for the empty product."""
        if m.kind == "K":
            return self.value(m), None
        head, args = arguments(m)
        if head.kind == "C" and head.name == self.mul and args[0].kind == "K":
            return self.value(args[0]), args[1]
        return Fraction(1), m

    def value(self, literal: Term) -> Fraction:
        return Fraction(literals.int_value(literal)) if self.type is t.INT else literals.real_value(literal)

    def is_op(self, x: Term, name: str) -> bool:
        return (
            x.kind == "A"
            and x.function.kind == "A"
            and x.function.function.kind == "C"
            and (x.function.function.name == name)
        )

    # ---- rewriting steps

    def right(self, x: Term, th: Theorem | None) -> Theorem | None:
        """Congruence in the second argument of a binary operation."""
        return None if th is None else k.app(k.refl(x.function), th)

    def left(self, x: Term, th: Theorem | None) -> Theorem | None:
        if th is None:
            return None
        return k.app(k.app(k.refl(x.function.function), th), k.refl(x.argument))

    def commute(self, op: str, x: Term) -> Theorem:
        return self.law(f"{op}.comm", x)

    def swap(self, op: str, x: Term) -> Theorem:
        """|- op a (op b c) = op b (op a c)."""
        a, rest = x.function.argument, x.argument
        b, c = rest.function.argument, rest.argument
        ab = self.op(op, self.op(op, a, b), c)
        there = k.sym(self.law(f"{op}.assoc", ab))
        flipped = self.left(ab, self.commute(op, self.op(op, a, b)))
        assert flipped is not None
        return chain(there, flipped, self.law(f"{op}.assoc", flipped.right))

    def merge_product(self, x: Term) -> Theorem | None:
        """Merge the product of two sorted, coefficient-free products."""
        if self.is_op(x.function.argument, self.mul):
            th: Theorem | None = self.law(f"{self.mul}.assoc", x)
            assert th is not None
            inner = self.merge_product(th.right.argument)
            th = join(th, self.right(th.right, inner))
            assert th is not None
            return join(th, self.insert(th.right))
        return self.insert(x)

    def insert(self, x: Term) -> Theorem | None:
        """Move the single atom on the left of `a * (b * ..)` to its place."""
        a, rest = x.function.argument, x.argument
        if self.is_op(rest, self.mul):
            if key(a) <= key(rest.function.argument):
                return None
            th = self.swap(self.mul, x)
            return join(th, self.right(th.right, self.insert(th.right.argument)))
        return None if key(a) <= key(rest) else self.commute(self.mul, x)

    def times(self, x: Term) -> Theorem | None:
        """The product of two monomials in normal form as one."""
        a, b = x.function.argument, x.argument
        (ca, pa), (cb, pb) = self.split(a), self.split(b)
        if pa is None and pb is None:
            return k.compute(x)
        if pa is None:
            return self.scale(x)
        if pb is None:
            th = self.commute(self.mul, x)
            return join(th, self.scale(th.right))
        if ca != 1:
            th = self.law(f"{self.mul}.assoc", x)  # ca * (pa * b)
            th = chain(th, self.right(th.right, self.times(th.right.argument)))
            return join(th, self.scale(th.right))
        if cb != 1:
            th = self.swap(self.mul, x)  # cb * (pa * pb)
            th = chain(th, self.right(th.right, self.merge_product(th.right.argument)))
            return th
        return self.merge_product(x)

    def scale(self, x: Term) -> Theorem | None:
        """A literal times a monomial in normal form."""
        c, m = self.value(x.function.argument), x.argument
        if m.kind == "K":
            return k.compute(x)
        if c == 1:
            return self.law(f"{self._short(self.mul)}.one", x)
        if c == 0:
            return self.law(f"{self._short(self.mul)}.zero", x)
        inner, product = self.split(m)
        if inner == 1 or product is None:
            return None
        both = self.op(self.mul, self.op(self.mul, x.function.argument, m.function.argument), product)
        th = k.sym(self.law(f"{self.mul}.assoc", both))
        folded = self.left(both, k.compute(both.function.argument))
        assert folded is not None
        th = k.trans(th, folded)
        return join(th, self.scale(th.right))

    def _short(self, op: str) -> str:
        return op.removeprefix("r") if self.type is t.REAL else op

    def plus(self, x: Term) -> Theorem | None:
        """The sum of two normal forms."""
        a, b = x.function.argument, x.argument
        if self.is_zero(a):
            return self.law(f"{self._short(self.add)}.zero", x)
        if self.is_zero(b):
            th = self.commute(self.add, x)
            return k.trans(th, self.law(f"{self._short(self.add)}.zero", th.right))
        if self.is_op(a, self.add):
            th = self.law(f"{self.add}.assoc", x)
            th = chain(th, self.right(th.right, self.plus(th.right.argument)))
            return join(th, self.plus(th.right) if not self.is_op(th.right, self.add) else self.insert_sum(th.right))
        return self.insert_sum(x)

    def is_zero(self, x: Term) -> bool:
        return x.kind == "K" and self.value(x) == 0

    def insert_sum(self, x: Term) -> Theorem | None:
        """Put the monomial on the left of `m + sum` in its place, adding coefficients of equal products."""
        m, rest = x.function.argument, x.argument
        if self.is_zero(m):
            return self.law(f"{self._short(self.add)}.zero", x)
        if self.is_zero(rest):
            th = self.commute(self.add, x)
            return k.trans(th, self.law(f"{self._short(self.add)}.zero", th.right))
        first = rest.function.argument if self.is_op(rest, self.add) else rest
        pm, pf = self.split(m)[1], self.split(first)[1]
        if pm is pf:
            if rest is first:
                return self.collect(x)
            both = self.op(self.add, self.op(self.add, m, first), rest.argument)
            th = k.trans(
                k.sym(self.law(f"{self.add}.assoc", both)), _sure(self.left(both, self.collect(both.function.argument)))
            )
            return join(th, self.insert_sum(th.right))
        if order(pm) < order(pf):
            return None
        if rest is first:
            return self.commute(self.add, x)
        th = self.swap(self.add, x)
        th = chain(th, self.right(th.right, self.insert_sum(th.right.argument)))
        inner = th.right.argument
        if self.is_zero(inner):
            return join(th, self.plus(th.right))
        return th

    def collect(self, x: Term) -> Theorem:
        """c * p + d * p as (c + d) * p."""
        a, b = x.function.argument, x.argument
        (ca, p), (cb, _) = self.split(a), self.split(b)
        if p is None:
            return k.compute(x)
        wide = [self._with_coefficient(m, c, p) for m, c in ((a, ca), (b, cb))]
        th = k.app(k.app(k.refl(x.function.function), wide[0]), wide[1])  # c*p + d*p
        flipped = [self.commute(self.mul, w.right) for w in wide]
        th = k.trans(th, k.app(k.app(k.refl(x.function.function), flipped[0]), flipped[1]))  # p*c + p*d
        grouped = self.op(self.mul, p, self.op(self.add, self.literal(ca), self.literal(cb)))
        name = f"{self._short(self.mul)}.{self._short(self.add)}"
        th = k.trans(th, k.sym(self.law(name, grouped)))
        folded = self.right(grouped, k.compute(grouped.argument))
        assert folded is not None
        th = k.trans(th, folded)
        th = k.trans(th, self.commute(self.mul, th.right))
        return chain(th, self.scale(th.right))

    def _with_coefficient(self, m: Term, c: Fraction, p: Term) -> Theorem:
        if c != 1:
            return k.refl(m)
        return k.sym(self.law(f"{self._short(self.mul)}.one", self.op(self.mul, self.literal(1), p)))

    def multiply(self, x: Term) -> Theorem | None:
        """The product of two normal forms, distributed."""
        a, b = x.function.argument, x.argument
        name = f"{self._short(self.mul)}.{self._short(self.add)}"
        if self.is_op(b, self.add):
            th: Theorem | None = self.law(name, x)
        elif self.is_op(a, self.add):
            flipped = self.commute(self.mul, x)
            th = k.trans(flipped, self.law(name, flipped.right))
        else:
            return self.times(x)
        assert th is not None
        u, v = th.right.function.argument, th.right.argument
        first, second = self.multiply(u), self.multiply(v)
        inner = k.app(k.app(k.refl(th.right.function.function), first or k.refl(u)), second or k.refl(v))
        th = k.trans(th, inner)
        return join(th, self.plus(th.right))

    def normal(self, x: Term) -> Theorem | None:
        """|- x = its normal form; None where x is in normal form."""
        if x.type is not self.type:
            raise NoProof(f"not of type {self.type}")
        known = _normal_forms.get(x)
        if known is None:
            if len(_normal_forms) >= _MOST_FORMS:
                _normal_forms.clear()
            known = _normal_forms[x] = (self._normal(x),)
        return known[0]

    def _normal(self, x: Term) -> Theorem | None:
        if self.is_op(x, self.sub):
            th = self.law(f"{self._short(self.sub)}.def", x)
            return join(th, self.normal(th.right))
        if x.kind == "A" and x.function.kind == "C" and x.function.name == self.neg:
            th = self.law(f"{self._short(self.neg)}.def", x)
            return join(th, self.normal(th.right))
        for op, combine in ((self.add, self.plus), (self.mul, self.multiply)):
            if self.is_op(x, op):
                a, b = x.function.argument, x.argument
                na, nb = self.normal(a), self.normal(b)
                th = k.app(k.app(k.refl(x.function.function), na or k.refl(a)), nb or k.refl(b)) if na or nb else None
                return join(th, combine(th.right if th else x))
        return None

    def equal(self, a: Term, b: Term) -> Theorem | None:
        """|- a = b where their normal forms agree."""
        na, nb = self.normal(a) or k.refl(a), self.normal(b) or k.refl(b)
        return k.trans(na, k.sym(nb)) if na.right is nb.right else None


_MOST_FORMS = 10_000
_normal_forms: dict[Term, tuple[Theorem | None]] = {}
"""Of terms that were brought to normal form lately; a term is of one ring by its type."""


def _sure(th: Theorem | None) -> Theorem:
    assert th is not None
    return th


def key(atom: Term) -> str:
    return t.digest(atom)


def order(product: Term | None) -> str:
    """Literals come last."""
    return "~" if product is None else key(product)


INTEGERS = Ring(t.INT, "add", "mul", "sub", "neg", "int")
REALS = Ring(t.REAL, "radd", "rmul", "rsub", "rneg", "real")
