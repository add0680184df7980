r"""Untrusted search, checked theorems: lists that run together are no longer than the first of them.

length (zip xs ys) <= length xs          length (map f xs) = length xs
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, at, chain, fitted, head, instance, unfold, use
from hyperion_proofs.generic import length_nonneg
from hyperion_proofs.loop import int_, le
from hyperion_proofs.theories.linear import nonnegative
from hyperion_proofs.unfolding import beta_all, nil_cons, reduce_list, rewrite, sure

_X, _Y = t.type_variable("'x"), t.type_variable("'y")
XS, YS = t.var("xs", t.list_of(_X)), t.var("ys", t.list_of(_Y))
_F = t.var("f", t.fun(_X, _Y))
_x, _y = t.var("x0", _X), t.var("y0", _Y)


def no_longer(xs: Term, count: Term) -> Theorem:
    """|- le 0 (count - length xs) = true, for the pairs of lists of which the first has the length `count`."""
    same: Theorem | None = None
    length = apply("length", xs)
    if head(xs) == "map":
        f, pairs = arguments(xs)[1]
        same = fitted(_mapped(), {_F: f, XS: pairs})
        xs = pairs
    if head(xs) != "zip":
        raise NoProof("the lists do not run together")
    first, second = arguments(xs)[1]
    shorter = at(k.inst({_typed(XS, first): first}, _types(_shorter(), first, second)), second)
    if same is not None:  # length (map ..) <= length xs
        goal = le(length, count)
        moved = k.app(k.app(k.refl(goal.function.function), same), k.refl(count))
        shorter = k.trans(moved, shorter)
    if shorter.left is not le(length, count):
        raise NoProof("the guard counts another list")
    positive = nonnegative(shorter)
    wanted = apply("sub", count, length)
    equal = INTEGERS.equal(wanted, positive.left.argument)
    assert equal is not None
    return k.trans(k.app(k.refl(positive.left.function), equal), positive)


def _types(th: Theorem, first: Term, second: Term) -> Theorem:
    assert first.type.args is not None
    assert second.type.args is not None
    return k.inst_type({"'x": first.type.args[0], "'y": second.type.args[0]}, th)


def _typed(v: Term, x: Term) -> Term:
    return t.var(v.name, x.type)


@cache
def _shorter() -> Theorem:
    r"""|- (\ys. le (length (zip xs ys)) (length xs)) = (\ys. true)"""

    def goal(xs: Term, ys: Term) -> Term:
        return le(apply("length", apply("zip", xs, ys)), apply("length", xs))

    def closed(xs: Term) -> tuple[Term, Term]:
        return t.lam(YS, goal(xs, YS)), t.lam(YS, TRUE)

    nil, cons = nil_cons(_x, XS)
    none, some = nil_cons(_y, YS)
    start = _under(goal(nil, YS), reduce_list("zip", apply("zip", nil, YS)))
    base = k.trans(start, _nothing(start.right))
    known = k.assume(*closed(XS))
    empty = _under(goal(cons, none), _zip_cons_nil())
    empty = k.trans(empty, _nothing(empty.right))
    both = _zip_cons()
    filled = _under(goal(cons, some), both)
    filled = k.trans(filled, _longer(filled.right, at(known, YS)))
    step = k.list_induction(_y, YS, goal(cons, YS), TRUE, empty, filled)
    return k.list_induction(_x, XS, *closed(XS), k.abs_(YS, base), k.abs_(YS, step))


@cache
def _mapped() -> Theorem:
    """|- length (map f xs) = length xs"""
    nil, cons = nil_cons(_x, XS)

    def left(xs: Term) -> Term:
        return apply("length", apply("map", _F, xs))

    def lengths(x: Term, inside: Theorem) -> Theorem:
        return k.app(k.refl(x.function), inside)

    start = lengths(left(nil), reduce_list("map", apply("map", _F, nil)))
    base = chain(start, _length(start.right), k.sym(_length(apply("length", nil))))
    known = k.assume(left(XS), apply("length", XS))
    opened = reduce_list("map", apply("map", _F, cons))
    back = k.sym(unfold("map", apply("map", _F, XS)))
    opened = k.trans(opened, sure(rewrite(opened.right, back)))
    longer = lengths(left(cons), opened)
    longer = k.trans(longer, _length(longer.right))
    step = k.trans(longer, k.app(k.refl(longer.right.function), known))
    return k.list_induction(
        _x, XS, left(XS), apply("length", XS), base, k.trans(step, k.sym(_length(apply("length", cons))))
    )


def _under(goal: Term, inside: Theorem) -> Theorem:
    """|- le (length (zip ..)) (length xs) with the pairs rewritten."""
    size = goal.function.argument
    return k.app(k.app(k.refl(goal.function.function), k.app(k.refl(size.function), inside)), k.refl(goal.argument))


def _nothing(goal: Term) -> Theorem:
    """|- le (length nil) (length xs) = true"""
    zero = _length(goal.function.argument)
    th = k.app(k.app(k.refl(goal.function.function), zero), k.refl(goal.argument))
    xs = goal.argument.argument
    positive = fitted(length_nonneg(), {t.var("xs", t.list_of(_X)): xs})
    return k.trans(th, positive)


def _longer(goal: Term, known: Theorem) -> Theorem:
    """|- le (length (cons p pairs)) (length (cons x xs)) = true from |- le (length pairs) (length xs) = true."""
    first, last = _length(goal.function.argument), _length(goal.argument)
    th = k.app(k.app(k.refl(goal.function.function), first), last)
    one = int_(1)
    a, b = first.right.argument, last.right.argument
    moved = instance("int.le.add", a=a, b=b, c=one)
    flipped = [INTEGERS.commute("add", apply("add", one, x)) for x in (a, b)]
    same = k.app(k.app(k.refl(goal.function.function), flipped[0]), flipped[1])
    return chain(th, same, moved, known)


def _length(x: Term) -> Theorem:
    """The length of nil or cons."""
    th = reduce_list("length", x)
    if th.right.kind == "K":
        return th
    tail = x.argument.argument
    back = k.sym(unfold("length", apply("length", tail)))
    return k.trans(th, sure(rewrite(th.right, back)))


def _zip_cons() -> Theorem:
    """|- zip (cons x xs) (cons y ys) = cons (x, y) (zip xs ys)"""
    _, cons = nil_cons(_x, XS)
    _, some = nil_cons(_y, YS)
    th = reduce_list("zip", apply("zip", cons, some))
    th = beta_all(k.trans(th, sure(use("listrec.cons", th.right))))
    back = k.sym(beta_all(unfold("zip", apply("zip", XS, YS))))
    return k.trans(th, sure(rewrite(th.right, back)))


def _zip_cons_nil() -> Theorem:
    """|- zip (cons x xs) nil = nil"""
    _, cons = nil_cons(_x, XS)
    none, _ = nil_cons(_y, YS)
    th = reduce_list("zip", apply("zip", cons, none))
    return k.trans(th, sure(use("listrec.nil", th.right)))
