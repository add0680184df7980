"""What the axioms of the integers' order imply, proved once: every comparison is `0 <= p` for a polynomial p.

A choice on a comparison is max or min (int.le.max, ..), and a sum moves into max (int.add.max). From that everything
here follows, totality and discreteness included.
"""

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
from hyperion_tactics.lemmas import axiom, by_cases, contradiction
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


def _choice(name: str, a: Term, b: Term, u: Term, v: Term) -> Theorem:
    """|- cond (a <= b) u v = max u v (or min u v), where u and v differ as b and a do."""
    sides = (
        (apply("add", u, a), apply("add", v, b)) if name.endswith("max") else (apply("add", u, b), apply("add", v, a))
    )
    return discharge(axiom(f"int.{name}", a=a, b=b, u=u, v=v), ring_equal(*sides))


def _decided(known: Theorem, choice: Theorem) -> Theorem:
    """From |- c = true (or false) and |- cond c u v = m: |- u = m (or v = m)."""
    return k.trans(k.sym(cond_is(known, choice.left)), choice)


@cache
def _max_zero() -> Theorem:
    """|- 0 <= max a 0 = true"""
    choice = _choice("le.max", ZERO, A, A, ZERO)

    def case(known: Theorem) -> Theorem:
        same = k.sym(_decided(known, choice))  # max a 0 = a, or 0
        there = with_right(le(ZERO, same.left), same)
        return k.trans(there, known if known.right is TRUE else k.inst({A: ZERO}, k.axiom("int.le.refl")))

    return by_cases(le(ZERO, A), case)


def _nonnegative(greater: Theorem) -> Theorem:
    """From |- b = max b a: |- 0 <= b - a = true."""
    b, a = greater.left, greater.right.argument
    negative = apply("neg", a)
    moved = k.app(k.refl(t.app(apply("add", negative, a).function.function, negative)), greater)
    spread = axiom("int.add.max", a=negative, b=b, c=a)  # -a + max b a = max (-a + b) (-a + a)
    x = apply("sub", b, a)
    first, last = ring_equal(x, moved.left), ring_equal(spread.right.argument, ZERO)
    both = k.app(k.app(k.refl(spread.right.function.function), k.sym(first)), last)
    whole = chain(first, moved, spread, both)  # b - a = max (b - a) 0
    return k.trans(with_right(le(ZERO, x), whole), k.inst({A: x}, _max_zero()))


@cache
def from_le() -> Theorem:
    """{a <= b = true} |- 0 <= b - a = true"""
    return _nonnegative(_decided(k.assume(le(A, B), TRUE), _choice("le.max", A, B, B, A)))


@cache
def to_le() -> Theorem:
    """{0 <= b - a = true} |- a <= b = true"""
    difference = apply("sub", B, A)
    whole = ring_equal(apply("add", A, difference), B)
    reflexive = k.trans(k.app(k.app(k.refl(le(A, B).function.function), whole), k.refl(B)), axiom("int.le.refl", a=B))
    return discharge(axiom("int.le.drop", a=A, b=B, d=difference), k.assume(le(ZERO, difference), TRUE), reflexive)


@cache
def from_not_le() -> Theorem:
    """{a <= b = false} |- 0 <= a - (1 + b) = true"""
    refused = k.assume(le(A, B), FALSE)
    x = apply("sub", A, B)
    swapped = _decided(refused, _choice("le.max", A, B, B, A))  # a = max b a
    flipped = k.trans(swapped, axiom("int.max.comm", a=B, b=A))
    at_least = _nonnegative(flipped)  # 0 <= a - b
    strict = apply("lt", ZERO, x)

    def case(known: Theorem) -> Theorem:
        if known.right is TRUE:
            return known
        nothing = _decided(known, _choice("lt.max", ZERO, x, x, ZERO))  # 0 = max x 0
        itself = _decided(at_least, _choice("le.max", ZERO, x, x, ZERO))  # x = max x 0
        same = chain(itself, k.sym(nothing))  # a - b = 0
        add_b = t.app(apply("add", B, B).function.function, B)
        equal = chain(
            ring_equal(A, apply("add", B, x)), k.app(k.refl(add_b), same), ring_equal(apply("add", B, ZERO), B)
        )
        holds = k.trans(k.app(k.app(k.refl(le(A, B).function.function), equal), k.refl(B)), axiom("int.le.refl", a=B))
        return contradiction(k.trans(k.sym(holds), refused), strict, TRUE)

    above = k.trans(k.sym(axiom("int.lt.def", a=ZERO, b=x)), by_cases(strict, case))  # 1 + 0 <= a - b
    one = apply("add", ONE, ZERO)
    shifted = discharge(k.inst({A: one, B: x}, from_le()), above)
    target = apply("sub", A, apply("add", ONE, B))
    return k.trans(with_right(le(ZERO, target), ring_equal(target, shifted.left.argument)), shifted)


@cache
def antisymmetry() -> Theorem:
    """{a <= b = true, b <= a = true} |- a = b"""
    first = _decided(k.assume(le(A, B), TRUE), _choice("le.max", A, B, B, A))  # b = max b a
    last = _decided(k.assume(le(B, A), TRUE), _choice("le.max", B, A, A, B))  # a = max a b
    return chain(last, axiom("int.max.comm", a=A, b=B), k.sym(first))


@cache
def extremum(name: str, value: bool) -> Theorem:
    """{a <= b = true} |- max a b = b, {a <= b = false} |- max a b = a; the other way round for min."""
    known = k.assume(le(A, B), TRUE if value else FALSE)
    if name == "min":
        return k.sym(_decided(known, _choice("le.min", A, B, A, B)))
    found = _decided(known, _choice("le.max", A, B, B, A))  # b (or a) = max b a
    return k.trans(axiom("int.max.comm", a=A, b=B), k.sym(found))
