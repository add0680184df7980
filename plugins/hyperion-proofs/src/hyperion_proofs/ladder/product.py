"""Untrusted. Parts of a state that do not depend on each other, summarised side by side."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.logic.terms import Term
from hyperion_proofs.ladder.expressions import mentions
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear

Part = tuple[tuple[int, ...], Summary]
"""Positions in the state, and their summary."""


def classes(step: Step) -> list[tuple[int, ...]]:
    """Positions of components that depend on each other, in any mode."""
    parent = list(range(len(step.atoms)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for mode in step.modes:
        for i, e in enumerate(mode):
            for j, atom in enumerate(step.atoms):
                if mentions(e, [atom]):
                    parent[root(i)] = root(j)
    found: dict[int, list[int]] = {}
    for i in range(len(step.atoms)):
        found.setdefault(root(i), []).append(i)
    return [tuple(c) for c in found.values()]


def product(parts: Sequence[Part], count: int) -> Summary:
    """The summaries of all parts, one after the other."""
    summaries = [summary for _, summary in parts]
    if any(s.algebra for s in summaries):
        raise NotLinear("a shift register beside other values of the state is not understood")
    ends: list[int] = []
    for summary in summaries:
        ends.append((ends[-1] if ends else 0) + summary.size)

    def split(values: Sequence[Term]) -> list[Sequence[Term]]:
        return [values[end - summary.size : end] for end, summary in zip(ends, summaries, strict=True)]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        return [v for s, a, b in zip(summaries, split(later), split(earlier), strict=True) for v in s.mul(a, b)]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        acted: dict[int, Term] = {}
        for (members, summary), part in zip(parts, split(values), strict=True):
            acted |= zip(members, summary.act(part, [state[i] for i in members]), strict=True)
        return [acted[i] for i in range(count)]

    def holds(values: Sequence[Term]) -> list[Term]:
        return [c for s, part in zip(summaries, split(values), strict=True) for c in s.holds(part)]

    def state_holds(state: Sequence[Term]) -> list[Term]:
        return [c for members, s in parts for c in s.state_holds([state[i] for i in members])]

    modes = range(len(summaries[0].lifts))
    identities = [s.identity for s in summaries]
    whole = None if any(i is None for i in identities) else tuple(v for i in identities if i is not None for v in i)
    return Summary(
        tuple(ty for s in summaries for ty in s.types),
        tuple(tuple(v for s in summaries for v in s.lifts[mode]) for mode in modes),
        mul,
        act,
        whole,
        holds,
        state_holds,
        tuple(leaf for s in summaries for leaf in s.leaves),
        tuple(decider for s in summaries for decider in s.deciders),
        tuple(dict.fromkeys(leaf for s in summaries for leaf in s.informed)),
        tuple(dict.fromkeys(need for s in summaries for need in s.needs)),
        late=frozenset(end - s.size + i for end, s in zip(ends, summaries, strict=True) for i in s.late),
        fixed=frozenset(end - s.size + i for end, s in zip(ends, summaries, strict=True) for i in s.fixed),
        largest=max(s.largest for s in summaries),
        state_fixed=frozenset(members[i] for members, s in parts for i in s.state_fixed),
    )
