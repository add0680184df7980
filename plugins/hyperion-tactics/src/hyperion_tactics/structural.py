"""Tactics for the shape of an equation: identity, hypotheses, symmetry, transitivity, congruence, extensionality."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import matching
from hyperion_tactics.combinators import done, to
from hyperion_tactics.conversions import lambda_normal, on_sides
from hyperion_tactics.matching import fresh
from hyperion_tactics.proving import Failed, proves


def exact(theorem: Theorem) -> Tactic:
    """`theorem`, or the instance of it that is the goal. Its hypotheses must be among the goal's."""

    def tactic(goal: Goal) -> Progress:
        if proves(theorem, goal):
            return done(theorem)
        whole = t.tup(theorem.left, theorem.right)
        found: dict[Term, Term] = {}
        types: dict[str, t.Ty] = {}
        if not matching.match(whole, t.tup(goal.left, goal.right), found, types, frozenset()):
            raise Failed("the theorem is about something else", goal)
        th = matching.instance(theorem, found, types)
        if not th.hypotheses <= goal.hypotheses:
            raise Failed("the theorem has hypotheses that the goal lacks", goal)
        return done(th)

    return tactic


def reflexivity(goal: Goal) -> Progress:
    """|- x = x."""
    if goal.left is not goal.right:
        raise Failed("the sides differ", goal)
    return done(k.refl(goal.left))


def assumption(goal: Goal) -> Progress:
    """The goal is a hypothesis, or the symmetric form of one."""
    if (goal.left, goal.right) in goal.hypotheses:
        return done(k.assume(goal.left, goal.right))
    if (goal.right, goal.left) in goal.hypotheses:
        return done(k.sym(k.assume(goal.right, goal.left)))
    raise Failed("the goal is no hypothesis", goal)


def symmetry(goal: Goal) -> Progress:
    """right = left is left to prove."""
    return to(Goal(goal.hypotheses, goal.right, goal.left), k.sym)


def transitivity(middle: Term) -> Tactic:
    """left = middle and middle = right are left to prove."""

    def tactic(goal: Goal) -> Progress:
        if middle.type is not goal.left.type or middle.loose:
            raise Failed("the term in the middle has another type", goal)
        pair = Goal(goal.hypotheses, goal.left, middle), Goal(goal.hypotheses, middle, goal.right)
        return Progress(pair, lambda proved: k.trans(*proved))

    return tactic


def congruence(goal: Goal) -> Progress:
    r"""f x .. = g y .., (x, ..) = (y, ..), x.i = y.i or \x. b = \x. c by what is inside; equal parts are left out."""
    a, b = goal.left, goal.right
    if a.kind != b.kind or a.kind not in "ATPL" or a is b:
        raise Failed("the sides have different shapes", goal)
    match a.kind:
        case "A":
            return _application(goal)
        case "T":
            return _parts(goal, list(zip(a.items, b.items, strict=True)), lambda ths: k.tuple_(*ths))
        case "P":
            if a.index != b.index or a.body.type is not b.body.type:
                raise Failed("different items of tuples", goal)
            return _parts(goal, [(a.body, b.body)], lambda ths: k.proj(a.index, ths[0]))
        case _:
            v = fresh(a.bound_type)
            sides = t.open_binder(a, v), t.open_binder(b, v)
            return to(Goal(goal.hypotheses, *sides), lambda th: k.abs_(v, th))


def _application(goal: Goal) -> Progress:
    (f, xs), (g, ys) = arguments(goal.left), arguments(goal.right)
    while len(xs) > len(ys):
        f, xs = t.app(f, xs[0]), xs[1:]
    while len(ys) > len(xs):
        g, ys = t.app(g, ys[0]), ys[1:]
    pairs = [(f, g), *zip(xs, ys, strict=True)]
    if any(x.type is not y.type for x, y in pairs):
        raise Failed("the arguments have different types", goal)

    def rebuild(ths: Sequence[Theorem]) -> Theorem:
        result = ths[0]
        for th in ths[1:]:
            result = k.app(result, th)
        return result

    return _parts(goal, pairs, rebuild)


def _parts(goal: Goal, pairs: list[tuple[Term, Term]], rebuild: Callable[[Sequence[Theorem]], Theorem]) -> Progress:
    open_ = [(x, y) for x, y in pairs if x is not y]

    def justify(proved: Sequence[Theorem]) -> Theorem:
        rest = iter(proved)
        return rebuild([k.refl(x) if x is y else next(rest) for x, y in pairs])

    return Progress(tuple(Goal(goal.hypotheses, x, y) for x, y in open_), justify)


def extensionality(goal: Goal) -> Progress:
    """f = g by f v = g v for a new variable v, in lambda-normal form."""
    if goal.left.type.name != "fun":
        raise Failed("the sides are no functions", goal)
    v = fresh(t.domain(goal.left.type))
    left, right = t.app(goal.left, v), t.app(goal.right, v)
    first, last = lambda_normal(left) or k.refl(left), lambda_normal(right) or k.refl(right)

    def rebuild(th: Theorem) -> Theorem:
        whole = k.abs_(v, k.trans(k.trans(first, th), k.sym(last)))
        # \v. f v = f by eta; a lambda may have become another one under it, but eta gives back the goal's own term
        return k.trans(k.trans(k.sym(k.eta(whole.left)), whole), k.eta(whole.right))

    return to(Goal(goal.hypotheses, first.right, last.right), rebuild)


normalise = on_sides(lambda_normal)
"""Both sides in normal form by beta, eta and projection."""
