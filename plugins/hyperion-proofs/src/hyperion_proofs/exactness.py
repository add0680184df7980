"""Untrusted. Equalities and ranges of integer expressions over exact quotients floordiv (p i) m, i the step."""

from __future__ import annotations

from math import lcm

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.clamping import Clamps
from hyperion_proofs.derived import NoProof, chain, instance, replace_all
from hyperion_proofs.implication import both
from hyperion_proofs.nonnegative import (
    at_most,
    between,
    difference,
    divided,
    known,
    nonnegative,
    powers_between,
    total,
)
from hyperion_proofs.polynomials import INDEX, Polynomial, atom, polynomial
from hyperion_proofs.quotients import cancelled, exact, from_equation

MIN, MAX = -(2**63), 2**63 - 1
_ZERO = literals.int_lit(0)
_LAST = t.var("last", t.INT)


class Exactness:
    """`last` is the number of the last step, a term without the index."""

    def __init__(self, last: Term) -> None:
        self.last = last
        self._known: dict[Term, Theorem] = {}
        self._expanded: dict[tuple[Term, int], tuple[int, Polynomial, Theorem]] = {}

    def learn(self, p: Polynomial, m: int) -> None:
        """Quotients of p by m at the index and at the index after it."""
        f = apply("floordiv", p.horner(INDEX), literals.int_lit(m))
        later = k.inst({INDEX: apply("add", literals.int_lit(1), INDEX)}, self.quotient(f))
        self._known[later.left.argument] = later

    def quotient(self, f: Term) -> Theorem:
        """|- m * (p // m) = p, for f = p // m with p over the index."""
        if f not in self._known:
            value, divisor = arguments(f)[1]
            p, m = polynomial(value), literals.int_value(divisor)
            if any(head(a) == "floordiv" for a in p.atoms):
                raise NoProof("a quotient of a quotient")
            self._known[f] = _rewritten(exact(p, m, INDEX), value, m)
        return self._known[f]

    def start(self, p: Polynomial, m: int, value: Term, form: Term) -> Theorem:
        """|- value = form, the quotient p // m at index 0, where p(0) = m * value."""
        if m == 1:
            return _ring(value, form)
        there = k.inst({INDEX: _ZERO}, self.quotient(apply("floordiv", p.horner(INDEX), literals.int_lit(m))))
        return cancelled(m, value, form, k.sym(there))

    def expanded(self, e: Term, scale: int = 0) -> tuple[int, Polynomial, Theorem]:
        """A multiple D of `scale`, the polynomial Q and |- D * e = Q, where the quotients in e are gone."""
        if (e, scale) not in self._expanded:
            self._expanded[e, scale] = self._expand(e, scale)
        return self._expanded[e, scale]

    def _expand(self, e: Term, scale: int) -> tuple[int, Polynomial, Theorem]:
        p = polynomial(e)
        quotients = [a for a in p.atoms if head(a) == "floordiv" and INDEX in a.free]
        divisors = {f: literals.int_value(f.argument) for f in quotients}
        d = lcm(scale or 1, *divisors.values())
        q, spread = p.scaled(d), list[Term]()
        for powers, c in p.monomials.items():
            inside = [f for f, _ in powers if f in divisors]
            if not inside:
                continue
            if sum(n for _, n in powers) > 1:
                raise NoProof("a product of two sums has no closed form here")
            (f,) = inside
            value = arguments(f)[1][0]
            factor = c * d / divisors[f]
            q += polynomial(value).scaled(factor) - atom(f).scaled(c * d)
            gap = apply("sub", apply("mul", f.argument, f), value)
            spread.append(apply("mul", literals.int_lit(int(factor)), gap))
        whole = q.horner(INDEX)
        for gap in spread:
            whole = apply("add", whole, gap)
        begin = _ring(apply("mul", literals.int_lit(d), e), whole)
        products = {apply("mul", f.argument, f): f for f in quotients}
        moved = replace_all(whole, lambda u: self.quotient(products[u]) if u in products else None)
        last = moved.right if moved else whole
        return d, q, chain(begin, moved, _ring(last, q.horner(INDEX)))

    def equal(self, a: Term, b: Term) -> Theorem:
        """|- a = b. Raises NoProof where it does not follow."""
        same = INTEGERS.equal(a, b)
        if same is not None:
            return same
        scale = lcm(self.expanded(a)[0], self.expanded(b)[0])
        (d, p, first), (_, q, second) = self.expanded(a, scale), self.expanded(b, scale)
        if p.monomials != q.monomials:
            raise NoProof("the closed form does not hold after a further step")
        return cancelled(d, a, b, chain(first, _ring(first.right, second.right), k.sym(second)))

    def size(self, e: Term) -> tuple[int, int]:
        """The factor by which e is scaled to be without quotients, and its degree."""
        scale, q, _ = self.expanded(e)
        return scale, max(q.by_powers(INDEX), default=0)

    def limits(self, e: Term, clamps: Clamps | None = None) -> tuple[Term, Term]:
        """The tests that keep e in range at every step, computed in clamped form where clamps are given."""
        return self._limits(e, self.last, clamps)

    def _limits(self, e: Term, last: Term, clamps: Clamps | None) -> tuple[Term, Term]:
        scale, q, _ = self.expanded(e)
        low, high = literals.int_lit(0), literals.int_lit(0)
        for n, c in q.by_powers(INDEX).items():
            far = _far(c, last, n) if clamps is None else clamps.product(c, last, n)
            ends = (apply("min", _ZERO, far), apply("max", far, _ZERO)) if n else (far, far)
            low, high = (apply("add", end, sofar) for sofar, end in zip((low, high), ends, strict=True))
        bottom, top = (literals.int_lit(scale * end) for end in (MIN, MAX))
        return apply("le", bottom, low), apply("le", high, top)

    def in_range(self, e: Term, low: Theorem, high: Theorem, tests: tuple[Theorem, Theorem]) -> Theorem:
        """|- inr.i64 e = true, from |- 0 <= i, |- 0 <= last - i and the theorems that its `limits` hold."""
        return discharge(k.inst({_LAST: self.last}, self._in_range(e)), low, high, *tests)

    def _in_range(self, e: Term) -> Theorem:
        """{0 <= i, 0 <= last - i, the limits are in range} |- inr.i64 e = true, for a variable as the last step."""
        low, high = (k.assume(nonnegative(x), TRUE) for x in (INDEX, apply("sub", _LAST, INDEX)))
        bounds = self._limits(e, _LAST, None)
        least, most = (difference(k.assume(x, TRUE)) for x in bounds)
        d, q, expanded = self.expanded(e)
        lows, highs = list[Theorem](), list[Theorem]()
        for n, c in q.by_powers(INDEX).items():
            if n:
                far = _far(c, _LAST, n)
                above, below = (_with(th, far) for th in between(c.term(), *powers_between(low, high, n)))
                lows.append(below)
                highs.append(above)
        bottom, top, spare = literals.int_lit(MIN), literals.int_lit(MAX), known(d - 1)
        above = total(*lows, least, from_equation(k.sym(expanded)), spare)
        below = total(*highs, most, from_equation(expanded), spare)
        low_th = at_most(divided(d, apply("sub", e, bottom), above), bottom, e)
        high_th = at_most(divided(d, apply("sub", top, e), below), e, top)
        return k.trans(instance("i64.inr.def", z=e), both(low_th, high_th))


def _with(th: Theorem, far: Term) -> Theorem:
    """The same theorem about max (g * v) 0 or min 0 (g * v) with g * v written as `far`."""

    def rule(u: Term) -> Theorem | None:
        if head(u) not in ("max", "min"):
            return None
        function, args = arguments(u)
        same = [k.refl(a) if a is _ZERO else _ring(a, far) for a in args]
        return k.app(k.app(k.refl(function), same[0]), same[1])

    changed = replace_all(th.left, rule)
    assert changed is not None
    return k.trans(k.sym(changed), th)


def _far(c: Polynomial, last: Term, n: int) -> Term:
    product = c.term()
    for _ in range(n):
        product = apply("mul", product, last)
    return product


def _ring(a: Term, b: Term) -> Theorem:
    same = INTEGERS.equal(a, b)
    if same is None:
        raise NoProof("the polynomials differ")
    return same


def _rewritten(th: Theorem, value: Term, m: int) -> Theorem:
    """From |- m * (q // m) = q, with q = value as polynomials: the same of value."""
    q = th.right
    if q is value:
        return th
    same = _ring(value, q)
    product = th.left
    d = product.function.argument
    inside = k.app(k.app(k.refl(product.argument.function.function), same), k.refl(d))
    return chain(k.app(k.refl(product.function), inside), th, k.sym(same))
