"""Untrusted. Finite control: values of the state from a small set that decide what happens to the rest.

Controls are truth values, and integers that only ever take a few values, such as the states of a scanner or a sign. For
every valuation of the controls a step goes to a next valuation that depends on the element only, and does one map to
the rest of the state. A chunk is summarised by that for every valuation: the function composition of automata, with
the rest's own summary at each transition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product as valuations

from hyperion.ir.types import BOOL, IntType, Type
from hyperion.logic import literals
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import cond, either, mentions, simplified
from hyperion_proofs.ladder.step import Solve, Step, Summary
from hyperion_proofs.templates import NotLinear

MOST = 8
"""Valuations: each has its own transition and its own summary of the rest."""


@dataclass(frozen=True)
class Controls:
    """Positions in the state, and the values that each may have."""

    positions: tuple[int, ...]
    domains: tuple[tuple[Term, ...], ...]

    @property
    def cases(self) -> list[tuple[Term, ...]]:
        return list(valuations(*self.domains))

    def chosen(self, now: Sequence[Term], choices: Sequence[Term]) -> Term:
        """The choice for the case that the values `now` are."""
        return _chosen(now, self.domains, choices)

    def inside(self, values: Sequence[Term]) -> list[Term]:
        """That integers are among their values."""
        found: list[Term] = []
        for value, domain in zip(values, self.domains, strict=True):
            if domain[0] in (TRUE, FALSE):
                continue
            some = FALSE
            for d in reversed(domain):
                some = either(_is(value, d), some)
            found.append(some)
        return found


def control(step: Step, solve: Solve, identity: bool) -> Summary:
    """The rung; `solve` summarises the rest, with one mode for every valuation."""
    controls = _controls(step)
    positions, cases = controls.positions, controls.cases
    rest = [i for i in range(len(step.atoms)) if i not in positions]
    decided = [[_decided(step, mode, positions, case) for case in cases] for mode in step.modes]
    for each in (new[i] for mode in decided for new in mode for i in positions):
        if mentions(each, step.atoms):
            raise NotLinear("a truth value of the state is set by a test of other values of the state")
    inner = _inner(step, rest, [tuple(new[i] for i in rest) for mode in decided for new in mode], solve, identity)
    width, size = len(positions), inner.size if inner else 0
    types: list[Type] = [*(step.types[i] for i in positions), *(inner.types if inner else ())] * len(cases)

    def split(values: Sequence[Term]) -> list[tuple[Sequence[Term], Sequence[Term]]]:
        each = width + size
        return [
            (values[i * each : i * each + width], values[i * each + width : (i + 1) * each]) for i in range(len(cases))
        ]

    def chosen(now: Sequence[Term], values: Sequence[Sequence[Term]]) -> list[Term]:
        return [controls.chosen(now, column) for column in zip(*values, strict=True)]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        after, found = split(later), list[Term]()
        for towards, m in split(earlier):
            found += chosen(towards, [next_ for next_, _ in after])
            if inner:
                found += inner.mul(chosen(towards, [n for _, n in after]), m)
        return found

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        now = [state[i] for i in positions]
        parts = split(values)
        acted = dict(zip(positions, chosen(now, [towards for towards, _ in parts]), strict=True))
        if inner:
            others = [state[i] for i in rest]
            acted |= zip(rest, inner.act(chosen(now, [m for _, m in parts]), others), strict=True)
        return [acted[i] for i in range(len(step.atoms))]

    def holds(values: Sequence[Term]) -> list[Term]:
        parts = split(values)
        found = [c for towards, _ in parts for c in controls.inside(towards)]
        return [*found, *(c for _, m in parts for c in inner.holds(m))] if inner else found

    def state_holds(state: Sequence[Term]) -> list[Term]:
        found = controls.inside([state[i] for i in positions])
        return [*found, *inner.state_holds([state[i] for i in rest])] if inner else found

    lifts = [
        tuple(
            v
            for number, new in enumerate(mode)
            for v in (*(new[i] for i in positions), *(inner.lifts[m * len(cases) + number] if inner else ()))
        )
        for m, mode in enumerate(decided)
    ]
    unit = None
    if inner is None or inner.identity is not None:
        unit = tuple(v for case in cases for v in (*case, *((inner.identity or ()) if inner else ())))
    leaves, deciders = (inner.leaves, inner.deciders) if inner else ((), ())
    numbers = frozenset(i for i in positions if step.types[i] != BOOL)
    each = width + size
    fixed = frozenset(m * each + j for m in range(len(cases)) for j, i in enumerate(positions) if i in numbers)
    whole = Summary(
        tuple(types),
        tuple(lifts),
        mul,
        act,
        unit,
        holds,
        state_holds,
        leaves,
        deciders,
        fixed=fixed,
        state_fixed=numbers,
    )
    return stored(whole, identity)


def _controls(step: Step) -> Controls:
    """All truth values, and all integers that only take a few values."""
    found: list[tuple[int, tuple[Term, ...]]] = []
    for i, ty in enumerate(step.types):
        if ty == BOOL:
            found.append((i, (FALSE, TRUE)))
        elif isinstance(ty, IntType):
            domain = _domain(step, i)
            if domain is not None:
                found.append((i, domain))
    if not found:
        raise NotLinear("a branch tests the state in a way that is neither max nor min")
    controls = Controls(tuple(i for i, _ in found), tuple(d for _, d in found))
    if len(controls.cases) > MOST:
        raise NotLinear(
            f"the control of the loop has {len(controls.cases)} states; up to {MOST} are worth a transition each"
        )
    return controls


def _domain(step: Step, i: int) -> tuple[Term, ...] | None:
    """The values that an integer takes; None where they are not few. They are those that can be reached from the
    initial value, or where that is not known, from those that it is set to or compared with."""
    atom, initial = step.atoms[i], step.initial[i] if step.initial else None
    if initial is not None and initial.kind == "K":
        found = [initial]
    else:
        found = [v for mode in step.modes for v in _mentioned(mode[i], atom)]
    for value in found:  # grows
        for mode in step.modes:
            for leaf in _leaves(simplified(mode[i], {atom: value})):
                if leaf.kind != "K":
                    return None
                if leaf not in found:
                    found.append(leaf)
        if len(found) > MOST:
            return None
    unique = list(dict.fromkeys(found))
    return tuple(sorted(unique, key=literals.int_value)) if 1 < len(unique) <= MOST else None


def _mentioned(e: Term, atom: Term) -> list[Term]:
    """The literals that an expression gives or compares the atom with."""
    found = [leaf for leaf in _leaves(e) if leaf.kind == "K"]
    waiting = [e]
    while waiting:
        u = waiting.pop()
        args = arguments(u)[1]
        if head(u) in ("eq", "lt", "le") and atom in args:
            found += [a for a in args if a.kind == "K"]
        waiting += args
    return found


def _leaves(e: Term) -> list[Term]:
    """The values of a tree of conditionals."""
    if head(e) == "cond":
        _, a, b = arguments(e)[1]
        return [*_leaves(a), *_leaves(b)]
    return [e]


def _decided(step: Step, mode: Sequence[Term], positions: Sequence[int], case: Sequence[Term]) -> list[Term]:
    known = {step.atoms[i]: value for i, value in zip(positions, case, strict=True)}
    return [simplified(e, known) for e in mode]


def _chosen(now: Sequence[Term], domains: Sequence[tuple[Term, ...]], choices: Sequence[Term]) -> Term:
    if not domains:
        return choices[0]
    each = len(choices) // len(domains[0])
    parts = [_chosen(now[1:], domains[1:], choices[i * each : (i + 1) * each]) for i in range(len(domains[0]))]
    result = parts[0]
    for d, part in list(zip(domains[0], parts, strict=True))[1:]:
        result = cond(_is(now[0], d), part, result)
    return result


def _is(value: Term, d: Term) -> Term:
    """The test that a control has a value, which is not FALSE."""
    if d is TRUE:
        return value
    if value.kind == "K":
        return TRUE if value is d else FALSE
    return apply("eq", value, d)


def _inner(
    step: Step, rest: Sequence[int], modes: Sequence[tuple[Term, ...]], solve: Solve, identity: bool
) -> Summary | None:
    if not rest:
        return None
    part = step.part(rest)
    return solve(replace(part, modes=tuple(modes)), identity)
