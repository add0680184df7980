"""Untrusted. Extrema with something that goes with them: positions, counts, other values of the element.

The key of the state becomes the larger (or smaller) of itself and the element's key. Whether the element's wins, ties
or loses decides what happens to the rest of the state. A chunk is summarised by its largest key and by what happens to
the rest in each of the three cases. Where a later chunk's key wins over an earlier one's, it also wins over every state
that the earlier one won over or tied with; so three maps suffice, if the winning map forgets what the others keep.
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
from hyperion_proofs.ladder.expressions import cond, mentions, pick, simplified
from hyperion_proofs.ladder.step import Solve, Step, Summary
from hyperion_proofs.templates import NotLinear

WINS, TIES, LOSES = range(3)
_NOTHING = Summary((), ((),) * 3, lambda _later, _earlier: [], lambda _values, _state: [], None, lambda _values: [])


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

    def beats(new: Term, old: Term) -> Term:
        return apply("lt", *((old, new) if name == "max" else (new, old)))

    modes = [tuple(simplified(step.exprs[i], _known(atom, value, name, how)) for i in rest) for how in range(3)]
    for mode in modes:
        if any(mentions(e, [atom]) for e in mode):
            raise NotLinear("what goes with an extremum depends on the extremum in another way")
    inner = solve(replace(step.part(rest), modes=tuple(modes)), False) if rest else _NOTHING
    size = inner.size

    def split(values: Sequence[Term]) -> tuple[Term, list[Sequence[Term]]]:
        return values[0], [values[1 + i * size : 1 + (i + 1) * size] for i in range(3)]

    def met(new: Term, old: Term, maps: Sequence[Sequence[Term]]) -> list[Term]:
        """The map for a new key that meets an old one."""
        wins, loses = beats(new, old), beats(old, new)
        return [cond(wins, won, cond(loses, lost, tied)) for won, tied, lost in zip(*maps, strict=True)]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        (k1, after), (k0, before) = split(later), split(earlier)
        wins = beats(k1, k0)
        found = [pick(name, k1, k0), *inner.mul(met(k1, k0, after), before[WINS])]
        late = [cond(beats(k0, k1), lost, tied) for tied, lost in zip(after[TIES], after[LOSES], strict=True)]
        early = [cond(wins, lost, tied) for tied, lost in zip(before[TIES], before[LOSES], strict=True)]
        return [*found, *inner.mul(late, early), *inner.mul(after[LOSES], before[LOSES])]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        k1, maps = split(values)
        others = inner.act(met(k1, state[key], maps), [state[i] for i in rest])
        acted = {key: pick(name, k1, state[key])} | dict(zip(rest, others, strict=True))
        return [acted[i] for i in range(len(step.atoms))]

    def holds(values: Sequence[Term]) -> list[Term]:
        return [c for m in split(values)[1] for c in inner.holds(m)]

    lift = (value, *(v for m in inner.lifts for v in m))
    types = (step.types[key], *inner.types * 3)
    whole = Summary(types, (lift,), mul, act, None, holds, leaves=inner.leaves, deciders=inner.deciders)
    return stored(whole, False)


def _known(atom: Term, value: Term, name: str, how: int) -> dict[Term, Term]:
    """Every test that compares the two, decided."""
    low, high = (atom, value) if name == "max" else (value, atom)  # low < high where the element wins
    truth = {
        apply("lt", low, high): how == WINS,
        apply("le", low, high): how != LOSES,
        apply("lt", high, low): how == LOSES,
        apply("le", high, low): how != WINS,
        apply("eq", low, high): how == TIES,
        apply("eq", high, low): how == TIES,
    }
    return {test: TRUE if holds else FALSE for test, holds in truth.items()}
