"""Untrusted search, checked theorems: sums over lists in a semiring, proved by induction when first asked for.

    sum F xs  =  foldl (\\s x. s + F x) 0 xs

c * sum F xs                     =  sum (\\x. c * F x) xs
sum F xs * c                     =  sum (\\x. F x * c) xs
sum (\\x. sum (\\y. H x y) ys) xs  =  sum (\\y. sum (\\x. H x y) xs) ys

The operations are variables and their laws hypotheses, so that each theorem is proved once for all types.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import at, chain, fresh, unfold
from hyperion_proofs.matrices.reducing import beta_normal
from hyperion_proofs.unfolding import nil_cons, reduce_list

Body = Callable[[Term], Term]
INDEX = t.INT
"""The type of what sums run over: the indices of an axis."""
XS, YS = t.var("xs", t.list_of(INDEX)), t.var("ys", t.list_of(INDEX))
X, Y = t.var("x", INDEX), t.var("y", INDEX)


ITEM = t.type_variable("'a")
PLUS, TIMES = (t.var(name, t.fun(ITEM, ITEM, ITEM)) for name in ("plus", "times"))
ZERO = t.var("zero", ITEM)
_F, _G, _H = t.var("f", t.fun(INDEX, ITEM)), t.var("g", t.fun(INDEX, ITEM)), t.var("h", t.fun(INDEX, INDEX, ITEM))
_V, _W, _C, _HOLE = (t.var(name, ITEM) for name in ("v", "w", "c", "hole"))


def plus(x: Term, y: Term) -> Term:
    return t.app(PLUS, x, y)


def times(x: Term, y: Term) -> Term:
    return t.app(TIMES, x, y)


@cache
def laws() -> dict[str, tuple[Term, Term]]:
    """The laws of a semiring as equations between functions of the elements that they speak of."""
    a, b, c = (t.var(name, ITEM) for name in "abc")
    equations = {
        "plus.assoc": ((a, b, c), plus(plus(a, b), c), plus(a, plus(b, c))),
        "plus.comm": ((a, b), plus(a, b), plus(b, a)),
        "plus.zero": ((a,), plus(ZERO, a), a),
        "times.assoc": ((a, b, c), times(times(a, b), c), times(a, times(b, c))),
        "left": ((c, a, b), plus(times(c, a), times(c, b)), times(c, plus(a, b))),
        "right": ((c, a, b), plus(times(a, c), times(b, c)), times(plus(a, b), c)),
        "left.zero": ((c,), times(c, ZERO), ZERO),
        "right.zero": ((c,), times(ZERO, c), ZERO),
    }
    return {name: (t.lams(variables, x), t.lams(variables, y)) for name, (variables, x, y) in equations.items()}


def law(name: str, *values: Term) -> Theorem:
    """A law of the semiring at these elements; it is a hypothesis."""
    return at(k.assume(*laws()[name]), *values)


class Sums:
    """Sums of the semiring, and what holds of them."""

    def _crossed(self, a: Term, b: Term, c: Term, d: Term) -> Theorem:
        """|- (a + b) + (c + d) = (a + c) + (b + d)"""
        inner = chain(
            k.sym(law("plus.assoc", b, c, d)),
            self._sum_of(law("plus.comm", b, c), k.refl(d)),
            law("plus.assoc", c, b, d),
        )
        return chain(
            law("plus.assoc", a, b, plus(c, d)),
            self._sum_of(k.refl(a), inner),
            k.sym(law("plus.assoc", a, c, plus(b, d))),
        )

    # ---- sums as terms

    def step(self, body: Body) -> Term:
        s, x = fresh(ITEM, "s"), fresh(INDEX, "x")
        return t.lams((s, x), plus(s, body(x)))

    def over(self, body: Body, xs: Term, start: Term | None = None) -> Term:
        return apply("foldl", self.step(body), ZERO if start is None else start, xs)

    # ---- lemmas, about functions that are variables

    def _unrolled(self, body: Body, start: Term) -> Theorem:
        """|- sum body (cons x xs) from `start` = sum body xs from (start + body x)."""
        f, (_, cons) = self.step(body), nil_cons(X, XS)
        opened = reduce_list("foldl", apply("foldl", f, start, cons))
        folded = k.sym(unfold("foldl", apply("foldl", f, t.app(f, start, X), XS)))
        last = folded.right
        begun = k.app(k.app(k.refl(last.function.function), beta_spine(t.app(f, start, X))), k.refl(XS))
        return chain(opened, folded, begun)

    def _at_nil(self, body: Body, start: Term) -> Theorem:
        return reduce_list("foldl", apply("foldl", self.step(body), start, nil_cons(X, XS)[0]))

    def _from(self, body: Body, start: Theorem, xs: Term = XS) -> Theorem:
        """From |- a = b: |- sum body xs from a = sum body xs from b."""
        return k.app(
            k.app(k.refl(apply("foldl", self.step(body), start.left, xs).function.function), start), k.refl(xs)
        )

    @cached_property
    def _two(self) -> Theorem:
        """|- sum (\\x. f x + g x) xs from (v + w) = (sum f xs from v) + (sum g xs from w)"""
        f, g, v, w = _F, _G, _V, _W

        def fs(x: Term) -> Term:
            return t.app(f, x)

        def gs(x: Term) -> Term:
            return t.app(g, x)

        def both(x: Term) -> Term:
            return plus(fs(x), gs(x))

        def left(xs: Term) -> Term:
            return t.lams((v, w), self.over(both, xs, plus(v, w)))

        def right(xs: Term) -> Term:
            return t.lams((v, w), plus(self.over(fs, xs, v), self.over(gs, xs, w)))

        base = chain(self._at_nil(both, plus(v, w)), k.sym(self._sum_of(self._at_nil(fs, v), self._at_nil(gs, w))))
        base = k.abs_(v, k.abs_(w, base))
        ih = k.assume(left(XS), right(XS))
        vs, ws = plus(v, fs(X)), plus(w, gs(X))
        start = self._crossed(v, w, fs(X), gs(X))
        last = self._sum_of(self._unrolled(fs, v), self._unrolled(gs, w))
        step = chain(self._unrolled(both, plus(v, w)), self._from(both, start), at(ih, vs, ws), k.sym(last))
        return at(k.list_induction(X, XS, left(XS), right(XS), base, k.abs_(v, k.abs_(w, step))), v, w)

    def _sum_of(self, first: Theorem, second: Theorem) -> Theorem:
        """From |- a = b and |- c = d: |- a + c = b + d."""
        return k.app(k.app(k.refl(PLUS), first), second)

    @cached_property
    def _nothing(self) -> Theorem:
        """|- sum (\\x. 0) xs = 0"""

        def none(_: Term) -> Term:
            return ZERO

        left = self.over(none, XS)
        ih = k.assume(left, ZERO)
        step = chain(
            self._unrolled(none, ZERO),
            self._from(none, law("plus.zero", ZERO)),
            ih,
        )
        return k.list_induction(X, XS, left, ZERO, self._at_nil(none, ZERO), step)

    def _scaled(self, scale: Body, side: str) -> Theorem:
        """|- sum (\\x. scale (f x)) xs = scale (sum f xs), for the product with c on that side."""
        f, w = _F, _W

        def fs(x: Term) -> Term:
            return t.app(f, x)

        def scaled(x: Term) -> Term:
            return scale(fs(x))

        hole = _HOLE
        function = t.lam(hole, scale(hole))

        def inside(th: Theorem) -> Theorem:
            moved = k.app(k.refl(function), th)
            return chain(k.sym(k.beta(moved.left)), moved, k.beta(moved.right))

        def left(xs: Term) -> Term:
            return t.lam(w, self.over(scaled, xs, scale(w)))

        def right(xs: Term) -> Term:
            return t.lam(w, scale(self.over(fs, xs, w)))

        base = k.abs_(w, chain(self._at_nil(scaled, scale(w)), k.sym(inside(self._at_nil(fs, w)))))
        ih = k.assume(left(XS), right(XS))
        next_ = plus(w, fs(X))
        start = law(side, _C, w, fs(X))
        step = chain(
            self._unrolled(scaled, scale(w)),
            self._from(scaled, start),
            at(ih, next_),
            k.sym(inside(self._unrolled(fs, w))),
        )
        th = k.list_induction(X, XS, left(XS), right(XS), base, k.abs_(w, step))
        th = at(th, ZERO)
        return chain(self._from(scaled, k.sym(law(f"{side}.zero", _C))), th)

    @cached_property
    def _from_left(self) -> Theorem:
        """|- sum (\\x. c * f x) xs = c * sum f xs"""
        c = _C
        return self._scaled(lambda x: times(c, x), "left")

    @cached_property
    def _from_right(self) -> Theorem:
        """|- sum (\\x. f x * c) xs = sum f xs * c"""
        c = _C
        return self._scaled(lambda x: times(x, c), "right")

    @cached_property
    def _exchanged(self) -> Theorem:
        """|- sum (\\x. sum (\\y. h x y) ys) xs = sum (\\y. sum (\\x. h x y) xs) ys"""
        h = _H

        def row(x: Term) -> Term:
            return self.over(lambda y: t.app(h, x, y), YS)

        def column(y: Term, xs: Term = XS) -> Term:
            return self.over(lambda x: t.app(h, x, y), xs)

        def left(xs: Term) -> Term:
            return self.over(row, xs)

        def right(xs: Term) -> Term:
            return self.over(lambda y: column(y, xs), YS)

        base = chain(self._at_nil(row, ZERO), k.sym(self._nil_inside()))
        ih = k.assume(left(XS), right(XS))
        more = self._split_off(row)  # sum row (cons x xs) = row x + sum row xs
        columns = self.each(lambda y: self._split_off(lambda x: t.app(h, x, y)), YS)
        two = self.two(lambda y: t.app(h, X, y), column, YS)
        step = chain(more, self._sum_of(k.refl(row(X)), ih), k.sym(two), k.sym(columns))
        return k.list_induction(X, XS, left(XS), right(XS), base, step)

    def _nil_inside(self) -> Theorem:
        """|- sum (\\y. sum (h _ y) nil) ys = 0"""
        inner = self.each(lambda y: self._at_nil(lambda x: t.app(_H, x, y), ZERO), YS)
        return chain(inner, k.inst({XS: YS}, self._nothing))

    def _split_off(self, body: Body) -> Theorem:
        """|- sum body (cons x xs) = body x + sum body xs"""
        start = law("plus.comm", ZERO, body(X))
        shifted = self.shifted(body, body(X))
        return chain(self._unrolled(body, ZERO), self._from(body, start), shifted)

    @cached_property
    def _shifted(self) -> Theorem:
        """|- sum f xs from (v + 0) = v + sum f xs"""
        f, v, w = _F, _V, _W

        def fs(x: Term) -> Term:
            return t.app(f, x)

        def left(xs: Term) -> Term:
            return t.lam(w, self.over(fs, xs, plus(v, w)))

        def right(xs: Term) -> Term:
            return t.lam(w, plus(v, self.over(fs, xs, w)))

        vs = k.refl(v)
        base = k.abs_(w, chain(self._at_nil(fs, plus(v, w)), k.sym(self._sum_of(vs, self._at_nil(fs, w)))))
        ih = k.assume(left(XS), right(XS))
        next_ = plus(w, fs(X))
        start = law("plus.assoc", v, w, fs(X))
        last = k.sym(self._sum_of(vs, self._unrolled(fs, w)))
        step = chain(self._unrolled(fs, plus(v, w)), self._from(fs, start), at(ih, next_), last)
        return at(k.list_induction(X, XS, left(XS), right(XS), base, k.abs_(w, step)), ZERO)

    # ---- lemmas at given bodies

    def _instance(self, th: Theorem, values: dict[Term, Term]) -> Theorem:
        """With functions for variables, and what they are applied to put into them."""
        th = k.inst(values, th)
        first, last = beta_normal(th.left), beta_normal(th.right)
        return chain(k.sym(first), th, last)

    def _function(self, body: Body) -> Term:
        x = fresh(INDEX, "x")
        return t.lam(x, body(x))

    def shifted(self, body: Body, start: Term) -> Theorem:
        return self._instance(self._shifted, {_F: self._function(body), _V: start})

    def two(self, f: Body, g: Body, xs: Term) -> Theorem:
        """|- sum (\\x. f x + g x) xs = sum f xs + sum g xs"""
        values = {_F: self._function(f), _G: self._function(g), XS: xs}
        values |= {_V: ZERO, _W: ZERO}
        th = self._instance(self._two, values)
        zero = law("plus.zero", ZERO)
        return chain(self._from(lambda x: plus(f(x), g(x)), k.sym(zero), xs), th)

    def from_left(self, c: Term, body: Body, xs: Term) -> Theorem:
        return self._instance(self._from_left, {_C: c, _F: self._function(body), XS: xs})

    def from_right(self, body: Body, c: Term, xs: Term) -> Theorem:
        return self._instance(self._from_right, {_C: c, _F: self._function(body), XS: xs})

    def exchanged(self, body: Callable[[Term, Term], Term], xs: Term, ys: Term) -> Theorem:
        x, y = fresh(INDEX, "x"), fresh(INDEX, "y")
        values = {_H: t.lams((x, y), body(x, y)), XS: xs, YS: ys}
        return self._instance(self._exchanged, values)

    def each(self, prove: Callable[[Term], Theorem], xs: Term) -> Theorem:
        """From |- body x = other x for every x: |- sum body xs = sum other xs"""
        s, x = fresh(ITEM, "s"), fresh(INDEX, "x")
        step = k.abs_(s, k.abs_(x, self._sum_of(k.refl(s), prove(x))))
        function, _ = arguments(apply("foldl", step.left, ZERO, xs))
        return k.app(k.app(k.app(k.refl(function), step), k.refl(ZERO)), k.refl(xs))
