"""A pattern's theorem about another loop of its shape."""

from __future__ import annotations

from collections.abc import Mapping

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.sized import sized
from hyperion.logic.terms import Term, TermError
from hyperion_library.pattern import Pattern

Literals = Mapping[Term, Term]


def instance_of(pattern: Pattern, source: Term) -> tuple[Theorem, Literals] | None:
    """The theorem whose left side is `source`, the term that a function denotes, and the literal that each hole of the
    pattern stands for. None where the terms do not match, or a computation goes another way for these literals."""
    found = _match(pattern, source)
    if found is None or not _solve(pattern, found):
        return None
    try:
        theorem = k.inst(found, pattern.theorem)
        for x, _ in pattern.computed:
            fact = k.compute(t.substitute(x, found))
            if (fact.left, fact.right) in theorem.hypotheses:
                theorem = k.cut(fact, theorem)
    except (RuleError, TermError):
        return None
    return (theorem, found) if not theorem.hypotheses else None


def _match(pattern: Pattern, source: Term) -> dict[Term, Term] | None:
    """The holes' literals, read off where the pattern's left side is about `source`, or about its arrays that exist."""
    wrapper = sized(source.type)
    for target in (source, *([] if wrapper is None else [t.app(wrapper, source)])):
        found: dict[Term, Term] = {}
        if _matches(pattern.theorem.left, target, pattern, found):
            return found
    return None


def _matches(x: Term, y: Term, pattern: Pattern, found: dict[Term, Term]) -> bool:
    seen: set[tuple[Term, Term]] = set()
    stack = [(x, y)]
    while stack:
        a, b = stack.pop()
        if a in pattern.holes:
            if b.kind != "K" or a.type is not b.type or found.setdefault(a, b) is not b:
                return False
        elif a is not b and (a, b) not in seen:
            mates = a.children(), b.children()
            if _label(a) != _label(b) or len(mates[0]) != len(mates[1]) or not mates[0]:
                return False
            seen.add((a, b))
            stack.extend(zip(*mates, strict=True))
    return True


def _label(x: Term) -> tuple[object, ...]:
    """What two compound terms share besides their parts. Other leaves are equal only as the same object."""
    return x.kind, x.type, x.index if x.kind == "P" else 0


def _solve(pattern: Pattern, found: dict[Term, Term]) -> bool:
    """Computes what the proof computes on the new literals, and gives each hole its literal: what it is computed as,
    else that of the stored theorem. False where a computation goes another way."""
    waiting: list[tuple[Term, Term]] = list(pattern.computed)
    while waiting:
        ready: list[tuple[Term, Term]] = [c for c in waiting if (c[0].free & pattern.holes.keys()) <= found.keys()]
        if not ready:
            hole = min((waiting[0][0].free & pattern.holes.keys()) - found.keys(), key=lambda v: v.name)
            found[hole] = pattern.holes[hole]
            continue
        for x, expected in ready:
            try:
                value = k.compute(t.substitute(x, found)).right
            except RuleError:
                return False
            if expected in pattern.holes:
                expected = found.setdefault(expected, value)
            if value is not expected:
                return False
        waiting = [c for c in waiting if c not in ready]
    for hole, literal in pattern.holes.items():
        found.setdefault(hole, literal)
    return True
