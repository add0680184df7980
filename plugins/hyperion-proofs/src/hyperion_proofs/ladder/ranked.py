"""Untrusted. The k largest (or smallest) values, in order: an element is inserted where it belongs.

The k largest of two ranked lists a and s are, at place j, the maximum of a[j], s[j] and of all min(a[i], s[l]) with
i + l = j - 1 counted from 0. The state must be ranked when the loop is entered. That the step is an insertion is found
by trying it on numbers; the laws prove it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations
from random import Random

from hyperion.ir.types import IntType
from hyperion.logic import literals
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.expressions import mentions, pick, simplified
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear

MOST = 4
TRIALS = 60


def ranked(step: Step, identity: bool) -> Summary:
    """The rung."""
    count = len(step.atoms)
    if len(step.modes) > 1 or identity or not 2 <= count <= MOST:
        raise NotLinear("the state is no short ranking")
    if any(ty != step.types[0] or not isinstance(ty, IntType) for ty in step.types):
        raise NotLinear("the state is no ranking of integers")
    word = step.types[0]
    assert isinstance(word, IntType)
    for i, e in enumerate(step.exprs):
        name, value = _inserted(e, step.atoms[i], step.atoms)
        if value is None:
            continue
        others = [j for j in range(count) if j != i]
        for order in permutations(others):
            if _inserts(step, [i, *order], name, value):
                return _summary(step, [i, *order], name, value, word)
    raise NotLinear("the state is no ranking")


def _inserted(e: Term, atom: Term, atoms: Sequence[Term]) -> tuple[str, Term | None]:
    name, (_, args) = head(e), arguments(e)
    if name in ("max", "min") and atom in args:
        other = args[1] if args[0] is atom else args[0]
        if not mentions(other, atoms):
            return name, other
    return "", None


def _inserts(step: Step, order: Sequence[int], name: str, value: Term) -> bool:
    """Whether the step inserts `value` into a state that is ranked in this order, on random numbers."""
    random = Random(len(order))
    for _ in range(TRIALS):
        numbers = sorted((random.randint(-3, 3) for _ in order), reverse=name == "max")
        new = random.randint(-4, 4)
        known = {value: literals.int_lit(new)}
        known |= {step.atoms[i]: literals.int_lit(n) for i, n in zip(order, numbers, strict=True)}
        found = [simplified(step.exprs[i], known) for i in order]
        if any(f.kind != "K" for f in found):
            return False
        wanted = sorted([*numbers, new], reverse=name == "max")[: len(order)]
        if [literals.int_value(f) for f in found] != wanted:
            return False
    return True


def _summary(step: Step, order: Sequence[int], name: str, value: Term, word: IntType) -> Summary:
    other = "min" if name == "max" else "max"
    worst = literals.int_lit(word.minimum if name == "max" else word.maximum)
    count = len(order)

    def merged(a: Sequence[Term], s: Sequence[Term]) -> list[Term]:
        found: list[Term] = []
        for j in range(count):
            best = pick(name, a[j], s[j])
            for i in range(j):
                best = pick(name, best, pick(other, a[i], s[j - 1 - i]))
            found.append(best)
        return found

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        acted = dict(zip(order, merged(values, [state[i] for i in order]), strict=True))
        return [acted[i] for i in range(count)]

    def holds(values: Sequence[Term]) -> list[Term]:
        return [apply("le", *((b, a) if name == "max" else (a, b))) for a, b in pairwise(values)]

    def state_holds(state: Sequence[Term]) -> list[Term]:
        return holds([state[i] for i in order])

    lift = (value, *[worst] * (count - 1))
    return Summary((word,) * count, (lift,), merged, act, None, holds, state_holds)
