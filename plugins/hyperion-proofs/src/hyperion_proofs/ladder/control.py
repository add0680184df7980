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
    """Positions in the state, and the values that each may have. Summaries store values as binary digits of their
    numbers, the highest first."""

    positions: tuple[int, ...]
    domains: tuple[tuple[Term, ...], ...]

    @property
    def cases(self) -> list[tuple[Term, ...]]:
        return list(valuations(*self.domains))

    @property
    def width(self) -> int:
        return sum(map(_digits, self.domains))

    def encoded(self, values: Sequence[Term]) -> list[Term]:
        return [bit for e, domain in zip(values, self.domains, strict=True) for bit in _encoded(e, domain)]

    def decoded(self, bits: Sequence[Term]) -> list[Term]:
        return [_multiplexed(own, domain) for own, domain in zip(self._split(bits), self.domains, strict=True)]

    def towards(self, bits: Sequence[Term], choices: Sequence[Term]) -> Term:
        """The choice for the case that stored values are."""
        parts = self._split(bits)
        result = list(choices)
        for own, domain in reversed(list(zip(parts, self.domains, strict=True))):
            size = len(domain)
            result = [_multiplexed(own, result[i : i + size]) for i in range(0, len(result), size)]
        return result[0]

    def now(self, state: Sequence[Term], choices: Sequence[Term]) -> Term:
        """The choice for the case that values of the state are."""
        return _chosen(state, self.domains, choices)

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

    def _split(self, bits: Sequence[Term]) -> list[Sequence[Term]]:
        found: list[Sequence[Term]] = []
        for domain in self.domains:
            found.append(bits[: _digits(domain)])
            bits = bits[_digits(domain) :]
        return found


def _digits(domain: Sequence[Term]) -> int:
    return (len(domain) - 1).bit_length()


def _encoded(e: Term, domain: Sequence[Term]) -> list[Term]:
    """The digits of the number of a value, which is a tree of conditionals over values."""
    if domain[0] is FALSE:
        return [e]
    if e in domain:
        number, digits = domain.index(e), _digits(domain)
        return [TRUE if number >> (digits - 1 - i) & 1 else FALSE for i in range(digits)]
    c, a, b = arguments(e)[1]
    return [cond(c, u, v) for u, v in zip(_encoded(a, domain), _encoded(b, domain), strict=True)]


def _multiplexed(bits: Sequence[Term], choices: Sequence[Term]) -> Term:
    """The choice with the number that the digits are; the last one for larger numbers."""
    if not bits:
        return choices[0]
    half = 1 << (len(bits) - 1)
    low = _multiplexed(bits[1:], choices[:half])
    high = _multiplexed(bits[1:], choices[half:] or choices[-1:])
    return cond(bits[0], high, low)


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
    width, size = controls.width, inner.size if inner else 0
    types: list[Type] = [*[BOOL] * width, *(inner.types if inner else ())] * len(cases)

    def split(values: Sequence[Term]) -> list[tuple[Sequence[Term], Sequence[Term]]]:
        each = width + size
        return [
            (values[i * each : i * each + width], values[i * each + width : (i + 1) * each]) for i in range(len(cases))
        ]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        after, found = split(later), list[Term]()
        for bits, m in split(earlier):
            found += [controls.towards(bits, column) for column in zip(*(next_ for next_, _ in after), strict=True)]
            if inner:
                chosen = [controls.towards(bits, column) for column in zip(*(n for _, n in after), strict=True)]
                found += inner.mul(chosen, m)
        return found

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        now = [state[i] for i in positions]
        parts = split(values)
        bits = [controls.now(now, column) for column in zip(*(own for own, _ in parts), strict=True)]
        acted = dict(zip(positions, controls.decoded(bits), strict=True))
        if inner:
            chosen = [controls.now(now, column) for column in zip(*(m for _, m in parts), strict=True)]
            acted |= zip(rest, inner.act(chosen, [state[i] for i in rest]), strict=True)
        return [acted[i] for i in range(len(step.atoms))]

    def holds(values: Sequence[Term]) -> list[Term]:
        return [c for _, m in split(values) for c in inner.holds(m)] if inner else []

    def state_holds(state: Sequence[Term]) -> list[Term]:
        found = controls.inside([state[i] for i in positions])
        return [*found, *inner.state_holds([state[i] for i in rest])] if inner else found

    lifts = [
        tuple(
            v
            for number, new in enumerate(mode)
            for v in (
                *controls.encoded([new[i] for i in positions]),
                *(inner.lifts[m * len(cases) + number] if inner else ()),
            )
        )
        for m, mode in enumerate(decided)
    ]
    unit = None
    if inner is None or inner.identity is not None:
        unit = tuple(v for case in cases for v in (*controls.encoded(case), *((inner.identity or ()) if inner else ())))
    leaves, deciders = (inner.leaves, inner.deciders) if inner else ((), ())
    numbers = {i: domain for i, domain in zip(positions, controls.domains, strict=True) if step.types[i] != BOOL}
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
        state_fixed=frozenset(numbers),
        largest=max((abs(literals.int_value(d)) for domain in numbers.values() for d in domain), default=0),
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
