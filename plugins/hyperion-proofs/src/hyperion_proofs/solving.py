"""Untrusted. A counting loop's state as polynomials in the number of steps: no proofs, only what to prove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counted import Counted, literal_word
from hyperion_proofs.evaluate import Evaluator
from hyperion_proofs.polynomials import INDEX, Polynomial, Powers, atom, polynomial
from hyperion_proofs.quotients import divides

HIGHEST = 6
"""The highest degree of a closed form."""


@dataclass(frozen=True)
class Quotient:
    """The polynomial `dividend`, which has integer coefficients, divided by `divisor` without remainder."""

    dividend: Polynomial
    divisor: int

    def term(self, x: Term) -> Term:
        """Its value at the index x."""
        value = self.dividend.horner(INDEX, x)
        return value if self.divisor == 1 else apply("floordiv", value, literals.int_lit(self.divisor))

    @property
    def size(self) -> tuple[int, int]:
        """The divisor and the degree."""
        return self.divisor, max(self.dividend.by_powers(INDEX), default=0)

    @property
    def rational(self) -> Polynomial:
        return self.dividend.scaled(Fraction(1, self.divisor))


def assuming(word: str, e: Term) -> Theorem | None:
    """Takes every sum of i64 for in range: what is assumed is to be proved."""
    return k.assume(apply(f"inr.{word}", e), TRUE) if word == "i64" else None


def solve(counted: Counted) -> list[Quotient]:
    """The state after INDEX steps, component by component. Raises Refused where it is no polynomial."""
    span = counted.equation.span
    count = len(counted.inits)
    s, x = t.var("s", counted.state.type), t.var("x", counted.step.body.bound_type)
    outcome = Evaluator(assuming, state=s)(t.app(counted.step, s, x)).right
    if head(outcome) != "ok":
        raise Refused("a step may trap for another reason than the range of its sums, such as % or // or an index")
    parts, old = untuple(outcome.argument, count), untuple(s, count)
    if any(p.type.name != "i64" for p in parts):
        raise Refused("the state is not of 64-bit integers only, so it has no closed form yet", span=span)
    atoms = {apply("toZ.i64", u): j for j, u in enumerate(old)}
    reader = _Reader(apply("toZ.i64", x), _element(counted))
    steps = [polynomial(literal_or_value(p)) for p in parts]
    solved: dict[Term, Polynomial] = {}
    found: dict[int, Quotient] = {}
    while len(found) < count:
        ready = [z for z, j in atoms.items() if j not in found and _depends(steps[j], z, solved, atoms)]
        if not ready:
            raise _unsolved(steps, atoms, found, counted)
        for z in ready:
            j = atoms[z]
            added = reader.read(steps[j] - atom(z)).substituted(solved)
            _only_known(added, s, x, counted)
            start = polynomial(literal_word(untuple(counted.state, count)[j]))
            closed = start + added.summed(INDEX)
            if max(closed.by_powers(INDEX), default=0) > HIGHEST:
                raise Refused(f"the closed form is of a degree above {HIGHEST}", span=span)
            solved[z] = closed
            found[j] = Quotient(closed.scaled(closed.denominator), closed.denominator)
    return [found[j] for j in range(count)]


def literal_or_value(x: Term) -> Term:
    """The integer expression that a word is made of."""
    return x.argument if head(x) == "ofZ.i64" else apply("toZ.i64", x)


def _element(counted: Counted) -> Polynomial:
    """The element of the step INDEX."""
    word = Evaluator(assuming)(t.app(counted.element, INDEX)).right
    return polynomial(literal_or_value(word))


class _Reader:
    """Puts the element's polynomial for the element, and reads quotients that leave no remainder."""

    def __init__(self, x: Term, element: Polynomial) -> None:
        self._x = x
        self._element = element

    def read(self, p: Polynomial) -> Polynomial:
        values = {self._x: self._element}
        for a in p.atoms:
            if head(a) == "floordiv" and a.argument.kind == "K":
                divisor = literals.int_value(a.argument)
                dividend = self.read(polynomial(arguments(a)[1][0]))
                if divisor > 0 and divides(dividend, divisor, INDEX):
                    values[a] = dividend.scaled(Fraction(1, divisor))
        return p.substituted(values)


def _depends(p: Polynomial, own: Term, solved: dict[Term, Polynomial], atoms: dict[Term, int]) -> bool:
    """Whether the new value is the old one plus what is known already."""
    rest = p - atom(own)
    return not any(a in atoms and a not in solved for a in _inner_atoms(rest, atoms))


def _inner_atoms(p: Polynomial, atoms: dict[Term, int]) -> set[Term]:
    return {u for a in p.atoms for u in t.subterms(a) if u in atoms}


def _only_known(p: Polynomial, s: Term, x: Term, counted: Counted) -> None:
    for a in p.atoms:
        if s in a.free or x in a.free or (INDEX in a.free and a is not INDEX):
            name = head(a).partition(".")[0] or "a value"
            raise Refused(
                f"a step takes `{name}` of the counter or the state, which is no polynomial in the number of steps",
                span=counted.equation.span,
            )


def _unsolved(
    steps: Sequence[Polynomial], atoms: dict[Term, int], found: dict[int, Quotient], counted: Counted
) -> Refused:
    """Why no further component is a running sum."""
    span = counted.equation.span
    for z, j in atoms.items():
        if j in found:
            continue
        own = [powers for powers in steps[j].monomials if any(a is z for a, _ in powers)]
        if any(dict(powers)[z] > 1 or _states(powers, atoms) > 1 for powers in own):
            return Refused(
                "two values of the state are multiplied, so the state is no polynomial in the number of steps and no "
                "power of a linear map",
                span=span,
            )
        if any(len(powers) > 1 for powers in own):
            return Refused(
                "the state is multiplied by a value that may change or grow it in every step: under trapping it leaves "
                'the range within a few steps, or not at all; overflow="wrap" takes it as a power',
                span=span,
            )
        if own and steps[j].monomials[own[0]] != 1:
            return Refused(
                "the state is multiplied by a constant in every step, so it grows geometrically and traps within a few "
                'steps where it is not at a fixed point; overflow="wrap" takes it as a power',
                span=span,
            )
    return Refused(
        "the values of the state depend on each other in a circle, as those of a linear recurrence do, which has no "
        'polynomial closed form; overflow="wrap", or remainders, take it as a power',
        span=span,
    )


def _states(powers: Powers, atoms: dict[Term, int]) -> int:
    return sum(e for a, e in powers if a in atoms)
