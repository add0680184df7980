"""Conversions: functions from a term x to a theorem |- x = y, and their combinators (Paulson 1983; ELEVATE, Hagedorn et
al. 2020). A conversion gives None where it does not apply; combinators walk terms of any depth without recursion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import join
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.combinators import to
from hyperion_tactics.matching import fresh
from hyperion_tactics.proving import Failed
from hyperion_tactics.tasks import Task, run

Conversion: TypeAlias = Callable[[Term], Theorem | None]
Visit: TypeAlias = Callable[[Term], Task[Theorem | None]]

MOST_STEPS = 100_000


def either(*conversions: Conversion) -> Conversion:
    """The first that applies."""

    def convert(x: Term) -> Theorem | None:
        return next((found for each in conversions if (found := each(x)) is not None), None)

    return convert


def sequence(*conversions: Conversion) -> Conversion:
    """One after the other, each where it applies."""

    def convert(x: Term) -> Theorem | None:
        th: Theorem | None = None
        for each in conversions:
            th = join(th, each(th.right if th else x))
        return th

    return convert


def inside(x: Term, visit: Visit) -> Task[Theorem | None]:
    """`visit` on the children of `x`, under its binder too; None where nothing changes."""
    match x.kind:
        case "A":
            f, y = (yield visit(x.function)), (yield visit(x.argument))
            return k.app(f or k.refl(x.function), y or k.refl(x.argument)) if f or y else None
        case "L":
            v = fresh(x.bound_type)
            body = yield visit(t.open_binder(x, v))
            return k.abs_(v, body) if body else None
        case "T":
            parts: list[Theorem | None] = []
            for item in x.items:
                parts.append((yield visit(item)))
            pairs = zip(parts, x.items, strict=True)
            return k.tuple_(*(p or k.refl(i) for p, i in pairs)) if any(parts) else None
        case "P":
            whole = yield visit(x.body)
            return k.proj(x.index, whole) if whole else None
        case _:
            return None


def topdown(conversion: Conversion) -> Conversion:
    """At every maximal sub-term where it applies; not again inside of what it made."""
    memo: dict[Term, Theorem | None] = {}

    def visit(x: Term) -> Task[Theorem | None]:
        if x not in memo:
            checkpoint()
            memo[x] = conversion(x) or (yield inside(x, visit))
        return memo[x]

    return lambda x: run(visit(x))


def bottomup(conversion: Conversion) -> Conversion:
    """Once at every sub-term, after those inside of it."""
    memo: dict[Term, Theorem | None] = {}

    def visit(x: Term) -> Task[Theorem | None]:
        if x not in memo:
            checkpoint()
            within = yield inside(x, visit)
            memo[x] = join(within, conversion(within.right if within else x))
        return memo[x]

    return lambda x: run(visit(x))


def once(conversion: Conversion) -> Conversion:
    """At the first sub-term where it applies, from left to right, the outermost first."""

    def convert(x: Term) -> Theorem | None:
        found: Theorem | None = None
        missed: set[Term] = set()

        def visit(y: Term) -> Task[Theorem | None]:
            nonlocal found
            if found is not None or y in missed:
                return None
            checkpoint()
            found = conversion(y)
            th = found or (yield inside(y, visit))
            if found is None:
                missed.add(y)
            return th

        return run(visit(x))

    return convert


def exhaustively(conversion: Conversion, most: int = MOST_STEPS) -> Conversion:
    """Again and again on the whole term, up to `most` times."""

    def convert(x: Term) -> Theorem | None:
        th: Theorem | None = None
        for _ in range(most):
            step = conversion(th.right if th else x)
            if step is None or step.right is step.left:
                break
            th = join(th, step)
        return th

    return convert


def under_binder(conversion: Conversion) -> Conversion:
    r"""In the body of `\x. body`."""

    def convert(x: Term) -> Theorem | None:
        if x.kind != "L":
            return None
        v = fresh(x.bound_type)
        body = conversion(t.open_binder(x, v))
        return k.abs_(v, body) if body else None

    return convert


def _lambda_root(x: Term) -> Theorem | None:
    match x.kind:
        case "A" if x.function.kind == "L":
            return k.beta(x)
        case "P" if x.body.kind == "T":
            return k.projbeta(x)
        case "L" if x.body.kind == "A" and x.body.argument.kind == "B" and x.body.argument.index == 0:
            return k.eta(x) if not x.body.function.loose else None
        case "T":
            return _tuple_eta(x)
        case _:
            return None


def _tuple_eta(x: Term) -> Theorem | None:
    """(y.0, y.1, ..) = y"""
    first = x.items[0]
    if first.kind != "P" or len(x.items) != len(first.body.type.args or ()):
        return None
    whole = all(item.kind == "P" and item.index == i and item.body is first.body for i, item in enumerate(x.items))
    return k.tupeta(first.body) if whole else None


def lambda_normal(x: Term) -> Theorem | None:
    """The normal form by beta, eta and projection of tuples, which simply typed terms have."""
    memo: dict[Term, Theorem | None] = {}

    def visit(y: Term) -> Task[Theorem | None]:
        if y not in memo:
            checkpoint()
            th = yield inside(y, visit)
            step = _lambda_root(th.right if th else y)
            if step is not None:
                rest = yield visit(step.right)
                th = join(th, join(step, rest))
            memo[y] = th
        return memo[y]

    return run(visit(x))


def compute_root(x: Term) -> Theorem | None:
    """An operation on literals."""
    head = x
    while head.kind == "A":
        head = head.function
    if x.kind != "A" or head.kind != "C" or x.free or x.loose:
        return None
    try:
        return k.compute(x)
    except k.RuleError:
        return None


compute_all: Conversion = bottomup(compute_root)
"""All operations on literals, inside out."""


def on_sides(conversion: Conversion, *, left: bool = True, right: bool = True) -> Tactic:
    """The goal after `conversion` of its sides; fails where neither changes."""

    def tactic(goal: Goal) -> Progress:
        first = conversion(goal.left) if left else None
        last = conversion(goal.right) if right else None
        if first is None and last is None:
            raise Failed("the conversion changes nothing", goal)
        return converted(goal, first, last)

    return tactic


def converted(goal: Goal, first: Theorem | None, last: Theorem | None) -> Progress:
    """The goal where `first` is |- left = .. and `last` is |- right = .., closed where the new sides are the same."""
    subgoal = Goal(goal.hypotheses, first.right if first else goal.left, last.right if last else goal.right)

    def rebuild(th: Theorem) -> Theorem:
        th = k.trans(first, th) if first else th
        return k.trans(th, k.sym(last)) if last else th

    if subgoal.left is subgoal.right:
        theorem = rebuild(k.refl(subgoal.left))
        return Progress((), lambda _: theorem)
    return to(subgoal, rebuild)
