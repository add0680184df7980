"""Rewriting a goal by theorems and definitions, once or everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import definitions
from hyperion.logic.derived import NoProof, discharge
from hyperion.logic.kernel import Equation, Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import matching
from hyperion_tactics.combinators import all_goals, complete, skip
from hyperion_tactics.conversions import Conversion, compute_all, converted, exhaustively, on_sides, topdown
from hyperion_tactics.conversions import once as at_once
from hyperion_tactics.matching import free_variables
from hyperion_tactics.proving import Failed

Direction = Literal["left to right", "right to left"]


def by(theorem: Theorem, fixed: frozenset[Term] = frozenset()) -> Conversion:
    """Rewrites an instance of the left side of `theorem` to its right side; hypotheses remain. Variables in `fixed`,
    and those that the left side lacks, stand for themselves."""

    def convert(x: Term) -> Theorem | None:
        th = matching.at(theorem, x, fixed)
        return None if th is None or th.right is x else th

    return convert


def rewrite(
    theorem: Theorem,
    direction: Direction = "left to right",
    *,
    everywhere: bool = False,
    left: bool = True,
    right: bool = True,
    conditions: Tactic | None = None,
) -> Tactic:
    """Replaces an instance of one side of `theorem` by that of the other: the first that is found in the goal, or every
    one. Hypotheses of the instance that the goal has not are closed by `conditions`, or are subgoals after it."""
    th = theorem if direction == "left to right" else k.sym(theorem)

    def tactic(goal: Goal) -> Progress:
        about_goal = frozenset(theorem.hypotheses & goal.hypotheses)
        fixed = frozenset[Term]().union(*(a.free | b.free for a, b in about_goal))
        rule = by(th, fixed)
        convert = topdown(rule) if everywhere else at_once(rule)
        first = convert(goal.left) if left else None
        last = convert(goal.right) if right and (everywhere or first is None) else None
        if first is None and last is None:
            raise Failed("the theorem's side occurs nowhere in the goal", goal)
        progress = with_conditions(goal, first, last)
        if conditions is None:
            return progress
        kept = len(converted(goal, first, last).subgoals)
        closing = [complete(conditions)] * (len(progress.subgoals) - kept)
        return all_goals(lambda _: progress, [*[skip] * kept, *closing])(goal)

    return tactic


def with_conditions(goal: Goal, first: Theorem | None, last: Theorem | None) -> Progress:
    """The goal with its sides converted; hypotheses of the conversions that it has not become subgoals."""
    made = frozenset[Equation]().union(*(th.hypotheses for th in (first, last) if th is not None))
    conditions = [Goal(goal.hypotheses, *c) for c in made if c not in goal.hypotheses]
    conditions.sort(key=lambda g: (t.digest(g.left), t.digest(g.right)))
    main = converted(goal, first, last)

    def justify(proved: Sequence[Theorem]) -> Theorem:
        count = len(main.subgoals)
        return discharge(main.justify(proved[:count]), *proved[count:])

    return Progress((*main.subgoals, *conditions), justify)


def from_hypotheses(goal: Goal) -> Progress:
    """Rewrites by the goal's own hypotheses, each from left to right, once everywhere."""
    rules = [k.assume(*h) for h in sorted(goal.hypotheses, key=lambda h: (t.digest(h[0]), t.digest(h[1])))]
    known = {th.left: th for th in rules if th.left.kind not in "K" and th.left is not th.right}
    return on_sides(topdown(known.get))(goal)


def defined(name: str) -> Conversion:
    """Unfolds the definition `name`, at any type, and applies it to its arguments."""

    def convert(x: Term) -> Theorem | None:
        definition = definitions().get(name)
        if definition is None:
            raise NoProof(f"{name} is not defined")
        return unfolded(definition, x)

    return convert


def unfolded(definition: Theorem, x: Term) -> Theorem | None:
    """From |- c = body: |- c a b .. = body a b .., beta-reduced as far as there are binders."""
    spine, args = x, list[Term]()
    while spine.kind == "A":
        args.append(spine.argument)
        spine = spine.function
    th = matching.at(definition, spine) if spine.kind == "C" else None
    if th is None:
        return None
    for a in reversed(args):
        th = k.app(th, k.refl(a))
        if th.right.function.kind == "L":
            th = k.trans(th, k.beta(th.right))
    return th


def unfold(definition: Theorem | str) -> Tactic:
    """Replaces a defined constant by its definition, everywhere; a theorem |- c = body, or the name of a definition."""
    if isinstance(definition, str):
        return on_sides(topdown(defined(definition)))
    return on_sides(topdown(lambda x: unfolded(definition, x)))


compute: Tactic = on_sides(compute_all)
"""All operations on literals."""


def rewrite_all(*theorems: Theorem) -> Tactic:
    """Rewrites by all of these, from left to right, until none applies. They are the caller's: see `simplify` for rules
    that may loop or have conditions."""
    rules = [by(th, free_variables(th) if th.hypotheses else frozenset()) for th in theorems]

    def root(x: Term) -> Theorem | None:
        return next((found for rule in rules if (found := rule(x)) is not None), None)

    return on_sides(exhaustively(topdown(root)))
