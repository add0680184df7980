"""Tactics made of tactics (Paulson 1983, "Tactics and tacticals in Cambridge LCF"). Every tactic is a function of its
goal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import terms as t
from hyperion.logic.derived import NoProof
from hyperion.logic.effort import OutOfTime, limited
from hyperion.logic.kernel import Theorem
from hyperion_tactics.proving import Failed, attempt

MOST_ROUNDS = 10_000


def done(theorem: Theorem) -> Progress:
    """Nothing remains: `theorem` is the goal's."""
    return Progress((), lambda _: theorem)


def to(subgoal: Goal, rebuild: Callable[[Theorem], Theorem]) -> Progress:
    """One subgoal remains."""
    return Progress((subgoal,), lambda proved: rebuild(proved[0]))


def skip(goal: Goal) -> Progress:
    """The goal remains as it is."""
    return to(goal, lambda theorem: theorem)


def fail(message: str) -> Tactic:
    """Never applies."""

    def tactic(goal: Goal) -> Progress:
        raise Failed(message, goal)

    return tactic


@dataclass(slots=True)
class _Node:
    """A goal in a tree of proof, and what a tactic made of it."""

    goal: Goal
    progress: Progress | None = None
    children: tuple[_Node, ...] = ()

    def grow(self, progress: Progress) -> tuple[_Node, ...]:
        self.progress = progress
        self.children = tuple(_Node(goal) for goal in progress.subgoals)
        return self.children


def _of_tree(root: _Node) -> Progress:
    """The leaves without progress remain; theorems are rebuilt from there upwards, without recursion."""
    order, stack = list[_Node](), [root]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(reversed(node.children))
    leaves = [node for node in order if node.progress is None]

    def justify(proved: Sequence[Theorem]) -> Theorem:
        known = {id(leaf): theorem for leaf, theorem in zip(leaves, proved, strict=True)}
        for node in reversed(order):
            if node.progress is not None:
                known[id(node)] = node.progress.justify([known[id(child)] for child in node.children])
        return known[id(root)]

    return Progress(tuple(leaf.goal for leaf in leaves), justify)


def then(first: Tactic, *others: Tactic) -> Tactic:
    """`first`, then the next on every subgoal that it leaves, and so on."""

    def tactic(goal: Goal) -> Progress:
        root = _Node(goal)
        leaves: list[_Node] = [root]
        for each in (first, *others):
            leaves = [child for leaf in leaves for child in leaf.grow(attempt(each, leaf.goal))]
        return _of_tree(root)

    return tactic


def all_goals(first: Tactic, tactics: Sequence[Tactic]) -> Tactic:
    """`first`, then one tactic for each subgoal, in their order; as many as there are subgoals."""

    def tactic(goal: Goal) -> Progress:
        root = _Node(goal)
        children = root.grow(attempt(first, goal))
        if len(children) != len(tactics):
            raise Failed(f"{len(tactics)} tactics for {len(children)} subgoals", goal)
        for child, each in zip(children, tactics, strict=True):
            child.grow(attempt(each, child.goal))
        return _of_tree(root)

    return tactic


def first(*tactics: Tactic) -> Tactic:
    """The first that applies; fails with the reasons of all, about the subgoal of the last."""

    def tactic(goal: Goal) -> Progress:
        reasons, stuck = dict[str, None](), goal
        for each in tactics:
            try:
                return attempt(each, goal)
            except Failed as failure:
                reasons[str(failure)] = None
                stuck = failure.goal
        raise Failed("; ".join(reasons) or "no tactic is given", stuck)

    return tactic


def orelse(one: Tactic, other: Tactic) -> Tactic:
    """`one`, or `other` where `one` does not apply."""
    return first(one, other)


def try_(tactic: Tactic) -> Tactic:
    """`tactic`, or nothing."""
    return first(tactic, skip)


def complete(tactic: Tactic) -> Tactic:
    """`tactic`, where it leaves nothing to prove; so that `first` goes on with the next otherwise."""

    def closing(goal: Goal) -> Progress:
        progress = attempt(tactic, goal)
        if progress.subgoals:
            raise Failed("something is left to prove", progress.subgoals[0])
        return progress

    return closing


def repeat(tactic: Tactic, most: int = MOST_ROUNDS) -> Tactic:
    """`tactic` on the goal and again on what it leaves, up to `most` times in all, until it applies nowhere or changes
    nothing."""

    def repeated(goal: Goal) -> Progress:
        root = _Node(goal)
        pending, rounds = [root], 0
        while pending and rounds < most:
            node = pending.pop()
            try:
                progress = attempt(tactic, node.goal)
            except NoProof:
                continue
            if progress.subgoals != (node.goal,):
                pending.extend(reversed(node.grow(progress)))
                rounds += 1
        return _of_tree(root)

    return repeated


def timeout(seconds: float, tactic: Tactic) -> Tactic:
    """`tactic`, failing after `seconds`. What it leaves is not under the limit."""

    def limited_tactic(goal: Goal) -> Progress:
        try:
            with limited(seconds):
                return attempt(tactic, goal)
        except OutOfTime as late:
            raise Failed(f"more than {seconds:g} seconds", goal) from late

    return limited_tactic


def up_to_size(most: int, tactic: Tactic) -> Tactic:
    """`tactic`, on goals with at most `most` distinct sub-terms."""

    def guarded(goal: Goal) -> Progress:
        sides = t.tup(goal.left, goal.right)
        for count, _ in enumerate(t.subterms(sides)):
            if count > most + 1:
                raise Failed(f"the goal has more than {most} sub-terms", goal)
        return attempt(tactic, goal)

    return guarded
