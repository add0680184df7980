"""Untrusted. Equations of functions that are defined by recursion on a list, at nil and cons."""

from __future__ import annotations

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, congruence
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, unfold, use


def nil_cons(x: Term, xs: Term) -> tuple[Term, Term]:
    """The empty list, and x before xs."""
    return t.const("nil", xs.type), apply("cons", x, xs)


def reduce_list(name: str, x: Term) -> Theorem:
    """Unfold a function defined by listrec at nil or cons, fold the recursive call back, and beta-reduce."""
    opened = unfold(name, x)
    function, args = arguments(opened.right)
    step = use("listrec.nil", opened.right) or use("listrec.cons", opened.right)
    extra: list[Term] = []
    if step is None:  # the recursor's result is applied further
        extra = args[3:]
        inner = t.app(function, *args[:3])
        step = use("listrec.nil", inner) or use("listrec.cons", inner)
        if step is None:
            raise NoProof(f"{name} does not reduce")
        for a in extra:
            step = k.app(step, k.refl(a))
    return beta_all(k.trans(opened, step))


def beta_all(th: Theorem) -> Theorem:
    """Beta-reduce the spine of the right side."""
    function, args = arguments(th.right)
    if function.kind != "L":
        return th
    spine = k.refl(function)
    for a in args:
        spine = k.app(spine, k.refl(a))
        if spine.right.function.kind == "L":
            spine = k.trans(spine, k.beta(spine.right))
    return k.trans(th, spine)


def rewrite(x: Term, th: Theorem) -> Theorem | None:
    """Rewrite occurrences of th.left inside x (not under binders)."""
    if x is th.left:
        return th
    if x.kind != "A":
        return None
    function, args = arguments(x)
    for count in range(len(args), 0, -1):  # a prefix of the spine may match
        prefix = t.app(function, *args[:count])
        if prefix is th.left:
            result: Theorem | None = th
            for a in args[count:]:
                inner = rewrite(a, th)
                result = k.app(result, inner or k.refl(a))
            return result
    return congruence(function, args, [rewrite(a, th) for a in args])


def sure(th: Theorem | None) -> Theorem:
    """The theorem, which must be there."""
    if th is None:
        raise NoProof("nothing to rewrite")
    return th


def bind_ok(th: Theorem) -> Theorem:
    """From |- o = ok v: |- bind o r = r v, for th.left's bind built here by the caller as th.right = bind (ok v) r."""
    opened = unfold("bind", th.right)
    reduced = sure(use("outcase.ok", opened.right))
    return beta_all(chain(th, opened, reduced))


def bind_value(x: Term) -> Theorem:
    """|- bind (ok v) r = r v, beta-reduced."""
    opened = unfold("bind", x)
    return beta_all(k.trans(opened, sure(use("outcase.ok", opened.right))))
