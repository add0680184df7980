"""Equality saturation: rules applied to all of an e-graph until nothing is new, or until a limit (Tate et al. 2009)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal, TypeAlias

from hyperion.interfaces.tactic import Goal, Progress, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, Ty
from hyperion_tactics import lemmas, matching
from hyperion_tactics.combinators import done
from hyperion_tactics.conversions import compute_root
from hyperion_tactics.egraph import EGraph, Full
from hyperion_tactics.proving import Failed
from hyperion_tactics.rules import Rule, RuleSet

Found: TypeAlias = dict[Term, Term]
Agenda: TypeAlias = "tuple[tuple[Term, Term], Agenda] | None"
Stop = Literal["proved", "saturated", "terms", "iterations", "seconds"]


@dataclass(frozen=True, slots=True)
class Limits:
    """terms: of the e-graph. matches: of one rule in one iteration; a rule with more pauses (the back-off of egg)."""

    terms: int = 20_000
    iterations: int = 30
    seconds: float = 5.0
    matches: int = 2_000


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Report:
    """How a saturation ended."""

    stop: Stop
    iterations: int
    terms: int


@dataclass(slots=True)
class _Pause:
    """When a rule that matched too often is tried again."""

    times: int = 0
    until: int = 0
    seen: set[tuple[Term, ...]] = field(default_factory=set[tuple[Term, ...]])


def saturate(graph: EGraph, rules: RuleSet, limits: Limits, proved: Callable[[], bool] = lambda: False) -> Report:
    """Applies `rules` and computes literals, until `proved` holds, nothing is new or a limit is reached."""
    pauses = [_Pause() for _ in rules]
    deadline = monotonic() + limits.seconds
    for iteration in range(limits.iterations):
        if proved():
            return Report("proved", iteration, len(graph))
        try:
            news = compute_literals(graph)
            paused = False
            for rule, pause in zip(rules, pauses, strict=True):
                if pause.until > iteration:
                    paused = True
                    continue
                applied = _apply(graph, rule, pause, limits.matches << pause.times, deadline)
                if applied is None:
                    pause.until, pause.times, paused = iteration + (5 << pause.times), pause.times + 1, True
                news |= bool(applied)
                if monotonic() > deadline:
                    return Report("proved" if proved() else "seconds", iteration + 1, len(graph))
        except Full:
            graph.rebuild()
            return Report("proved" if proved() else "terms", iteration + 1, len(graph))
        if not news and not paused:
            return Report("proved" if proved() else "saturated", iteration + 1, len(graph))
        if not news:
            for pause in pauses:
                pause.until = 0
    return Report("proved" if proved() else "iterations", limits.iterations, len(graph))


def _apply(graph: EGraph, rule: Rule, pause: _Pause, most: int, deadline: float) -> int | None:
    """How many equations a rule made that are new; None where it matches more than `most` times."""
    found: list[tuple[Found, dict[str, Ty]]] = []
    for match in matches(graph, rule):
        found.append(match)
        if len(found) > most:
            return None
        if monotonic() > deadline:
            return 0
    news = 0
    for mapping, types in found:
        checkpoint()
        key = tuple(graph.find(x) for x in mapping.values())
        if key in pause.seen or monotonic() > deadline:
            continue
        th = _discharged(graph, matching.instance(rule.theorem, mapping, types))
        if th is None:
            continue
        pause.seen.add(key)
        if not graph.same(th.left, th.right):
            news += graph.union(th)
            graph.rebuild()
    return news


def _discharged(graph: EGraph, th: Theorem) -> Theorem | None:
    """Without its conditions, where the e-graph knows their sides to be equal."""
    for left, right in sorted(th.hypotheses, key=lambda h: (t.digest(h[0]), t.digest(h[1]))):
        graph.add(left)
        graph.add(right)
        if not graph.same(left, right):
            return None
        th = discharge(th, graph.explain(left, right))
    return th


def matches(graph: EGraph, rule: Rule) -> Iterator[tuple[Found, dict[str, Ty]]]:
    """For each way in which the left side of `rule` is in the e-graph, small terms for its variables."""
    fixed = rule.fixed
    for agenda in _starts(graph, rule):
        stack: list[tuple[Agenda, Found, dict[str, Ty]]] = [(agenda, {}, {})]
        while stack:
            todo, found, types = stack.pop()
            while todo is not None:  # variables of a known type, and parts without variables, branch nowhere
                (p, x), rest = todo
                if p.kind == "V" and p.type is x.type and not p.type.variables and p not in fixed:
                    known = found.get(p)
                    if known is None:
                        found = found | {p: x}
                    elif not graph.same(known, x):
                        break
                elif p.kind in "ATP" or p.type.variables or p.kind == "V":
                    stack.extend(_step(graph, fixed, p, x, rest, found, types))
                    break
                elif not graph.same(p, x):
                    break
                todo = rest
            else:
                yield {v: graph.eclass(x).smallest for v, x in found.items()}, types


def _starts(graph: EGraph, rule: Rule) -> Iterator[Agenda]:
    """Every place for the left side, by the constant at its head where it has one."""
    head, args = arguments(rule.theorem.left)
    if head.kind != "C":
        for root, _ in graph.classes():
            yield ((rule.theorem.left, root), None)
        return
    for constant in list(graph.constants.get(head.name, ())):
        agendas: list[tuple[Term, Agenda]] = [(constant, None if constant is head else ((head, constant), None))]
        for arg in args:
            agendas = [(x, ((arg, x.argument), rest)) for f, rest in agendas for x in list(graph.applications(f))]
        yield from (agenda for _, agenda in agendas)


def _step(
    graph: EGraph, fixed: frozenset[Term], p: Term, x: Term, rest: Agenda, found: Found, types: dict[str, Ty]
) -> Iterator[tuple[Agenda, Found, dict[str, Ty]]]:
    if p.kind == "V" and p not in fixed:
        known = found.get(p)
        if known is not None:
            if graph.same(known, x):
                yield rest, found, types
            return
        now = dict(types)
        if t.match_type(p.type, x.type, now):
            yield rest, found | {p: x}, now
        return
    if p.kind == "C" and p.type.variables:
        for each in graph.terms(x):
            now = dict(types)
            if each.kind == "C" and each.name == p.name and t.match_type(p.type, each.type, now):
                yield rest, found, now
        return
    if p.kind not in "ATP":
        if graph.same(p, x):
            yield rest, found, types
        return
    for each in graph.terms(x):
        if each.kind == p.kind and each.index == p.index and len(each.children()) == len(p.children()):
            todo = rest
            for pair in zip(reversed(p.children()), reversed(each.children()), strict=True):
                todo = (pair, todo)
            yield todo, found, types


def compute_literals(graph: EGraph) -> bool:
    """Joins operations on literals with their values; whether anything is new."""
    news = False
    literals: dict[Term, Term] = {}
    for root, each in graph.classes():
        found = next((x for x in each.terms if x.kind == "K"), None)
        if found is not None:
            literals[root] = found
    for _, each in graph.classes():
        for x in list(each.terms):
            head, args = arguments(x)
            values = [literals.get(graph.find(a)) for a in args]
            if head.kind != "C" or not args or any(v is None for v in values):
                continue
            th = compute_root(t.app(head, *(v for v in values if v is not None)))
            if th is not None and not graph.same(th.left, th.right):
                graph.add(th.left)
                news |= graph.union(th)
    graph.rebuild()
    return news


def assume(graph: EGraph, hypotheses: Iterable[k.Equation]) -> None:
    """Joins the sides of the hypotheses."""
    for equation in sorted(hypotheses, key=lambda h: (t.digest(h[0]), t.digest(h[1]))):
        for th in lemmas.conjuncts(k.assume(*equation)):
            graph.union(th)
    graph.rebuild()


def equality_saturation(rules: RuleSet, limits: Limits = DEFAULT) -> Tactic:
    """Proves an equation by `rules` in all directions that they give, the hypotheses, and congruence. Fails with how
    the search ended."""

    def tactic(goal: Goal) -> Progress:
        graph = EGraph(limits.terms)
        assume(graph, goal.hypotheses)
        graph.add(goal.left)
        graph.add(goal.right)
        report = saturate(graph, rules, limits, lambda: graph.same(goal.left, goal.right) or graph.same(TRUE, FALSE))
        if graph.same(goal.left, goal.right):
            return done(graph.explain(goal.left, goal.right))
        if graph.same(TRUE, FALSE):
            return done(lemmas.contradiction(graph.explain(TRUE, FALSE), goal.left, goal.right))
        stopped = f"it stopped: {report.stop}, after {report.iterations} iterations with {report.terms} terms"
        raise Failed(f"equality saturation does not join the sides; {stopped}", goal)

    return tactic


def congruence_closure(goal: Goal) -> Progress:
    """Proves an equation from the hypotheses by congruence alone, which it decides for terms without variables."""
    return equality_saturation(RuleSet(), Limits(iterations=1, terms=1_000_000))(goal)


def optimise(
    x: Term,
    rules: RuleSet,
    cost: Callable[[Term], int],
    limits: Limits = DEFAULT,
    hypotheses: Sequence[k.Equation] = (),
) -> Theorem:
    """|- x = the cheapest term that equality saturation finds, each symbol costing `cost`."""
    graph = EGraph(limits.terms)
    assume(graph, hypotheses)
    graph.add(x)
    saturate(graph, rules, limits)
    best = graph.smallest(x, cost)
    graph.add(best, beyond=True)
    return graph.explain(x, best)
