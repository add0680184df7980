"""Untrusted search, checked theorems: the order of the integers, beyond the axioms.

A choice on a comparison is max or min, so what two choices have in common decides what the axioms do not say.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes.derived import axiom, both, replaced, rewrite
from hyperion_passes.lemmas import absurd

ZERO, ONE, MINUS = (literals.int_lit(n) for n in (0, 1, -1))
LARGEST = literals.int_lit((1 << 63) - 1)
A, B, C = (t.var(name, t.INT) for name in "abc")


def add(a: Term, b: Term) -> Term:
    return apply("add", a, b)


def le(a: Term, b: Term) -> Term:
    return apply("le", a, b)


def holds(condition: Term) -> Theorem:
    return k.assume(condition, TRUE)


def decided(c: Theorem, x: Term) -> Theorem:
    """From |- c = true (or false): |- cond c a b = a (or b), for x = cond c a b."""
    function, (_, a, b) = arguments(x)
    there = k.app(k.app(k.app(k.refl(function), c), k.refl(a)), k.refl(b))
    step = rewrite(k.axiom("cond.true" if c.right is TRUE else "cond.false"), there.right)
    return both(there, step)


def at(th: Theorem, *args: Term) -> Theorem:
    """From |- (\\x. l) = (\\x. r): |- l[a] = r[a]."""
    for a in args:
        th = k.app(th, k.refl(a))
        th = both(k.sym(k.beta(th.left)), th, k.beta(th.right))
    return th


def same_where(condition: Term, th: Theorem, other: Term) -> Theorem:
    """From A, c = true |- l = r: A |- cond c l other = cond c r other."""
    choices = [apply("cond", condition, side, other) for side in (th.left, th.right)]

    def case(c: Theorem) -> Theorem:
        first, last = (decided(c, x) for x in choices)
        return both(first, th if c.right is TRUE else None, k.sym(last))

    return by_cases(condition, case, case)


def by_cases(c: Term, yes: Callable[[Theorem], Theorem], no: Callable[[Theorem], Theorem]) -> Theorem:
    return k.bool_cases(c, yes(k.assume(c, TRUE)), no(k.assume(c, FALSE)))


def fact(name: str, *facts: Theorem, **values: Term) -> Theorem:
    """An axiom at these values, its hypotheses discharged."""
    return discharge(axiom(name, **values), *facts)


def _largest(a: Term, b: Term, name: str = "le") -> Theorem:
    """|- cond (a <= b) b a = max b a"""
    return fact(f"int.{name}.max", fact("int.add.comm", a=b, b=a), a=a, b=b, u=b, v=a)


@cache
def not_le() -> Theorem:
    """{le a b = false} |- le (add 1 b) a = true"""
    refused = k.assume(le(A, B), FALSE)
    first = both(k.sym(decided(refused, _largest(A, B).left)), _largest(A, B))  # a = max b a
    below = le(B, A)

    def other(no: Theorem) -> Theorem:
        second = both(k.sym(decided(no, _largest(B, A).left)), _largest(B, A))  # b = max a b
        same = both(first, fact("int.max.comm", a=B, b=A), k.sym(second))  # a = b
        return absurd(both(k.sym(refused), _le_right(A, k.sym(same)), fact("int.le.refl", a=A)), below, TRUE)

    total = by_cases(below, lambda yes: yes, other)  # b <= a
    definition = fact("int.lt.def", a=B, b=A)
    strict = definition.left

    def weak(no: Theorem) -> Theorem:
        second = both(k.sym(decided(no, _largest(B, A, "lt").left)), _largest(B, A, "lt"))  # b = max a b
        third = both(k.sym(decided(total, _largest(B, A).left)), _largest(B, A))  # a = max a b
        same = both(third, k.sym(second))  # a = b
        return absurd(both(k.sym(refused), _le_right(A, k.sym(same)), fact("int.le.refl", a=A)), strict, TRUE)

    return both(k.sym(definition), by_cases(strict, lambda yes: yes, weak))


def _le_right(a: Term, th: Theorem) -> Theorem:
    """From |- b = c: |- le a b = le a c."""
    return k.app(k.refl(le(a, th.left).function), th)


@cache
def le_add() -> Theorem:
    """{le a b = true} |- le (add c a) (add c b) = true"""
    known = holds(le(A, B))
    whole = both(k.sym(decided(known, _largest(A, B).left)), _largest(A, B))  # b = max b a
    moved = both(k.app(k.refl(add(C, B).function), whole), fact("int.add.max", a=C, b=B, c=A))
    a, b = add(C, A), add(C, B)
    goal = le(a, b)

    def other(no: Theorem) -> Theorem:
        same = both(moved, k.sym(_largest(a, b)), decided(no, _largest(a, b).left))  # c + b = c + a
        return absurd(both(k.sym(no), _le_right(a, same), fact("int.le.refl", a=a)), goal, TRUE)

    return by_cases(goal, lambda yes: yes, other)


@cache
def not_below_zero() -> Theorem:
    """{le 0 a = true} |- le (add 1 a) 0 = false"""
    goal = le(add(ONE, A), ZERO)

    def impossible(yes: Theorem) -> Theorem:
        one = fact("int.le.drop", holds(le(ZERO, A)), yes, a=ONE, d=A, b=ZERO)  # 1 <= 0
        return absurd(both(k.sym(one), k.compute(one.left)), goal, FALSE)

    return by_cases(goal, impossible, lambda no: no)


@cache
def one_less() -> Theorem:
    """|- add -1 (add 1 a) = a"""
    return _cancelled(MINUS, ONE)


@cache
def one_more() -> Theorem:
    """|- add 1 (add -1 a) = a"""
    return _cancelled(ONE, MINUS)


def _cancelled(first: Term, second: Term) -> Theorem:
    nothing = replaced(add(add(first, second), A), k.compute(add(first, second)))
    return both(k.sym(fact("int.add.assoc", a=first, b=second, c=A)), nothing, fact("int.add.zero", a=A))


def at_least(th: Theorem, a: Term, d: Theorem) -> Theorem:
    """From |- le (add a d) b = true and |- le 0 d = true: |- le a b = true."""
    return fact("int.le.drop", d, th, a=a, d=d.left.argument, b=th.left.argument)


def fits_i64(low: Theorem, high: Theorem) -> Theorem:
    """From |- le 0 a = true and |- le a 9223372036854775807 = true: |- inr.i64 a = true."""
    a = low.left.argument
    edges = _computed(le(apply("neg", LARGEST), ZERO)), k.compute(le(LARGEST, LARGEST))
    near = fact("within.range", low, high, *edges, lo=ZERO, hi=LARGEST, p=LARGEST, a=a)
    return fact("i64.inr.within", near, edges[1], p=LARGEST, a=a)


def in_i64(low: Theorem, high: Theorem) -> Theorem:
    """From |- le 0 a = true and |- le a 9223372036854775807 = true: |- toZ.i64 (ofZ.i64 a) = a."""
    return fact("i64.to.of", fits_i64(low, high), z=low.left.argument)


def _computed(x: Term) -> Theorem:
    """|- le (neg literal) literal = its truth value."""
    th = replaced(x, k.compute(x.function.argument))
    return both(th, k.compute(th.right))
