"""Untrusted. Memory of the element before: components whose new value depends on the element only.

What the first element of a chunk does to the rest of the state depends on a value from before the chunk; what every
later one does, does not. So a chunk is summarised by its first element, by what it remembers of its last one, and by
the summary of all its elements but the first. What is memory of the one before the last, is memory of the last to the
rest of the state: to it, an element comes with what is remembered of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hyperion.ir.types import Type
from hyperion.logic.terms import Term
from hyperion_proofs.ladder.expressions import mentions, simplified
from hyperion_proofs.ladder.optional import nothing_of, optional
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear

Parts = Sequence[tuple[Term, Type]]


def memory(step: Step, solve: Callable[[Step, bool, Parts], Summary], first: Parts, identity: bool) -> Summary:
    """The rung. `first` are the parts of an element that expressions use, with their types; `solve` is told them."""
    held = [i for i in range(len(step.atoms)) if not any(mentions(mode[i], step.atoms) for mode in step.modes)]
    rest = [i for i in range(len(step.atoms)) if i not in held]
    if not held:
        raise NotLinear("nothing in the state is memory of the last element")
    if len(step.modes) > 1:
        raise NotLinear("memory of the last element under a test of the state is not understood")
    remembered = [step.exprs[i] for i in held]
    types = [step.types[i] for i in held]
    atoms = [step.atoms[i] for i in held]
    if not rest:
        found = Summary(tuple(types), (tuple(remembered),), lambda a, b: list(a), lambda a, s: list(a))
        return optional(found, [nothing_of(a.type) for a in atoms]) if identity else found
    inner = solve(step.part(rest), True, [*first, *zip(atoms, types, strict=True)])
    if inner.identity is None:
        raise NotLinear("what happens to the rest of the state has no summary that changes nothing")
    unit, width, count = inner.identity, len(first), len(held)

    def lifted(before: Sequence[Term], element: Sequence[Term]) -> list[Term]:
        known = dict(zip([*atoms, *(x for x, _ in first)], [*before, *element], strict=True))
        return [simplified(e, known) for e in inner.lift]

    def split(values: Sequence[Term]) -> tuple[Sequence[Term], Sequence[Term], Sequence[Term]]:
        return values[:width], values[width : width + count], values[width + count :]

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        (x, last, after), (x0, before, start) = split(later), split(earlier)
        between = inner.mul(lifted(before, x), start)
        return [*x0, *last, *inner.mul(after, between)]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        x, last, after = split(values)
        whole = inner.mul(after, lifted([state[i] for i in held], x))
        acted = dict(zip(held, last, strict=True))
        acted |= zip(rest, inner.act(whole, [state[i] for i in rest]), strict=True)
        return [acted[i] for i in range(len(step.atoms))]

    lift = (*(x for x, _ in first), *remembered, *unit)

    def holds(values: Sequence[Term]) -> list[Term]:
        return inner.holds(split(values)[2])

    whole = replace(
        inner,
        types=(*(ty for _, ty in first), *types, *inner.types),
        lifts=(lift,),
        mul=mul,
        act=act,
        identity=None,
        holds=holds,
        late=frozenset(range(width + count, width + count + inner.size)),
        fixed=frozenset((*range(width + count), *(width + count + i for i in inner.fixed))),
        state_fixed=frozenset((*held, *(rest[i] for i in inner.state_fixed))),
        depth=inner.depth + bool(inner.late),
    )
    return optional(whole, [*(nothing_of(x.type) for x in lift[: width + count]), *unit]) if identity else whole
