"""Untrusted. Magnitudes: |- within P e = true with P a sum of budget atoms, and from a budget, that e is in range.

A bound is kept in ring normal form: a sum of non-negative atoms (the p, q, w of the generic theorem, magnitudes of
captured values) with positive coefficients.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, head, instance
from hyperion_proofs.evaluate import NARROW
from hyperion_proofs.implication import both, parts
from hyperion_proofs.inequalities import drop, nonneg_add, nonneg_mul
from hyperion_proofs.theories import linear

Shape = dict[Term | None, Fraction]  # product (None: the constant) -> coefficient


def shape(bound: Term) -> Shape:
    """The monomials of a bound in normal form."""
    found: Shape = {}
    while INTEGERS.is_op(bound, "add"):
        c, p = INTEGERS.split(bound.function.argument)
        found[p] = c
        bound = bound.argument
    c, p = INTEGERS.split(bound)
    if c:
        found[p] = c
    return found


def factors(product: Term) -> list[Term]:
    """The atoms of a product."""
    found: list[Term] = []
    while INTEGERS.is_op(product, "mul"):
        found.append(product.function.argument)
        product = product.argument
    return [*found, product]


def from_shape(monomials: Shape) -> Term:
    """A sum with these monomials, in normal form."""
    terms = [
        INTEGERS.literal(c) if p is None else p if c == 1 else INTEGERS.op("mul", INTEGERS.literal(c), p)
        for p, c in monomials.items()
    ]
    if not terms:
        return literals.int_lit(0)
    total = terms[0]
    for m in terms[1:]:
        total = apply("add", total, m)
    th = INTEGERS.normal(total)
    return th.right if th else total


def union(*shapes: Shape) -> Shape:
    """The least bound above all."""
    result: Shape = {}
    for s in shapes:
        for p, c in s.items():
            result[p] = max(c, result.get(p, Fraction(0)))
    return result


class Bounds:
    """Bounds of expressions over `leaves` (e -> |- within p e = true). Atoms of bounds need |- le 0 atom in `nonneg`.
    `budget` is |- le B top = true with top the largest i64."""

    def __init__(self, leaves: dict[Term, Theorem], nonneg: dict[Term, Theorem], budget: Theorem | None = None) -> None:
        self._leaves = leaves
        self._nonneg = nonneg
        self._budget = budget
        self._memo: dict[Term, Theorem] = {}

    def within(self, e: Term) -> Theorem:
        """|- within P e = true, P in normal form. Raises NoProof where e has no such bound."""
        if e not in self._memo:
            self._memo[e] = _normal_bound(self._bound(e))
        return self._memo[e]

    def bound(self, e: Term) -> Term:
        return self.within(e).left.function.argument

    def _bound(self, e: Term) -> Theorem:
        if e in self._leaves:
            return self._leaves[e]
        name = head(e)
        _, args = arguments(e)
        if e.kind == "K":
            th = instance("within.abs", a=e)
            size = k.compute(apply("abs", e))
            return chain(k.sym(k.app(k.app(k.refl(th.left.function.function), size), k.refl(e))), th)
        if name.startswith("toZ.") and name[4:] in NARROW:
            return instance(f"{name[4:]}.within", x=args[0])
        match name:
            case "add" | "sub":
                a, b = (self.within(x) for x in args)
                p, q = (th.left.function.argument for th in (a, b))
                return discharge(instance(f"within.{name}", p=p, q=q, a=args[0], b=args[1]), a, b)
            case "mul":
                a, b = (self.within(x) for x in args)
                p, q = (th.left.function.argument for th in (a, b))
                values = dict(zip(_PRODUCT, (p, q, *args), strict=True))
                return discharge(k.inst(values, within_product()), a, b)
            case "neg":
                a = self.within(args[0])
                return discharge(instance("within.neg", p=a.left.function.argument, a=args[0]), a)
            case "max" | "min" | "cond":
                u, v = args[-2:]
                wide = from_shape(union(shape(self.bound(u)), shape(self.bound(v))))
                a, b = self.widen(self.within(u), wide), self.widen(self.within(v), wide)
                extra = {"c": args[0]} if name == "cond" else {}
                return discharge(instance(f"within.{name}", p=wide, a=u, b=v, **extra), a, b)
            case _:
                what = f"`{name}`" if name else "a value"
                raise NoProof(f'the magnitude of {what} is not guarded yet; overflow="wrap" needs no guard')

    def nonneg(self, monomials: Shape) -> Theorem:
        """|- le 0 (sum) = true for positive coefficients."""
        result: Theorem | None = None
        for p, c in monomials.items():
            literal = k.compute(apply("le", literals.int_lit(0), INTEGERS.literal(c)))
            th = literal if p is None else self._product(p) if c == 1 else nonneg_mul(literal, self._product(p))
            result = th if result is None else nonneg_add(result, th)
        return result or k.compute(apply("le", literals.int_lit(0), literals.int_lit(0)))

    def _product(self, p: Term) -> Theorem:
        """|- le 0 p = true for a product of atoms."""
        if p in self._nonneg:
            return self._nonneg[p]
        if head(p) != "mul":
            raise NoProof("an atom of a bound has no sign")
        a, b = arguments(p)[1]
        return nonneg_mul(self._product(a), self._product(b))

    def nonneg_of(self, bound: Term, monomials: Callable[[Term], Shape]) -> Theorem:
        """|- le 0 bound = true for a sum of atoms, not necessarily in normal form."""
        known = self.nonneg(monomials(_normal(bound)))
        same = INTEGERS.equal(bound, known.left.argument)
        if same is None:
            raise NoProof("the bound is no sum of its atoms")
        return chain(k.app(k.refl(known.left.function), same), known)

    def widen_to(self, th: Theorem, wide: Term) -> Theorem:
        """From |- within P e: |- within wide e, for a wide that need not be in normal form."""
        found = self.widen(th, _normal(wide))
        same = INTEGERS.equal(wide, found.left.function.argument)
        assert same is not None
        function = found.left.function.function
        return chain(k.app(k.app(k.refl(function), same), k.refl(found.left.argument)), found)

    def _difference(self, wide: Term, bound: Term) -> Theorem:
        """|- le 0 d = true for a d with wide = bound + d."""
        big, small = shape(wide), shape(bound)
        rest = {p: big.get(p, Fraction(0)) - small.get(p, Fraction(0)) for p in big | small}
        if any(c < 0 or c.denominator != 1 for c in rest.values()):
            raise NoProof("the bound is not below the other")
        return self.nonneg({p: c for p, c in rest.items() if c})

    def widen(self, th: Theorem, wide: Term) -> Theorem:
        """From |- within P e: |- within wide e, for wide above P."""
        bound, e = th.left.function.argument, th.left.argument
        if bound is wide:
            return th
        extra = self._difference(wide, bound)
        d = extra.left.argument
        more = discharge(instance("within.more", p=bound, d=d, a=e), th, extra)
        same = INTEGERS.equal(wide, more.left.function.argument)
        if same is None:
            raise NoProof("the bounds differ")
        function = more.left.function.function
        return chain(k.app(k.app(k.refl(function), same), k.refl(e)), more)

    def in_range(self, word: str, e: Term) -> Theorem | None:
        """|- inr.i64 e = true from the budget."""
        if self._budget is None or word != "i64":
            return None
        th = self.within(e)
        bound = th.left.function.argument
        fits = drop(self._budget, bound, self._difference(_normal(self._budget.left.function.argument), bound))
        return discharge(instance("i64.inr.within", p=bound, a=e), th, fits)


def _normal(x: Term) -> Term:
    th = INTEGERS.normal(x)
    return th.right if th else x


def _normal_bound(th: Theorem) -> Theorem:
    bound = th.left.function.argument
    normal = INTEGERS.normal(bound)
    if normal is None:
        return th
    function = th.left.function.function
    return chain(k.sym(k.app(k.app(k.refl(function), normal), k.refl(th.left.argument))), th)


_PRODUCT = tuple(t.var(name, t.INT) for name in "pqab")


@cache
def within_product() -> Theorem:
    """{within p a, within q b} |- within (p * q) (a * b) = true"""
    p, q, a, b = _PRODUCT
    facts: list[linear.Fact] = []
    margins: list[list[Theorem]] = []
    for bound, x in ((p, a), (q, b)):
        known = k.assume(apply("within", bound, x), TRUE)
        margin = parts(k.trans(k.sym(instance("within.def", p=bound, a=x)), known))
        margins.append([linear.nonnegative(th) for th in margin])
    facts += [linear.fact(nonneg_mul(u, v)) for u in margins[0] for v in margins[1]]
    bound, x = apply("mul", p, q), apply("mul", a, b)
    proved: list[Theorem] = []
    for goal in (apply("le", apply("neg", bound), x), apply("le", x, bound)):
        absurd = linear.refute([*facts, linear.fact(k.assume(goal, FALSE))])
        assert absurd is not None
        proved.append(k.bool_cases(goal, k.assume(goal, TRUE), linear.absurd(absurd, goal, TRUE)))
    return k.trans(instance("within.def", p=bound, a=x), both(*proved))
