"""Untrusted. Rows over (max, +) where some components of the state enter with a minus sign.

`best = max(best, x - low)` and `low = min(low, x)` are linear over (max, +) in best and -low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from hyperion.ir.types import IntType
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.expressions import add, cond, mentions, pick
from hyperion_proofs.ladder.rows import rows
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear

MOST = 4


def signs(step: Step, identity: bool) -> Summary:
    """The rung: the first choice of signs that makes every mode linear."""
    count = len(step.atoms)
    if count > MOST or any(not isinstance(ty, IntType) for ty in step.types):
        raise NotLinear("the state has other values than a few integers")
    for size in range(1, count):
        for negative in combinations(range(count), size):
            try:
                return _signed(step, frozenset(negative), identity)
            except NotLinear:
                continue
    raise NotLinear("no choice of signs makes the step linear over (max, +)")


def _signed(step: Step, negative: frozenset[int], identity: bool) -> Summary:
    own = tuple(t.var(f"signed.{i}", t.INT) for i in range(len(step.atoms)))
    reader = _Reader(step.atoms, own, negative)
    modes = tuple(tuple(reader.read(e, i in negative) for i, e in enumerate(mode)) for mode in step.modes)
    plain = rows(replace(step, atoms=own, modes=modes), "max", identity)

    def turned(values: Sequence[Term]) -> list[Term]:
        return [negated(v) if i in negative else v for i, v in enumerate(values)]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        return turned(plain.act(values, turned(state)))

    return replace(plain, act=act)


class _Reader:
    """Expressions in the signed components: with their sign where `minus`, turned around."""

    def __init__(self, atoms: Sequence[Term], own: Sequence[Term], negative: frozenset[int]) -> None:
        self._atoms = tuple(atoms)
        self._own = tuple(own)
        self._negative = negative

    def read(self, e: Term, minus: bool) -> Term:
        if e in self._atoms:
            i = self._atoms.index(e)
            if (i in self._negative) != minus:
                raise NotLinear("a value of the state enters with the other sign")
            return self._own[i]
        if not mentions(e, self._atoms):
            return negated(e) if minus else e
        name, (_, args) = head(e), arguments(e)
        match name:
            case "max" | "min":
                other = {"max": "min", "min": "max"}[name] if minus else name
                return pick(other, self.read(args[0], minus), self.read(args[1], minus))
            case "add":
                return add(self.read(args[0], minus), self.read(args[1], minus))
            case "sub":
                return add(self.read(args[0], minus), self.read(args[1], not minus))
            case "neg":
                return self.read(args[0], not minus)
            case "cond" if not mentions(args[0], self._atoms):
                return cond(args[0], self.read(args[1], minus), self.read(args[2], minus))
            case _:
                raise NotLinear(f"the state goes through `{name}`, which is not linear over (max, +)")


def negated(e: Term) -> Term:
    """-e, with the sign pushed to the leaves."""
    name, (_, args) = head(e), arguments(e)
    match name:
        case "neg":
            return args[0]
        case "max" | "min":
            return pick("min" if name == "max" else "max", negated(args[0]), negated(args[1]))
        case "add":
            return add(negated(args[0]), negated(args[1]))
        case "cond" if e.type is t.INT:
            return cond(args[0], negated(args[1]), negated(args[2]))
        case _:
            return literals.int_lit(-literals.int_value(e)) if e.kind == "K" else apply("neg", e)
