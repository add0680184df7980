"""Untrusted. Running means, variances, covariances, third and fourth moments (Welford): a chunk is summarised by its
own.

A component is a count, or a sum of weights; a running mean; or a moment about means. Which one it is, is found by
numbers: the step is computed at random rationals and compared with joining one element to the state. What is found
counts only once the laws are proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random

from hyperion.ir.types import I64, FloatType
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs import moment_sums, real_signs
from hyperion_proofs.derived import head
from hyperion_proofs.ladder.expressions import mentions
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.moment_sums import CUBE, FOURTH, KINDS, MEAN, PRODUCT, Kind
from hyperion_proofs.real_signs import ZERO
from hyperion_proofs.templates import NotLinear

_TRIALS = 6
_NOTHING = literals.real_lit(Fraction(0))


@dataclass(frozen=True)
class _Role:
    """What a component is: a moment of a kind, with the components of the means and moments that go into it."""

    kind: Kind
    at: tuple[int, ...]
    value: Term  # of one element


def moments(step: Step, identity: bool) -> Summary:
    """The rung."""
    if len(step.modes) > 1 or identity:
        raise NotLinear("a running mean under a test of the state is not understood")
    for count in range(len(step.atoms)):
        weight = _weight(step, count)
        roles = _roles(step, count, weight) if weight is not None else None
        if weight is not None and roles is not None:
            return _summary(step, count, weight, roles)
    raise NotLinear("no value of the state counts the elements of which others are the mean")


def _weight(step: Step, i: int) -> Term | None:
    """What is added to a count in each step, as a real; None where it is no count."""
    e, atom = step.exprs[i], step.atoms[i]
    name, (_, args) = head(e), arguments(e)
    if name not in ("add", "radd") or len(args) != 2 or atom not in args:
        return None
    other = args[1] if args[0] is atom else args[0]
    if mentions(other, step.atoms):
        return None
    if name == "radd":
        return other
    return other if step.types[i] == I64 and other.kind == "K" and literals.int_value(other) > 0 else None


def _real(x: Term) -> Term:
    return apply("toR", x) if x.type is t.INT else x


def _roles(step: Step, count: int, weight: Term) -> dict[int, _Role] | None:
    """The roles of all components but the count."""
    if not all(isinstance(ty, FloatType) for i, ty in enumerate(step.types) if i != count):
        return None
    waiting = [i for i in range(len(step.atoms)) if i != count]
    found: dict[int, _Role] = {}
    trials = [_Trial(step, count, weight, seed) for seed in range(_TRIALS)]
    for find in (_mean, _product, _cube, _fourth):
        for i in list(waiting):
            role = find(step, i, found, trials)
            if role is not None:
                found[i] = role
                waiting.remove(i)
    return None if waiting or not found else found


class _Trial:
    """Numbers for all values of one step."""

    def __init__(self, step: Step, count: int, weight: Term, seed: int) -> None:
        self._random = Random(seed)
        self._known: dict[Term, Fraction] = {}
        for i, atom in enumerate(step.atoms):
            number = self._random.randrange(1, 9) if i == count else self._random.randrange(-50, 50)
            self._known[atom] = Fraction(number)
        self.n, self.c = self(step.atoms[count]), abs(self(weight))

    def set(self, x: Term, number: Fraction) -> None:
        self._known[x] = number

    def __call__(self, x: Term) -> Fraction:
        if x not in self._known:
            self._known[x] = self._value(x)
        return self._known[x]

    def _value(self, x: Term) -> Fraction:
        _, args = arguments(x)
        match head(x), len(args):
            case (("add" | "radd"), 2):
                return self(args[0]) + self(args[1])
            case (("sub" | "rsub"), 2):
                return self(args[0]) - self(args[1])
            case (("mul" | "rmul"), 2):
                return self(args[0]) * self(args[1])
            case (("neg" | "rneg"), 1):
                return -self(args[0])
            case "rdiv", 2:
                divisor = self(args[1])
                return self(args[0]) / divisor if divisor else Fraction(0)
            case "toR", 1:
                return self(args[0])
            case _ if x.kind == "K":
                return Fraction(literals.int_value(x)) if x.type is t.INT else literals.real_value(x)
            case _:
                return Fraction(self._random.randrange(1, 60))


def _fits(step: Step, i: int, role: _Role, found: dict[int, _Role], trials: Sequence[_Trial]) -> bool:
    """Whether the step joins one element to the state as the role says."""
    old = [step.atoms[j] for j in (*role.at, i)]
    new = [*(found[j].value for j in role.at), role.value]
    n, c = t.var("count", t.REAL), t.var("weight", t.REAL)
    joined = role.kind.joined(n, c, apply("radd", n, c), old, new)

    def alike(trial: _Trial) -> bool:
        trial.set(n, trial.n)
        trial.set(c, trial.c)
        return trial(joined) == trial(step.exprs[i])

    return all(map(alike, trials))


def _mean(step: Step, i: int, found: dict[int, _Role], trials: Sequence[_Trial]) -> _Role | None:
    """A running mean of some expression of the element inside the step."""
    inside = [u for u in t.subterms(step.exprs[i]) if u.type is t.REAL and u.kind != "L" and not u.loose]
    for e in inside:
        role = _Role(MEAN, (), e)
        if not mentions(e, step.atoms) and _fits(step, i, role, found, trials):
            return role
    return None


def _product(step: Step, i: int, found: dict[int, _Role], trials: Sequence[_Trial]) -> _Role | None:
    """The sum of products of distances from two means, which may be the same."""
    means = [j for j, role in found.items() if role.kind is MEAN]
    return _first(step, i, found, trials, (_Role(PRODUCT, (j, m), _NOTHING) for j in means for m in means if j <= m))


def _cube(step: Step, i: int, found: dict[int, _Role], trials: Sequence[_Trial]) -> _Role | None:
    squares = [(j, role.at[0]) for j, role in found.items() if role.kind is PRODUCT and role.at[0] == role.at[1]]
    return _first(step, i, found, trials, (_Role(CUBE, (mean, j), _NOTHING) for j, mean in squares))


def _fourth(step: Step, i: int, found: dict[int, _Role], trials: Sequence[_Trial]) -> _Role | None:
    cubes = [(j, role.at) for j, role in found.items() if role.kind is CUBE]
    return _first(step, i, found, trials, (_Role(FOURTH, (*at, j), _NOTHING) for j, at in cubes))


def _first(
    step: Step, i: int, found: dict[int, _Role], trials: Sequence[_Trial], roles: Iterator[_Role]
) -> _Role | None:
    return next((role for role in roles if _fits(step, i, role, found, trials)), None)


def _summary(step: Step, count: int, weight: Term, roles: dict[int, _Role]) -> Summary:
    size = len(step.atoms)
    integer = step.types[count] == I64
    least = literals.int_lit(1) if integer else ZERO

    def joined(new: Sequence[Term], old: Sequence[Term]) -> list[Term]:
        whole = apply("add" if integer else "radd", old[count], new[count])
        n, c, both = _real(old[count]), _real(new[count]), _real(whole)
        result: list[Term] = []
        for i in range(size):
            if i == count:
                result.append(whole)
                continue
            role = roles[i]
            at = (*role.at, i)
            result.append(role.kind.joined(n, c, both, [old[j] for j in at], [new[j] for j in at]))
        return result

    def holds(values: Sequence[Term]) -> list[Term]:
        return [apply("le", least, values[count]) if integer else apply("rlt", ZERO, values[count])]

    def state_holds(state: Sequence[Term]) -> list[Term]:
        return [apply("le", literals.int_lit(0), state[count]) if integer else apply("rle", ZERO, state[count])]

    lift = tuple(weight if i == count else roles[i].value for i in range(size))
    needs = () if weight.kind == "K" else ((apply("rlt", ZERO, weight), TRUE),)
    informed = tuple(partial(moment_sums.equal, kind) for kind in KINDS.values())
    return Summary(
        step.types, (lift,), joined, joined, None, holds, state_holds,
        deciders=(real_signs.decide,), informed=informed, needs=needs,
    )  # fmt: skip
