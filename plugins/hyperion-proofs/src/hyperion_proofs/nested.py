"""Untrusted. A loop inside another loop or branch, made shorter or parallel in its place.

    |- denote(the inner loop alone) = denote(its short form)
    ----------------------------------------------------------------------------------
    |- denote(function) = denote(the function with the short form in the loop's place)

The inner loop alone is a function of the values that it uses. What is proved of it holds of every values, so also under
the binders of the loops around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count

from hyperion.ir.function import Equation, Function, Region, Value, values_of
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.denote import denote
from hyperion.logic.derived import match
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, at, replace_all
from hyperion_proofs.emission import Names

Path = tuple[tuple[int, int], ...]
"""Through which region of which equation one comes to a block."""
Derive = Callable[[Function, int], tuple[Function, Theorem, str]]
Alone = tuple[Function, int]


@dataclass(frozen=True)
class Place:
    """The equation at `index` of the block at `path`; `constants` are the literals that are defined before it."""

    path: Path
    index: int
    equation: Equation
    constants: Mapping[Value, Equation]


def place_of(function: Function, equation: Equation) -> Place:
    """Where an equation is that is inside another."""
    return next(p for p in places(function, equation.op) if p.equation == equation)


def places(function: Function, op: str) -> list[Place]:
    """The equations of one op that are inside others, innermost first."""
    found: list[Place] = []

    def block(equations: Sequence[Equation], path: Path, known: dict[Value, Equation]) -> None:
        known = dict(known)
        for i, e in enumerate(equations):
            if e.op == "const":
                known[e.result] = e
            for j, region in enumerate(e.regions):
                block(region.equations, (*path, (i, j)), known)
            if e.op == op and path:
                found.append(Place(path, i, e, known))

    block(function.equations, (), {})
    return found


def without(function: Function, place: Place) -> Function:
    """The function with the equation at `place` left out: no valid function, but its cost can be read off."""
    return replace(function, equations=put(function.equations, place, ()))


def shortened_inside(function: Function, place: Place, derive: Derive) -> tuple[Function, Theorem, str]:
    """The function with the loop at `place` in short form, the theorem that it is equal, and what `derive` says. Raises
    what `derive` does."""
    loop, index = alone(function, place)
    short, theorem, text = derive(loop, index)
    names = Names({v.name for v in values_of(function)})
    changed = replace(function, equations=put(function.equations, place, _in_place(short, place, loop, names)))
    return changed, _put_proved(denote(function), denote(changed), theorem, loop.parameters), text


def _put_proved(before: Term, after: Term, theorem: Theorem, parameters: Sequence[Value]) -> Theorem:
    """|- before = after. First only where parameters have variables: the loop at written values may stand elsewhere, as
    a version for a coefficient that is 1. Then in one place alone, where others run such a loop on other values."""
    for closed in (False, True):
        with suppress(NoProof):
            proved = in_all_places(before, theorem, parameters, closed)
            if proved.right is after:
                return proved
    for proved in in_each_place(before, _of_any_values(theorem, parameters)):
        if proved.right is after:
            return proved
    raise NoProof("the short form's place in the function was lost")


def alone(function: Function, place: Place, known: Sequence[Equation] = (), more: Sequence[Value] = ()) -> Alone:
    """The loop as a function of the values that it uses, and of `more`, and where in it the loop is; literals, those of
    `known` too, are its own."""
    used = dict.fromkeys((*free(place.equation), *more))
    constants = {**place.constants, **{e.result: e for e in known}}
    literals = tuple(constants[v] for v in used if v in constants)
    parameters = tuple(v for v in used if v not in constants)
    equations = (*literals, place.equation)
    return replace(function, parameters=parameters, equations=equations, results=place.equation.results), len(literals)


def free(e: Equation) -> Iterator[Value]:
    """The values of the surroundings that an equation uses."""
    yield from e.operands
    for region in e.regions:
        yield from captured(region)


def captured(region: Region) -> Iterator[Value]:
    """The values of the surroundings that a region uses."""
    own = set(region.parameters)
    for inner in region.equations:
        yield from (v for v in free(inner) if v not in own)
        own.update(inner.results)
    yield from (v for v in region.results if v not in own)


def _in_place(short: Function, place: Place, loop: Function, names: Names) -> tuple[Equation, ...]:
    """The equations of the short form with names of their own, but for the loop's results and literals before it."""
    literals = {e.result for e in loop.equations[:-1]}
    own = tuple(e for e in short.equations if not (e.op == "const" and e.result in literals))
    if not own or short.results != own[-1].results:
        raise NoProof("the short form is no equation with the loop's results")
    copied = names.copy(Region((), own, short.results)).equations
    return (*copied[:-1], replace(copied[-1], results=place.equation.results))


def put(equations: Sequence[Equation], place: Place, made: Sequence[Equation]) -> tuple[Equation, ...]:
    """A function's equations with others in the place of one that is inside them."""

    def block(equations: Sequence[Equation], path: Path) -> tuple[Equation, ...]:
        if not path:
            return (*equations[: place.index], *made, *equations[place.index + 1 :])
        (i, j), e = path[0], equations[path[0][0]]
        region = replace(e.regions[j], equations=block(e.regions[j].equations, path[1:]))
        return (*equations[:i], replace(e, regions=(*e.regions[:j], region, *e.regions[j + 1 :])), *equations[i + 1 :])

    return block(equations, place.path)


def in_all_places(x: Term, theorem: Theorem, parameters: Sequence[Value], closed: bool = True) -> Theorem:
    """|- x = x with the loop's outcome replaced, from |- (\\parameters. outcome) = (\\parameters. other); where
    parameters have no variables too if `closed`."""
    opened = _of_any_values(theorem, parameters)
    proved = replace_all(x, lambda u: _fitting(opened, u, closed))
    if proved is None:
        raise NoProof("the loop is not where it was")
    return proved


def in_each_place(x: Term, opened: Theorem) -> Iterator[Theorem]:
    """|- x = x with such an outcome replaced, from |- outcome = other, for each one alone that x runs."""
    for turn in count():
        seen = 0

        def rule(u: Term, turn: int = turn) -> Theorem | None:
            nonlocal seen
            found = _fitting(opened, u)
            seen += found is not None
            return found if seen == turn + 1 else None

        proved = replace_all(x, rule)
        if proved is None:
            return
        yield proved


def _of_any_values(theorem: Theorem, parameters: Sequence[Value]) -> Theorem:
    """|- outcome = other, of variables for the parameters."""
    variables: list[Term] = []
    left = theorem.left
    for p in parameters:
        variables.append(t.var(f"inner.{p.name}", left.bound_type))
        left = left.body
    return at(theorem, *variables)


def _fitting(opened: Theorem, x: Term, closed: bool = True) -> Theorem | None:
    """|- x = the other one, where x is such an outcome, of values that have variables unless it may be `closed`."""
    found: dict[Term, Term] = {}
    fits = x.type is opened.left.type and match(opened.left, x, found, {})
    fits = fits and (closed or all(y.free for y in found.values()))
    return k.inst(found, opened) if fits else None
