"""Untrusted. Extrema with something that goes with them: positions, counts, other values of the element.

The key of the state becomes the larger (or smaller) of itself and the element's key; which of the two it is decides
what happens to the rest of the state. A chunk is summarised by its largest key and by what happens to the rest where
that key wins and where it does not. Where a later chunk's key wins over an earlier one's, it also wins over every state
that the earlier one won over; so two maps suffice, if the winning map forgets what the other one keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hyperion.ir.types import IntType
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import cond, mentions, pick, simplified, tests
from hyperion_proofs.ladder.step import Solve, Step, Summary
from hyperion_proofs.templates import NotLinear


def extremum(step: Step, solve: Solve, identity: bool) -> Summary:
    """The rung, for integer keys."""
    if len(step.modes) > 1 or identity:
        raise NotLinear("an extremum under a test of the state is not understood")
    for key in range(len(step.atoms)):
        name, value = _key(step, key)
        if value is not None:
            return _with_key(step, solve, key, name, value)
    raise NotLinear("no value of the state is an extremum")


def _key(step: Step, i: int) -> tuple[str, Term | None]:
    """max or min, and what it is taken with."""
    e, atom = step.exprs[i], step.atoms[i]
    name, (_, args) = head(e), arguments(e)
    if name in ("max", "min") and isinstance(step.types[i], IntType) and atom in args:
        other = args[1] if args[0] is atom else args[0]
        if not mentions(other, step.atoms):
            return name, other
    return "", None


def _with_key(step: Step, solve: Solve, key: int, name: str, value: Term) -> Summary:
    atom = step.atoms[key]
    rest = [i for i in range(len(step.atoms)) if i != key]
    strict = _strict(step, atom, value, name)

    def wins(new: Term, old: Term) -> Term:
        low, high = (old, new) if name == "max" else (new, old)
        return apply("lt" if strict else "le", low, high)

    test = wins(value, atom)
    modes: list[tuple[Term, ...]] = []
    for won in (TRUE, FALSE):
        known = {test: won, _reverse(test): FALSE if won is TRUE else TRUE}
        modes.append(tuple(simplified(step.exprs[i], known) for i in rest))
    part = step.part(rest)
    for mode in modes:
        if any(mentions(e, [atom]) for e in mode):
            raise NotLinear("what goes with an extremum depends on the extremum in another way")
    inner = solve(replace(part, modes=tuple(modes)), False)
    size = inner.size

    def split(values: Sequence[Term]) -> tuple[Term, Sequence[Term], Sequence[Term]]:
        return values[0], values[1 : 1 + size], values[1 + size :]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        (k1, won1, kept1), (k0, won0, kept0) = split(later), split(earlier)
        beaten = wins(k1, k0)
        chosen = [cond(beaten, a, b) for a, b in zip(won1, kept1, strict=True)]
        return [pick(name, k1, k0), *inner.mul(chosen, won0), *inner.mul(kept1, kept0)]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        k1, won, kept = split(values)
        beaten = wins(k1, state[key])
        chosen = [cond(beaten, a, b) for a, b in zip(won, kept, strict=True)]
        others = inner.act(chosen, [state[i] for i in rest])
        acted = {key: pick(name, k1, state[key])} | dict(zip(rest, others, strict=True))
        return [acted[i] for i in range(len(step.atoms))]

    def holds(values: Sequence[Term]) -> list[Term]:
        _, won, kept = split(values)
        return [*inner.holds(won), *inner.holds(kept)]

    word = step.types[key]
    lift = (value, *inner.lifts[0], *inner.lifts[1])
    types = (word, *inner.types, *inner.types)
    return stored(Summary(types, (lift,), mul, act, None, holds, leaves=inner.leaves, deciders=inner.deciders), False)


def _strict(step: Step, atom: Term, value: Term, name: str) -> bool:
    """Whether equal keys leave the state as it is: from the tests that compare the two."""
    for e in step.exprs:
        for test in tests(e):
            if head(test) in ("lt", "le") and set(arguments(test)[1]) == {atom, value}:
                new_is_high = arguments(test)[1][1] is value
                towards = new_is_high == (name == "max")
                return (head(test) == "lt") == towards
    return True


def _reverse(test: Term) -> Term:
    """The test that holds where `test` does not."""
    low, high = arguments(test)[1]
    return apply("le" if head(test) == "lt" else "lt", high, low)
