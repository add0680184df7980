"""Untrusted search, checked theorems: what holds of loops over lists, proved by induction when first asked for.

fold g s (map f xs)                      =  fold (\\s x. g s (f x)) s xs
map g (map f xs)                         =  map (\\x. g (f x)) xs
traverse g (map f xs)                    =  traverse (\\x. g (f x)) xs
scan g s (map f xs)                      =  scan (\\s x. g s (f x)) s xs
bind (traverse f xs) (\\ys. ok (map g ys)) =  traverse (\\x. bind (f x) (\\y. ok (g y))) xs
traverse (\\x. ok (f x)) xs               =  ok (map f xs)
length (map f xs)                        =  length xs
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes.derived import both, replaced
from hyperion_passes.lemmas import basic, rule, unfolding
from hyperion_passes.meaning import whole
from hyperion_passes.simplifier import Rule, Simplifier

S, X, Y, Z = (t.type_variable(f"'{name}") for name in "sxyz")
STATE, ITEM, LIST = t.var("s", S), t.var("x", X), t.var("xs", t.list_of(X))
ELSEWHERE = t.var("f", t.fun(X, Y))  # what a map does to each element
PARTIAL = t.var("f", t.fun(X, t.outcome_of(Y)))
LISTS = ("fold", "map", "traverse", "scan", "length", "indices", "zip", "get", "update", "all")


@cache
def running() -> Simplifier:
    """Evaluation by the defining equations, those of the functions on lists included."""
    return Simplifier(dict(basic().rules) | {name: (_opened(name),) for name in LISTS} | {"T": (whole,)})


def _opened(name: str) -> Rule:
    """name a b .. = its definition at a b .."""
    definition = definitions()[name].right
    variables: list[Term] = []
    while definition.kind == "L":
        variables.append(t.var(f"{name}.{len(variables)}", definition.bound_type))
        definition = definition.body
    return rule(unfolding(name, *variables))


Facts = Callable[[Theorem], Sequence[Theorem]]


def by_induction(
    x: Term, xs: Term, left: Term, right: Term, states: tuple[Term, ...] = (), facts: Facts = lambda _: ()
) -> Theorem:
    """|- left = right by induction on the list xs, for all values of the states at once.

    In their normal forms both sides must be applied to the states, in this order, if at all. `facts` are equations to
    use from left to right; those that rest on the hypothesis of the induction, which is given to it, are for the step.
    """
    run = running()
    first, last = run(left), run(right)
    statement = _without(first.right, states), _without(last.right, states)
    known = k.assume(*statement)
    given = facts(known)

    def at(value: Term, *equations: Theorem) -> Theorem:
        left, right = (t.substitute(side, {xs: value}) for side in statement)
        return joined(left, right, *equations)

    base = at(t.const("nil", xs.type), *(f for f in given if statement not in f.hypotheses))
    step = at(apply("cons", x, xs), known, *given)
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
            if any(u is fact.left for u in t.subterms(th.right)):
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
def map_traverse() -> Theorem:
    """|- bind (traverse f xs) (\\ys. ok (map g ys)) = traverse (\\x. bind (f x) (\\y. ok (g y))) xs"""
    g, y, ys = t.var("g", t.fun(Y, Z)), t.var("y", Y), t.var("ys", t.list_of(Y))
    each = t.lam(ITEM, apply("bind", t.app(PARTIAL, ITEM), t.lam(y, apply("ok", t.app(g, y)))))

    def sides(xs: Term) -> tuple[Term, Term]:
        mapped = t.lam(ys, apply("ok", apply("map", g, ys)))
        return apply("bind", apply("traverse", PARTIAL, xs), mapped), apply("traverse", each, xs)

    known = k.assume(*sides(LIST))
    first, rest = t.app(PARTIAL, ITEM), apply("traverse", PARTIAL, LIST)
    cons = sides(apply("cons", ITEM, LIST))
    made, more = t.var("made", Y), t.var("more", t.list_of(Y))

    def at_rest(*facts: Theorem) -> Theorem:
        cases = (k.assume(rest, o) for o in outcomes(more))
        return k.outcome_cases(rest, more, *(joined(*cons, *facts, c, _under(known, c)) for c in cases))

    ok, trap, diverge = outcomes(made)
    cases = (at_rest(k.assume(first, ok)), *(joined(*cons, k.assume(first, o)) for o in (trap, diverge)))
    step = k.outcome_cases(first, made, *cases)
    return k.list_induction(ITEM, LIST, known.left, known.right, joined(*sides(t.const("nil", LIST.type))), step)


def outcomes(v: Term) -> tuple[Term, Term, Term]:
    """The three forms of an outcome whose value is the variable v."""
    ty = t.outcome_of(v.type)
    return apply("ok", v), t.const("trap", ty), t.const("diverge", ty)


def _under(th: Theorem, fact: Theorem) -> Theorem:
    """The theorem read from right to left, its left side rewritten with the fact."""
    return both(k.sym(th), replaced(th.left, fact))


@cache
def length_map() -> Theorem:
    """|- length (map f xs) = length xs"""
    return by_induction(ITEM, LIST, apply("length", apply("map", ELSEWHERE, LIST)), apply("length", LIST))
