"""Untrusted. Magnitudes: |- within P e = true with P a sum of budget atoms, and from a budget, that e is in range.

A bound is kept in ring normal form: a sum of non-negative atoms (the p, q, w of the generic theorem, magnitudes of
captured values) with positive coefficients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from hyperion_proofs import lattice
from hyperion_proofs.derived import NoProof, chain, head, instance
from hyperion_proofs.divisions import divides, masked, masked_within, quotient_within, remainder_within
from hyperion_proofs.evaluate import NARROW
from hyperion_proofs.implication import all_of, both, parts
from hyperion_proofs.inequalities import drop, nonneg_add, nonneg_mul
from hyperion_proofs.theories import linear
from hyperion_proofs.wording import term_text

SIGNED = ("i8", "i16", "i32", "i64")
LARGEST = literals.int_lit((1 << 63) - 1)

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


def shape_of(x: Term) -> Shape:
    """The monomials of any sum of products."""
    return shape(_normal(x))


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
    """The least bound above all; their atoms are not negative, their coefficients may be."""
    products = {p for s in shapes for p in s}
    return {p: max(s.get(p, Fraction(0)) for s in shapes) for p in products}


class Bounds:
    """Bounds of expressions over `leaves` (e -> |- within p e = true). Atoms of bounds need |- le 0 atom in `nonneg`.
    `budget` is |- le B top = true with top the largest i64, or less; `margins` are more |- le 0 e = true."""

    def __init__(
        self,
        leaves: dict[Term, Theorem],
        nonneg: dict[Term, Theorem],
        budget: Theorem | None = None,
        margins: Sequence[Theorem] = (),
    ) -> None:
        self._margins = [(shape_of(th.left.argument), th) for th in margins]
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
        less = lattice.difference(e)
        same = lattice.equal(e, less) if less is not None else None
        if same is not None:
            th = self.within(same.right)
            return k.trans(k.app(k.refl(th.left.function), same), th)
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
            case "mod" if divides(args[1]):
                return remainder_within(e)
            case "floordiv" if divides(args[1]):
                return quotient_within(e, self.within(args[0]))
            case "neg":
                a = self.within(args[0])
                return discharge(instance("within.neg", p=a.left.function.argument, a=args[0]), a)
            case "abs":
                opened = instance("int.abs.def", a=args[0])
                th = self.within(opened.right)
                return k.trans(k.app(k.refl(th.left.function), opened), th)
            case "max" | "min" | "cond":
                u, v = args[-2:]
                wide = self._above(shape(self.bound(u)), shape(self.bound(v)))
                a, b = self.widen(self.within(u), wide), self.widen(self.within(v), wide)
                extra = {"c": args[0]} if name == "cond" else {}
                return discharge(instance(f"within.{name}", p=wide, a=u, b=v, **extra), a, b)
            case _ if masked(e):
                return masked_within(e)
            case _:
                raise NoProof(f"the magnitude of `{term_text(e, {})}` is not bounded")

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
        rest, margins = self._in_margins({p: big.get(p, Fraction(0)) - small.get(p, Fraction(0)) for p in big | small})
        if any(c < 0 or c.denominator != 1 for c in (*rest.values(), *margins)):
            raise NoProof("the bound is not below the other")
        whole = self.nonneg({p: c for p, c in rest.items() if c})
        for c, (_, th) in zip(margins, self._margins, strict=True):
            for _ in range(int(c)):
                whole = nonneg_add(whole, th)
        return whole

    def _in_margins(self, monomials: Shape) -> tuple[Shape, list[Fraction]]:
        """A sum as multiples of the margins, each for the variable that leads it, and the rest."""
        rest = dict(monomials)
        found: list[Fraction] = []
        for margin, _ in self._margins:
            lead = next(p for p, c in margin.items() if c > 0)
            c = rest.get(lead, Fraction(0))
            rest = {p: rest.get(p, Fraction(0)) - c * margin.get(p, Fraction(0)) for p in rest | margin}
            found.append(c)
        return rest, found

    def _above(self, a: Shape, b: Shape) -> Term:
        """A bound above two others."""
        (rest, margins), (other, more) = self._in_margins(a), self._in_margins(b)
        whole = union(rest, other)
        for c, (margin, _) in zip(map(max, margins, more), self._margins, strict=True):
            whole = {p: whole.get(p, Fraction(0)) + c * margin.get(p, Fraction(0)) for p in whole | margin}
        return from_shape({p: c for p, c in whole.items() if c})

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
        """|- inr.word e = true from the budget, whose top is a value of the word."""
        if self._budget is None or word not in SIGNED:
            return None
        th = self.within(e)
        bound = th.left.function.argument
        fits = drop(self._budget, bound, self._difference(_normal(self._budget.left.function.argument), bound))
        if word == "i64" and fits.left.argument is LARGEST:
            return discharge(instance("i64.inr.within", p=bound, a=e), th, fits)
        return _in_word(word, _up_to(th, fits))


def _up_to(th: Theorem, fits: Theorem) -> Theorem:
    """From |- within p e = true and |- le p top = true: |- within top e = true."""
    p, e, top = th.left.function.argument, th.left.argument, fits.left.argument
    more = k.trans(instance("int.le.add", a=p, b=top, c=apply("neg", p)), fits)  # p - p <= top - p
    nothing = INTEGERS.equal(literals.int_lit(0), more.left.function.argument)
    assert nothing is not None
    d = more.left.argument
    le = more.left.function.function
    positive = k.trans(k.app(k.app(k.refl(le), nothing), k.refl(d)), more)
    wide = discharge(instance("within.more", p=p, d=d, a=e), th, positive)
    same = INTEGERS.equal(top, wide.left.function.argument)
    assert same is not None
    return chain(k.app(k.app(k.refl(wide.left.function.function), same), k.refl(e)), wide)


def _in_word(word: str, th: Theorem) -> Theorem | None:
    """From |- within top e = true: |- inr.word e = true; None where the word does not hold all within top."""
    top, e = th.left.function.argument, th.left.argument
    low, high = parts(k.trans(k.sym(instance("within.def", p=top, a=e)), th))  # neg top <= e, e <= top
    negated = k.compute(low.left.function.argument)
    low = k.trans(k.sym(k.app(k.app(k.refl(low.left.function.function), negated), k.refl(e))), low)
    goal = instance(f"{word}.inr.def", z=e)
    first, last = arguments(goal.right)[1]
    below = k.compute(apply("le", first.function.argument, negated.right))
    above = k.compute(apply("le", top, last.argument))
    if below.right is not TRUE or above.right is not TRUE:
        return None
    low = discharge(instance("int.le.trans", a=first.function.argument, b=negated.right, c=e), below, low)
    high = discharge(instance("int.le.trans", a=e, b=top, c=last.argument), high, above)
    return k.trans(goal, all_of([low, high]))


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
