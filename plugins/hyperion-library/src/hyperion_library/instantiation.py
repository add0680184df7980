"""A stored proof with other literals: the proof of the same theorem about another loop of its shape.

The literals of the other loop are read off where the two sources differ; those that the proof computes from them are
computed. Only the checker can say whether the proof goes through with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # JSON values

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import value_of
from hyperion.logic.kernel import RuleError
from hyperion.logic.proof import ProofFile, text_of
from hyperion.logic.terms import Term
from hyperion_library.replay import NotReplayed, Replay

Literals = Mapping[Term, Term]


@dataclass(frozen=True, slots=True)
class Model:
    """A proof, read for other literals. `holes` maps variables to the literals that they stand for; `source` is what
    the theorem's function denotes and `computed` what the proof computes, both with variables for literals."""

    value: Mapping[str, Any]
    holes: Literals
    source: Term
    computed: Sequence[tuple[Term, Term]]


def model(value: Mapping[str, Any], source: Term, literals: Sequence[Term]) -> Model | None:
    """The proof whose `literals` may be others; None where it cannot be read."""
    names = {lit: t.var(f"#{i}", lit.type) for i, lit in enumerate(literals)}
    try:
        terms = Replay({**value, "steps": []}, names).terms
        holes = {v: lit for lit, v in names.items()}
        computed: dict[tuple[Term, Term], None] = {}
        numbers: list[int] = [row[1] for row in value["steps"] if row[0] == "compute"]
        for x in (terms[number] for number in numbers):
            found = None if x.free.isdisjoint(holes) else value_of(t.substitute(x, holes))
            if found is not None:
                computed.setdefault((x, names.get(found, found)))
    except (NotReplayed, IndexError, TypeError, RecursionError):
        return None
    left = t.transform(source, lambda u, _: names.get(u) if u.kind == "K" else None, lambda u, _: False)
    return Model(value, holes, left, tuple(computed))


def instance(pattern: Model, source: Term) -> tuple[ProofFile, Literals] | None:
    """The proof about `source`, the term that a function denotes, and the new literal for each old one. None where the
    sources differ in more than literals, or a computation goes another way for these."""
    found = _matched(pattern, source)
    if found is None or not _solve(pattern, found):
        return None
    changed = {old: found[hole] for hole, old in pattern.holes.items() if found[hole] is not old}
    return ProofFile(text_of(_rewritten(pattern.value, changed))), changed


def _rewritten(value: Mapping[str, Any], changed: Literals) -> Mapping[str, Any]:
    """The proof with other literals in its table of terms."""
    new = {(old.type.name, old.name): literal.name for old, literal in changed.items()}
    types: Sequence[Any] = value["types"]
    terms = [
        ["K", row[1], new.get((types[row[1]][1], row[2]), row[2])] if row[0] == "K" else row for row in value["terms"]
    ]
    return {**value, "terms": terms}


def _matched(pattern: Model, source: Term) -> dict[Term, Term] | None:
    """The literals of `source` where the pattern has variables."""
    found: dict[Term, Term] = {}
    seen: set[tuple[Term, Term]] = set()
    stack = [(pattern.source, source)]
    while stack:
        a, b = stack.pop()
        if a in pattern.holes:
            if b.kind != "K" or a.type is not b.type or found.setdefault(a, b) is not b:
                return None
        elif a is not b and (a, b) not in seen:
            mates = a.children(), b.children()
            if _label(a) != _label(b) or len(mates[0]) != len(mates[1]) or not mates[0]:
                return None
            seen.add((a, b))
            stack.extend(zip(*mates, strict=True))
    return found


def _label(x: Term) -> tuple[object, ...]:
    """What two compound terms share besides their parts. Other leaves are equal only as the same object."""
    return x.kind, x.type, x.index if x.kind == "P" else 0


def _solve(pattern: Model, found: dict[Term, Term]) -> bool:
    """Computes what the proof computes on the new literals, and gives each hole its literal: what it is computed as,
    else that of the stored theorem. False where a computation goes another way."""
    waiting: list[tuple[Term, Term]] = list(pattern.computed)
    holes = pattern.holes.keys()
    while waiting:
        ready: list[tuple[Term, Term]] = [c for c in waiting if (c[0].free & holes) <= found.keys()]
        if not ready:
            hole = min((waiting[0][0].free & holes) - found.keys(), key=lambda v: v.name)
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
