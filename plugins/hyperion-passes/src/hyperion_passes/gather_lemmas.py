r"""Untrusted search, checked theorems: elements at indices of which a test says that they are inside.

    {le 0 i, le (add 1 i) (length xs)}                  get trap xs i = ok (the element)
    {all p is, p i ==> g i = ok (e i)}                  traverse g is = ok (map e is)
    traverse f nil = ok nil    map f nil = nil    zip nil ys = nil    length nil = 0    eq a a = true

The element is `outcase (get trap xs i) (\x. x) z z`, for any z.
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.terms import Term
from hyperion_passes import access_lemmas
from hyperion_passes.derived import axiom, both, head, named, replaced
from hyperion_passes.lemmas import basic
from hyperion_passes.list_lemmas import ITEM, LIST, X, Y, joined, outcomes, running
from hyperion_passes.order_lemmas import A, at, by_cases, decided, fact, holds

P = t.var("p", t.fun(X, t.BOOL))
G, E = t.var("g", t.fun(X, t.outcome_of(Y))), t.var("e", t.fun(X, Y))


def element(xs: Term, index: Term) -> Term:
    """The element of xs at an index that is inside."""
    ty = argument_type(xs.type)
    x, z = t.var("x", ty), t.var("default~", ty)
    return apply("outcase", apply("get", t.const("trap", t.outcome_of(ty)), xs, index), t.lam(x, x), z, z)


@cache
def get_element() -> Theorem:
    """{le 0 i = true, le (add 1 i) (length xs) = true} |- get trap xs i = ok (element xs i)"""
    goal = apply("ok", element(LIST, A))
    o = apply("get", t.const("trap", t.outcome_of(X)), LIST, A)
    there = named(access_lemmas.get_succeeds(), xs=LIST, a=A, k=goal)
    v = t.var("found~", X)

    def case(form: Term) -> Theorem:
        known = k.assume(o, form)
        value = replaced(goal, known)
        value = both(value, basic()(value.right))
        if head(form) == "ok":
            return both(known, k.sym(value))
        left = replaced(there.left, known)
        left = both(left, basic()(left.right))  # the trap
        return both(known, k.sym(left), there, k.refl(goal))

    return k.outcome_cases(o, v, *map(case, outcomes(v)))


@cache
def traverse_where() -> Theorem:
    """{all p xs = true, (\\x. cond (p x) (g x) (ok (e x))) = (\\x. ok (e x))} |- traverse g xs = ok (map e xs)"""
    given, made = t.app(P, ITEM), apply("ok", t.app(E, ITEM))
    law = k.assume(t.lam(ITEM, apply("cond", given, t.app(G, ITEM), made)), t.lam(ITEM, made))

    def body(xs: Term) -> tuple[Term, Term]:
        mapped = apply("ok", apply("map", E, xs))
        return apply("cond", apply("all", P, xs), apply("traverse", G, xs), mapped), mapped

    known = k.assume(*body(LIST))
    first, last = body(apply("cons", ITEM, LIST))
    every = holds(apply("all", P, LIST))

    def used(equation: Theorem, truth: Theorem) -> Theorem:
        return k.trans(k.sym(decided(truth, equation.left)), equation)

    def here(c: Theorem) -> Theorem:
        same = used(at(law, ITEM), c)
        return by_cases(
            every.left,
            lambda all_of: joined(first, last, c, all_of, same, used(known, all_of)),
            lambda no: joined(first, last, c, no),
        )

    step = by_cases(given, here, lambda no: joined(first, last, no))
    base = joined(*body(t.const("nil", LIST.type)))
    return used(k.list_induction(ITEM, LIST, known.left, known.right, base, step), every)


@cache
def of_nothing() -> dict[str, Theorem]:
    """What the functions on lists give for the empty one."""
    nil, f = t.const("nil", LIST.type), t.var("f", t.fun(X, Y))
    others = t.var("ys", t.list_of(Y))
    return {
        "traverse": running()(apply("traverse", G, nil)),
        "map": running()(apply("map", f, nil)),
        "zip": running()(apply("zip", nil, others)),
        "length": running()(apply("length", nil)),
    }


@cache
def itself() -> Theorem:
    """|- eq a a = true"""
    definition = axiom("int.eq.def", a=A, b=A)
    th = both(definition, replaced(definition.right, fact("int.le.refl", a=A)))
    th = both(th, basic()(th.right))
    assert th.right is TRUE
    return th
