"""Untrusted search, checked theorems: what holds of loops over lists, proved by induction when first asked for.

    fold g s (map f xs)                      =  fold (\\s x. g s (f x)) s xs
    map g (map f xs)                         =  map (\\x. g (f x)) xs
    traverse g (map f xs)                    =  traverse (\\x. g (f x)) xs
    scan g s (map f xs)                      =  scan (\\s x. g s (f x)) s xs
    bind (traverse f xs) (\\ys. ok (map g ys)) =  traverse (\\x. bind (f x) (\\y. ok (g y))) xs
    traverse (\\x. ok (f x)) xs               =  ok (map f xs)
    length (map f xs)                        =  length xs
    length (indices w xs)                    =  length xs
"""

from __future__ import annotations

from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes.derived import both, replaced
from hyperion_passes.lemmas import basic, rule, unfolding
from hyperion_passes.simplifier import Rule, Simplifier

S, X, Y, Z = (t.type_variable(f"'{name}") for name in "sxyz")
STATE, ITEM, LIST = t.var("s", S), t.var("x", X), t.var("xs", t.list_of(X))
ELSEWHERE = t.var("f", t.fun(X, Y))  # what a map does to each element
PARTIAL = t.var("f", t.fun(X, t.outcome_of(Y)))
LISTS = ("fold", "map", "traverse", "scan", "length", "indices", "zip", "get", "update", "all")


@cache
def running() -> Simplifier:
    """Evaluation by the defining equations, those of the functions on lists included."""
    return Simplifier(dict(basic().rules) | {name: (_opened(name),) for name in LISTS})


def _opened(name: str) -> Rule:
    """name a b .. = its definition at a b .."""
    definition = definitions()[name].right
    variables: list[Term] = []
    while definition.kind == "L":
        variables.append(t.var(f"{name}.{len(variables)}", definition.bound_type))
        definition = definition.body
    return rule(unfolding(name, *variables))


def by_induction(
    x: Term, xs: Term, left: Term, right: Term, states: tuple[Term, ...] = (), facts: tuple[Theorem, ...] = ()
) -> Theorem:
    """|- left = right by induction on the list xs, for all values of the states at once, with facts about all lists.

    In their normal forms both sides must be applied to the states, in this order, if at all.
    """
    run = running()
    first, last = run(left), run(right)
    statement = _without(first.right, states), _without(last.right, states)
    nil, cons = ({xs: t.const("nil", xs.type)}, {xs: apply("cons", x, xs)})
    base = joined(*(t.substitute(side, nil) for side in statement), *facts)
    step = joined(*(t.substitute(side, cons) for side in statement), k.assume(*statement), *facts)
    th = k.list_induction(x, xs, *statement, base, step)
    for s in states:
        th = k.app(th, k.refl(s))
    return both(first, th, k.sym(last))


def _without(x: Term, states: tuple[Term, ...]) -> Term:
    for s in reversed(states):
        assert x.kind == "A" and x.argument is s and s not in x.function.free
        x = x.function
    return x


def joined(left: Term, right: Term, *facts: Theorem) -> Theorem:
    """|- left = right, which run to one value; facts are used from left to right."""
    return k.trans(run_with(left, *facts), k.sym(run_with(right, *facts)))


def run_with(x: Term, *facts: Theorem) -> Theorem:
    """|- x = its value by the defining equations and the facts, from left to right."""
    run = running()
    normal = [both(k.sym(run(fact.left)), fact, run(fact.right)) for fact in facts]
    th = run(x)
    while True:
        before = th.right
        for fact in normal:
            th = k.trans(th, replaced(th.right, fact))
            th = k.trans(th, run(th.right))
        if th.right is before:
            return th


@cache
def fold_map() -> Theorem:
    """|- fold g s (map f xs) = fold (\\s x. g s (f x)) s xs"""
    g = t.var("g", t.fun(S, Y, t.outcome_of(S)))
    step = t.lams((STATE, ITEM), t.app(g, STATE, t.app(ELSEWHERE, ITEM)))
    left = apply("fold", g, STATE, apply("map", ELSEWHERE, LIST))
    return by_induction(ITEM, LIST, left, apply("fold", step, STATE, LIST), (STATE,))


@cache
def map_map() -> Theorem:
    """|- map g (map f xs) = map (\\x. g (f x)) xs"""
    g = t.var("g", t.fun(Y, Z))
    left = apply("map", g, apply("map", ELSEWHERE, LIST))
    return by_induction(ITEM, LIST, left, apply("map", t.lam(ITEM, t.app(g, t.app(ELSEWHERE, ITEM))), LIST))


@cache
def traverse_map() -> Theorem:
    """|- traverse g (map f xs) = traverse (\\x. g (f x)) xs"""
    g = t.var("g", t.fun(Y, t.outcome_of(Z)))
    left = apply("traverse", g, apply("map", ELSEWHERE, LIST))
    return by_induction(ITEM, LIST, left, apply("traverse", t.lam(ITEM, t.app(g, t.app(ELSEWHERE, ITEM))), LIST))


@cache
def scan_map() -> Theorem:
    """|- scan g s (map f xs) = scan (\\s x. g s (f x)) s xs"""
    g = t.var("g", t.fun(S, Y, t.outcome_of(t.type_of("prod", S, Z))))
    step = t.lams((STATE, ITEM), t.app(g, STATE, t.app(ELSEWHERE, ITEM)))
    left = apply("scan", g, STATE, apply("map", ELSEWHERE, LIST))
    return by_induction(ITEM, LIST, left, apply("scan", step, STATE, LIST), (STATE,))


@cache
def traverse_total() -> Theorem:
    """|- traverse (\\x. ok (f x)) xs = ok (map f xs)"""
    left = apply("traverse", t.lam(ITEM, apply("ok", t.app(ELSEWHERE, ITEM))), LIST)
    return by_induction(ITEM, LIST, left, apply("ok", apply("map", ELSEWHERE, LIST)))


@cache
def length_map() -> Theorem:
    """|- length (map f xs) = length xs"""
    return by_induction(ITEM, LIST, apply("length", apply("map", ELSEWHERE, LIST)), apply("length", LIST))
