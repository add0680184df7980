"""Untrusted. Extrema of floats, bit for bit, with something that goes with them.

The key of the state becomes the element's key where a comparison of the two says so, and what goes with it is decided
by the same comparison. Two kinds of loops do that, which differ where one of the two is a NaN:

    keep    if x > m: m = x        a NaN never wins; nothing wins over a NaN
    take    m = max(x, m)          a NaN wins, and everything wins over a NaN: `if not x < m: m = x`

A chunk is summarised by its best key and by what happens to the rest where that key wins, and where it does not. The
best key is chosen as the loop does. In the first kind a chunk that began with a NaN has the best of what follows. In
the second a chunk with a NaN wins whatever the state is, which takes a flag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.ir.types import BOOL, FloatType
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs import float_order
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import cond, either, mentions, negation, simplified
from hyperion_proofs.ladder.step import Solve, Step, Summary
from hyperion_proofs.templates import NotLinear


@dataclass(frozen=True)
class Contest:
    """When the element's key wins: `name` (flt or fle) of the two, the element's above or below; or, where `takes`,
    when that comparison, with the state's key on that side, fails."""

    name: str
    above: bool
    takes: bool

    def test(self, new: Term, old: Term) -> Term:
        """The comparison."""
        low, high = (old, new) if self.above else (new, old)
        return compared(self.name, low, high)


def number(x: Term) -> Term:
    """Whether x is no NaN: true of all reals, but not of the floats that stand for them."""
    return compared("feq", x, x)


def compared(name: str, a: Term, b: Term) -> Term:
    """flt, fle or feq of floats; rlt, rle or req of reals."""
    return apply(f"r{name[1:]}" if a.type is t.REAL else f"{name}.{a.type.name}", a, b)


def float_extremum(step: Step, solve: Solve, identity: bool) -> Summary:
    """The rung, for float keys."""
    if len(step.modes) > 1 or identity:
        raise NotLinear("an extremum under a test of the state is not understood")
    for key, ty in enumerate(step.types):
        found = _key(step.exprs[key], step.atoms[key], step) if isinstance(ty, FloatType) else None
        if found is not None:
            return _with_key(step, solve, key, *found)
    raise NotLinear("no value of the state is an extremum of floats")


def _key(e: Term, atom: Term, step: Step) -> tuple[Contest, Term] | None:
    """What decides, and the element's key."""
    if head(e) != "cond":
        return None
    test, a, b = arguments(e)[1]
    value = b if a is atom else a
    if atom not in (a, b) or mentions(value, step.atoms) or not float_order.is_test(test):
        return None
    low, high = arguments(test)[1]
    name = f"f{head(test).partition('.')[0][1:]}"
    if {low, high} != {value, atom} or name not in ("flt", "fle"):
        return None
    takes = a is atom
    return Contest(name, high is value, takes), value


def _with_key(step: Step, solve: Solve, key: int, contest: Contest, value: Term) -> Summary:
    atom = step.atoms[key]
    rest = [i for i in range(len(step.atoms)) if i != key]
    test, takes = contest.test(value, atom), contest.takes
    modes = [
        tuple(simplified(step.exprs[i], {test: FALSE if won == takes else TRUE}) for i in rest) for won in (True, False)
    ]
    if any(mentions(e, [atom]) for mode in modes for e in mode):
        raise NotLinear("what goes with an extremum depends on the extremum in another way")
    inner = solve(replace(step.part(rest), modes=tuple(modes)), False) if rest else _NOTHING
    size, flags = inner.size, 1 if takes else 0

    def split(values: Sequence[Term]) -> tuple[Term, Term, Sequence[Term], Sequence[Term]]:
        maps = values[1 + flags :]
        return values[0], values[1] if takes else FALSE, maps[:size], maps[size:]

    def wins(new: Term, old: Term, always: Term) -> Term:
        beats = contest.test(new, old)
        return either(always, negation(beats) if takes else beats)

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        (k1, all1, won1, kept1), (k0, all0, won0, kept0) = split(later), split(earlier)
        first = either(wins(k1, k0, all1), FALSE if takes else negation(number(k0)))
        chosen = [cond(first, a, b) for a, b in zip(won1, kept1, strict=True)]
        every = either(either(all1, all0), either(negation(number(k1)), negation(number(k0))))
        return [
            cond(first, k1, k0),
            *([every] if takes else []),
            *inner.mul(chosen, won0),
            *inner.mul(kept1, kept0),
        ]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        k1, always, won, kept = split(values)
        first = wins(k1, state[key], always)
        chosen = [cond(first, a, b) for a, b in zip(won, kept, strict=True)]
        others = inner.act(chosen, [state[i] for i in rest])
        acted = {key: cond(first, k1, state[key])} | dict(zip(rest, others, strict=True))
        return [acted[i] for i in range(len(step.atoms))]

    def holds(values: Sequence[Term]) -> list[Term]:
        _, _, won, kept = split(values)
        return [*inner.holds(won), *inner.holds(kept)]

    lift = (value, *([FALSE] if takes else []), *inner.lifts[0], *inner.lifts[1])
    types = (step.types[key], *([BOOL] if takes else []), *inner.types, *inner.types)
    deciders = (*inner.deciders, float_order.decide)
    return stored(Summary(types, (lift,), mul, act, None, holds, leaves=inner.leaves, deciders=deciders), False)


def _no_values(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
    return []


_NOTHING = Summary((), ((), ()), _no_values, _no_values)
