"""Values to try before z3 searches: for floats, which z3 turns into circuits of gates, a guess is often enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product
from random import Random

from hyperion_z3.solver import Z3, z3
from hyperion_z3.translation import Translation

SPECIAL = (1.0, -0.0, 0.0, 2.0, -1.5, float("nan"), float("inf"), float("-inf"), 0.1, 3.0)
TRIES = 60


@dataclass(frozen=True)
class Sample:
    """A choice of values, which evaluates like a model of z3."""

    choice: Sequence[tuple[Z3, Z3]]

    def eval(self, x: Z3, _: bool = True) -> Z3:
        return z3.simplify(z3.substitute(x, *self.choice))


def sample(translation: Translation, said: Sequence[Z3]) -> Sample | None:
    """A choice of floats for which everything that is said holds, where all variables are floats."""
    variables = list(translation.variables.values())
    if not variables or not all(z3.is_expr(v) and z3.is_fp(v) for v in variables):
        return None
    random = Random(0)
    every = list(islice(product(SPECIAL, repeat=len(variables)), 100_000))
    whole = z3.And(*said) if len(said) > 1 else said[0]
    for values in random.sample(every, min(TRIES, len(every))):
        choice = [
            (v, z3.FPVal(value, v.sort(), ctx=translation.where)) for v, value in zip(variables, values, strict=True)
        ]
        found = Sample(choice)
        if z3.is_true(found.eval(whole)):
            return found
    return None
