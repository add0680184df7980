"""Untrusted search, checked theorems: sums over lists in a commutative ring, proved by induction when first asked for.

    sum F xs  =  foldl (\\s x. s + F x) 0 xs

c * sum F xs                     =  sum (\\x. c * F x) xs
sum F xs * c                     =  sum (\\x. F x * c) xs
sum (\\x. sum (\\y. H x y) ys) xs  =  sum (\\y. sum (\\x. H x y) xs) ys
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term, Ty
from hyperion_proofs.derived import NoProof, at, chain, fresh, unfold
from hyperion_proofs.matrices.normal import beta_normal
from hyperion_proofs.unfolding import nil_cons, reduce_list

Body = Callable[[Term], Term]
INDEX = t.INT
"""The type of what sums run over: the indices of an axis."""
XS, YS = t.var("xs", t.list_of(INDEX)), t.var("ys", t.list_of(INDEX))
X, Y = t.var("x", INDEX), t.var("y", INDEX)


@dataclass(frozen=True)
class Sums:
    """The sums of one ring: its operations as functions of two arguments, and its zero."""

    add: Term
    mul: Term
    zero: Term

    @property
    def type(self) -> Ty:
        return self.zero.type

    def plus(self, x: Term, y: Term) -> Term:
        return beta_spine(t.app(self.add, x, y)).right

    def times(self, x: Term, y: Term) -> Term:
        return beta_spine(t.app(self.mul, x, y)).right

    def equal(self, x: Term, y: Term) -> Theorem:
        """|- x = y, by the laws of the ring."""
        if x is y:
            return k.refl(x)
        if self.type is t.REAL:
            th = REALS.equal(x, y)
        else:
            th = modular.equal(x, y) if head(x).startswith("ofZ.") and head(y).startswith("ofZ.") else None
        if th is None:
            raise NoProof("the operations of the product are not those of a commutative ring")
        return th

    def same(self, x: Term, y: Term) -> Theorem:
        """As `equal`, where a side may be no sum or product: x = 0 + x."""
        first, last = (self._as_sum(side) for side in (x, y))
        return chain(first, self.equal(first.right, last.right), k.sym(last))

    def _as_sum(self, x: Term) -> Theorem:
        if self.type is t.REAL or head(x).startswith("ofZ."):
            return k.refl(x)
        word = self.type.text
        whole = apply(f"ofZ.{word}", apply(f"toZ.{word}", x))
        th = use(f"{word}.to.of", whole)
        if th is None:
            raise NoProof(f"no word of {word}")
        return k.sym(th)

    # ---- sums as terms

    def step(self, body: Body) -> Term:
        s, x = fresh(self.type, "s"), fresh(INDEX, "x")
        return t.lams((s, x), self.plus(s, body(x)))

    def over(self, body: Body, xs: Term, start: Term | None = None) -> Term:
        return apply("foldl", self.step(body), self.zero if start is None else start, xs)

    # ---- lemmas, about functions that are variables

    @cached_property
    def _f(self) -> Term:
        return t.var("f", t.fun(INDEX, self.type))

    @cached_property
    def _g(self) -> Term:
        return t.var("g", t.fun(INDEX, self.type))

    @cached_property
    def _h(self) -> Term:
        return t.var("h", t.fun(INDEX, INDEX, self.type))

    def _v(self, name: str) -> Term:
        return t.var(name, self.type)

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
        return k.app(k.app(k.refl(apply("foldl", self.step(body), start.left, xs).function.function), start), k.refl(xs))

    @cached_property
    def _two(self) -> Theorem:
        """|- sum (\\x. f x + g x) xs from (v + w) = (sum f xs from v) + (sum g xs from w)"""
        f, g, v, w = self._f, self._g, self._v("v"), self._v("w")

        def fs(x: Term) -> Term:
            return t.app(f, x)

        def gs(x: Term) -> Term:
            return t.app(g, x)

        def both(x: Term) -> Term:
            return self.plus(fs(x), gs(x))

        def left(xs: Term) -> Term:
            return t.lams((v, w), self.over(both, xs, self.plus(v, w)))

        def right(xs: Term) -> Term:
            return t.lams((v, w), self.plus(self.over(fs, xs, v), self.over(gs, xs, w)))

        base = chain(self._at_nil(both, self.plus(v, w)), k.sym(self._sum_of(self._at_nil(fs, v), self._at_nil(gs, w))))
        base = k.abs_(v, k.abs_(w, base))
        ih = k.assume(left(XS), right(XS))
        vs, ws = self.plus(v, fs(X)), self.plus(w, gs(X))
        start = self.equal(self.plus(self.plus(v, w), both(X)), self.plus(vs, ws))
        last = self._sum_of(self._unrolled(fs, v), self._unrolled(gs, w))
        step = chain(self._unrolled(both, self.plus(v, w)), self._from(both, start), at(ih, vs, ws), k.sym(last))
        return at(k.list_induction(X, XS, left(XS), right(XS), base, k.abs_(v, k.abs_(w, step))), v, w)

    def _sum_of(self, first: Theorem, second: Theorem) -> Theorem:
        """From |- a = b and |- c = d: |- a + c = b + d."""
        return self._under(self.add, first, second)

    def _product_of(self, first: Theorem, second: Theorem) -> Theorem:
        return self._under(self.mul, first, second)

    def _under(self, op: Term, first: Theorem, second: Theorem) -> Theorem:
        th = k.app(k.app(k.refl(op), first), second)
        return chain(k.sym(beta_spine(th.left)), th, beta_spine(th.right))

    @cached_property
    def _nothing(self) -> Theorem:
        """|- sum (\\x. 0) xs = 0"""

        def none(_: Term) -> Term:
            return self.zero

        left = self.over(none, XS)
        ih = k.assume(left, self.zero)
        step = chain(
            self._unrolled(none, self.zero),
            self._from(none, self.same(self.plus(self.zero, self.zero), self.zero)),
            ih,
        )
        return k.list_induction(X, XS, left, self.zero, self._at_nil(none, self.zero), step)

    def _scaled(self, scale: Body) -> Theorem:
        """|- sum (\\x. scale (f x)) xs from scale w = scale (sum f xs from w), for a product with something."""
        f, w = self._f, self._v("w")

        def fs(x: Term) -> Term:
            return t.app(f, x)

        def scaled(x: Term) -> Term:
            return scale(fs(x))

        hole = self._v("hole")
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
        next_ = self.plus(w, fs(X))
        start = self.equal(self.plus(scale(w), scaled(X)), scale(next_))
        step = chain(
            self._unrolled(scaled, scale(w)),
            self._from(scaled, start),
            at(ih, next_),
            k.sym(inside(self._unrolled(fs, w))),
        )
        th = k.list_induction(X, XS, left(XS), right(XS), base, k.abs_(w, step))
        th = at(th, self.zero)
        return chain(self._from(scaled, k.sym(self.same(scale(self.zero), self.zero))), th)

    @cached_property
    def _from_left(self) -> Theorem:
        """|- sum (\\x. c * f x) xs = c * sum f xs"""
        c = self._v("c")
        return self._scaled(lambda x: self.times(c, x))

    @cached_property
    def _from_right(self) -> Theorem:
        """|- sum (\\x. f x * c) xs = sum f xs * c"""
        c = self._v("c")
        return self._scaled(lambda x: self.times(x, c))

    @cached_property
    def _exchanged(self) -> Theorem:
        """|- sum (\\x. sum (\\y. h x y) ys) xs = sum (\\y. sum (\\x. h x y) xs) ys"""
        h = self._h

        def row(x: Term) -> Term:
            return self.over(lambda y: t.app(h, x, y), YS)

        def column(y: Term, xs: Term = XS) -> Term:
            return self.over(lambda x: t.app(h, x, y), xs)

        def left(xs: Term) -> Term:
            return self.over(row, xs)

        def right(xs: Term) -> Term:
            return self.over(lambda y: column(y, xs), YS)

        base = chain(self._at_nil(row, self.zero), k.sym(self._nil_inside()))
        ih = k.assume(left(XS), right(XS))
        more = self._split_off(row)  # sum row (cons x xs) = row x + sum row xs
        columns = self._each(lambda y: self._split_off(lambda x: t.app(h, x, y)), YS)
        two = self.two(lambda y: t.app(h, X, y), column, YS)
        step = chain(more, self._sum_of(k.refl(row(X)), ih), k.sym(two), k.sym(columns))
        return k.list_induction(X, XS, left(XS), right(XS), base, step)

    def _nil_inside(self) -> Theorem:
        """|- sum (\\y. sum (h _ y) nil) ys = 0"""
        inner = self._each(lambda y: self._at_nil(lambda x: t.app(self._h, x, y), self.zero), YS)
        return chain(inner, k.inst({XS: YS}, self._nothing))

    def _split_off(self, body: Body) -> Theorem:
        """|- sum body (cons x xs) = body x + sum body xs"""
        start = self.equal(self.plus(self.zero, body(X)), self.plus(body(X), self.zero))
        shifted = self.shifted(body, body(X))
        return chain(self._unrolled(body, self.zero), self._from(body, start), shifted)

    @cached_property
    def _shifted(self) -> Theorem:
        """|- sum f xs from (v + 0) = v + sum f xs"""
        f, v, w = self._f, self._v("v"), self._v("w")

        def fs(x: Term) -> Term:
            return t.app(f, x)

        def left(xs: Term) -> Term:
            return t.lam(w, self.over(fs, xs, self.plus(v, w)))

        def right(xs: Term) -> Term:
            return t.lam(w, self.plus(v, self.over(fs, xs, w)))

        vs = k.refl(v)
        base = k.abs_(w, chain(self._at_nil(fs, self.plus(v, w)), k.sym(self._sum_of(vs, self._at_nil(fs, w)))))
        ih = k.assume(left(XS), right(XS))
        next_ = self.plus(w, fs(X))
        start = self.equal(self.plus(self.plus(v, w), fs(X)), self.plus(v, next_))
        last = k.sym(self._sum_of(vs, self._unrolled(fs, w)))
        step = chain(self._unrolled(fs, self.plus(v, w)), self._from(fs, start), at(ih, next_), last)
        return at(k.list_induction(X, XS, left(XS), right(XS), base, k.abs_(w, step)), self.zero)

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
        return self._instance(self._shifted, {self._f: self._function(body), self._v("v"): start})

    def two(self, f: Body, g: Body, xs: Term) -> Theorem:
        """|- sum (\\x. f x + g x) xs = sum f xs + sum g xs"""
        values = {self._f: self._function(f), self._g: self._function(g), XS: xs}
        values |= {self._v("v"): self.zero, self._v("w"): self.zero}
        th = self._instance(self._two, values)
        zero = self.same(self.plus(self.zero, self.zero), self.zero)
        return chain(self._from(lambda x: self.plus(f(x), g(x)), k.sym(zero), xs), th)

    def from_left(self, c: Term, body: Body, xs: Term) -> Theorem:
        return self._instance(self._from_left, {self._v("c"): c, self._f: self._function(body), XS: xs})

    def from_right(self, body: Body, c: Term, xs: Term) -> Theorem:
        return self._instance(self._from_right, {self._v("c"): c, self._f: self._function(body), XS: xs})

    def exchanged(self, body: Callable[[Term, Term], Term], xs: Term, ys: Term) -> Theorem:
        x, y = fresh(INDEX, "x"), fresh(INDEX, "y")
        values = {self._h: t.lams((x, y), body(x, y)), XS: xs, YS: ys}
        return self._instance(self._exchanged, values)

    def each(self, prove: Callable[[Term], Theorem], xs: Term) -> Theorem:
        """From |- body x = other x for every x: |- sum body xs = sum other xs"""
        return self._each(prove, xs)

    def _each(self, prove: Callable[[Term], Theorem], xs: Term) -> Theorem:
        s, x = fresh(self.type, "s"), fresh(INDEX, "x")
        step = k.abs_(s, k.abs_(x, self._sum_of(k.refl(s), prove(x))))
        function, _ = arguments(apply("foldl", step.left, self.zero, xs))
        return k.app(k.app(k.app(k.refl(function), step), k.refl(self.zero)), k.refl(xs))
