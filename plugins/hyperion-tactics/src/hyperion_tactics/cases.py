"""Case splits and induction. Each subgoal has the case as a hypothesis, and for data the case put in its place."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.combinators import done
from hyperion_tactics.lemmas import contradiction
from hyperion_tactics.matching import fresh
from hyperion_tactics.proving import Failed


def under(goal: Goal, left: Term, right: Term) -> Goal:
    """The goal with one hypothesis more."""
    return Goal(goal.hypotheses | {(left, right)}, goal.left, goal.right)


def bool_cases(condition: Term) -> Tactic:
    """The goal under `condition = true`, and under `condition = false`."""

    def tactic(goal: Goal) -> Progress:
        if condition.type is not t.BOOL or condition.loose:
            raise Failed("the condition is no truth value", goal)
        pair = under(goal, condition, TRUE), under(goal, condition, FALSE)
        return Progress(pair, lambda proved: k.bool_cases(condition, *proved))

    return tactic


def outcome_cases(outcome: Term) -> Tactic:
    """The goal under `outcome = ok v` for a new v, under `outcome = trap`, and under `outcome = diverge`."""

    def tactic(goal: Goal) -> Progress:
        if outcome.type.name != "outcome" or outcome.loose:
            raise Failed("the term is no outcome", goal)
        assert outcome.type.args is not None
        v = fresh(outcome.type.args[0])
        ok = t.app(t.const("ok", t.fun(v.type, outcome.type)), v)
        others = t.const("trap", outcome.type), t.const("diverge", outcome.type)
        cases = tuple(under(goal, outcome, case) for case in (ok, *others))
        return Progress(cases, lambda proved: k.outcome_cases(outcome, v, *proved))

    return tactic


def list_induction(xs: Term) -> Tactic:
    """The goal for nil, and for `cons x ys` under the goal for ys as a hypothesis, where x and ys are new. The list
    `xs` is a variable; hypotheses about it are lost, as they say nothing of ys."""

    def tactic(goal: Goal) -> Progress:
        if xs.kind != "V" or xs.type.name != "list":
            raise Failed("induction is on a variable that is a list", goal)
        assert xs.type.args is not None
        kept = frozenset(h for h in goal.hypotheses if xs not in h[0].free | h[1].free)
        x, ys = fresh(xs.type.args[0], "x"), fresh(xs.type, xs.name.partition("~")[0])
        left, right = (t.substitute(side, {xs: ys}) for side in (goal.left, goal.right))
        nil = t.const("nil", xs.type)
        cons = t.app(t.const("cons", t.fun(x.type, xs.type, xs.type)), x, ys)
        base = Goal(kept, *(t.substitute(side, {xs: nil}) for side in (goal.left, goal.right)))
        step = Goal(kept | {(left, right)}, *(t.substitute(side, {xs: cons}) for side in (goal.left, goal.right)))

        def justify(proved: Sequence[Theorem]) -> Theorem:
            return k.inst({ys: xs}, k.list_induction(x, ys, left, right, *proved))

        return Progress((base, step), justify)

    return tactic


def nat_induction(n: Term) -> Tactic:
    """The goal for zero, and for `suc m` under the goal for m as a hypothesis, where m is new. The number `n` is a
    variable; hypotheses about it are lost, as they say nothing of m."""

    def tactic(goal: Goal) -> Progress:
        if n.kind != "V" or n.type is not t.NAT:
            raise Failed("induction is on a variable that is a natural number", goal)
        kept = frozenset(h for h in goal.hypotheses if n not in h[0].free | h[1].free)
        m = fresh(n.type, n.name.partition("~")[0])
        left, right = (t.substitute(side, {n: m}) for side in (goal.left, goal.right))
        zero, suc = t.const("zero", t.NAT), t.app(t.const("suc", t.fun(t.NAT, t.NAT)), m)
        base = Goal(kept, *(t.substitute(side, {n: zero}) for side in (goal.left, goal.right)))
        step = Goal(kept | {(left, right)}, *(t.substitute(side, {n: suc}) for side in (goal.left, goal.right)))
        return Progress((base, step), lambda proved: k.inst({m: n}, k.nat_induction(m, left, right, *proved)))

    return tactic


def absurd(goal: Goal) -> Progress:
    """A hypothesis says true = false."""
    for left, right in goal.hypotheses:
        if {left, right} == {TRUE, FALSE}:
            return done(contradiction(k.assume(left, right), goal.left, goal.right))
    raise Failed("no hypothesis says true = false", goal)
