"""Untrusted. Clamped sums: the state is shifted, then kept above one bound and below another.

`min(max(s + a, low), high)` of `min(max(s + b, low'), high')` has the same form. Either bound may be absent, in some
elements or in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.types import BOOL, IntType
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.constants import stored
from hyperion_proofs.ladder.expressions import ZERO, add, cond, either, mentions, pick
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear

Bound = tuple[Term, Term]
"""Whether there is one, and which."""
NONE: Bound = (FALSE, ZERO)


@dataclass(frozen=True)
class Clamp:
    """s becomes min(max(s + shift, low), high)."""

    shift: Term
    low: Bound
    high: Bound

    def values(self) -> list[Term]:
        return [self.shift, *self.low, *self.high]

    def then(self, later: Clamp) -> Clamp:
        low = _joined("max", _shifted(self.low, later.shift), later.low)
        raised = _moved("max", _shifted(self.high, later.shift), later.low)
        return Clamp(add(later.shift, self.shift), low, _joined("min", raised, later.high))

    def of(self, s: Term) -> Term:
        moved = add(self.shift, s)
        for name, (present, bound) in (("max", self.low), ("min", self.high)):
            moved = cond(present, pick(name, bound, moved), moved)
        return moved


def clamps(step: Step, identity: bool) -> Summary:
    """The rung: one integer that is clamped."""
    if len(step.atoms) != 1 or not isinstance(step.types[0], IntType):
        raise NotLinear("no single integer is clamped")
    (atom,) = step.atoms
    maps = [_read(e, atom) for (e,) in step.modes]
    word = step.types[0]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        return _clamp(earlier).then(_clamp(later)).values()

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return [_clamp(values).of(state[0])]

    types = (word, BOOL, word, BOOL, word)
    unit = Clamp(ZERO, NONE, NONE)
    whole = Summary(types, tuple(tuple(m.values()) for m in maps), mul, act, tuple(unit.values()))
    return stored(whole, identity)


def _clamp(values: Sequence[Term]) -> Clamp:
    shift, some_low, low, some_high, high = values
    return Clamp(shift, (some_low, low), (some_high, high))


def _read(e: Term, atom: Term) -> Clamp:
    if e is atom:
        return Clamp(ZERO, NONE, NONE)
    if not mentions(e, [atom]):
        return Clamp(ZERO, (TRUE, e), (TRUE, e))
    name, (_, args) = head(e), arguments(e)
    if name in ("max", "min", "add"):
        inner, by = args if mentions(args[0], [atom]) else (args[1], args[0])
        if mentions(by, [atom]):
            raise NotLinear("the state is combined with itself")
        last = {
            "add": Clamp(by, NONE, NONE),
            "max": Clamp(ZERO, (TRUE, by), NONE),
            "min": Clamp(ZERO, NONE, (TRUE, by)),
        }
        return _read(inner, atom).then(last[name])
    if name == "sub" and not mentions(args[1], [atom]):
        return _read(args[0], atom).then(Clamp(apply("neg", args[1]), NONE, NONE))
    if name == "cond" and not mentions(args[0], [atom]):
        a, b = _read(args[1], atom), _read(args[2], atom)
        chosen = [_chosen(args[0], u, v) for u, v in ((a.low, b.low), (a.high, b.high))]
        return Clamp(cond(args[0], a.shift, b.shift), *chosen)
    raise NotLinear(f"the state goes through `{name}`, which is no clamp")


def _shifted(bound: Bound, by: Term) -> Bound:
    return NONE if bound[0] is FALSE else (bound[0], add(bound[1], by))


def _joined(name: str, a: Bound, b: Bound) -> Bound:
    """The tighter of two bounds."""
    if a[0] is FALSE or b[0] is FALSE:
        return b if a[0] is FALSE else a
    return either(a[0], b[0]), cond(a[0], cond(b[0], pick(name, a[1], b[1]), a[1]), b[1])


def _moved(name: str, a: Bound, b: Bound) -> Bound:
    """`a`, moved to `b` where that lies beyond it."""
    return (a[0], cond(b[0], pick(name, a[1], b[1]), a[1])) if a[0] is not FALSE else NONE


def _chosen(c: Term, a: Bound, b: Bound) -> Bound:
    value = b[1] if a[0] is FALSE else a[1] if b[0] is FALSE else cond(c, a[1], b[1])
    return cond(c, a[0], b[0]), value
