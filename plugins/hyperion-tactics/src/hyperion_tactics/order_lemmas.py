"""The order of the integers, as linear arithmetic uses it: every comparison is `0 <= p` for a polynomial p."""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import NoProof, chain, cond_is, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.lemmas import axiom, law
from hyperion_tactics.ring import polynomials

A, B = t.var("a", t.INT), t.var("b", t.INT)
ZERO, ONE = literals.int_lit(0), literals.int_lit(1)


def le(a: Term, b: Term) -> Term:
    return apply("le", a, b)


def ring_equal(a: Term, b: Term) -> Theorem:
    th = polynomials(t.INT).equal(a, b)
    if th is None:
        raise NoProof("not equal as polynomials")
    return th


def with_right(relation: Term, th: Theorem) -> Theorem:
    """From |- b = c: |- r a b = r a c, for relation = r a b."""
    return k.app(k.refl(relation.function), th)


@cache
def as_nonnegative() -> Theorem:
    """|- (a <= b) = (0 <= b - a)"""
    negative = apply("neg", A)
    moved = k.sym(axiom("int.le.add", a=A, b=B, c=negative))  # a <= b = a + -a <= b + -a
    sides = ring_equal(moved.right.function.argument, ZERO), ring_equal(moved.right.argument, apply("sub", B, A))
    return k.trans(moved, k.app(k.app(k.refl(moved.right.function.function), sides[0]), sides[1]))


@cache
def denied() -> Theorem:
    """{a <= b = false} |- 1 + b <= a = true"""
    refused = k.assume(le(A, B), FALSE)
    negation = axiom("int.le.not", a=A, b=B)  # not (a <= b) = b < a
    opened = law("not.def", negation.left)
    true = k.trans(opened, cond_is(refused, opened.right))
    return chain(k.sym(axiom("int.lt.def", a=B, b=A)), k.sym(negation), true)


@cache
def extremum(name: str, value: bool) -> Theorem:
    """{a <= b = true} |- max a b = b, {a <= b = false} |- max a b = a; the other way round for min."""
    first, last = (B, A) if name == "max" else (A, B)
    pairs = (first, A, last, B) if name == "max" else (first, B, last, A)
    same = ring_equal(apply("add", pairs[0], pairs[1]), apply("add", pairs[2], pairs[3]))
    choice = discharge(axiom(f"int.le.{name}", a=A, b=B, u=first, v=last), same)  # cond (a <= b) u v = max u v
    known = k.assume(le(A, B), TRUE if value else FALSE)
    found = k.trans(k.sym(choice), cond_is(known, choice.left))
    return k.trans(axiom("int.max.comm", a=A, b=B), found) if name == "max" else found
