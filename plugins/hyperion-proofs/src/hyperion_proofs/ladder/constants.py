"""Untrusted. Stored values that are the same constant, or equal to another one, in every summary are not stored.

Two values are equal where every lift gives equal values, and mul gives equal ones whenever its operands have all the
equalities: the greatest such relation, by refinement from the lifts. Likewise for constants.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.effort import checkpoint
from hyperion.logic.terms import Term
from hyperion_proofs.ladder.step import Summary


def stored(whole: Summary, keep_identity: bool) -> Summary:
    """The summary without what need not be stored. With `keep_identity` the identity must be among the summaries."""
    sources = [*whole.lifts, *([whole.identity] if keep_identity and whole.identity is not None else [])]
    keys: list[Hashable] = [tuple(source[i] for source in sources) for i in range(whole.size)]
    constants = {
        i: sources[0][i] for i in range(whole.size) if len(set(_at(sources, i))) == 1 and _closed(sources[0][i])
    }
    later, earlier = ([t.var(f"{hint}{i}", e.type) for i, e in enumerate(sources[0])] for hint in "ab")
    while True:
        checkpoint()
        first = _representatives(keys)
        product = whole.mul(_filled(later, constants, first), _filled(earlier, constants, first))
        lost = [i for i, value in constants.items() if product[i] is not value]
        refined: list[Hashable] = [(first[i], product[i]) for i in range(whole.size)]
        finer = _representatives(refined)
        if not lost and finer == first:
            break
        keys = [*finer]
        for i in lost:
            del constants[i]
    fixed, first = dict(constants), _representatives(keys)
    kept = [i for i in range(whole.size) if i not in fixed and first[i] == i]
    place = {i: position for position, i in enumerate(kept)}

    def restored(values: Sequence[Term]) -> list[Term]:
        return [fixed[i] if i in fixed else values[place[first[i]]] for i in range(whole.size)]

    def only(values: Sequence[Term]) -> tuple[Term, ...]:
        return tuple(values[i] for i in kept)

    def mul(a: Sequence[Term], b: Sequence[Term]) -> list[Term]:
        return list(only(whole.mul(restored(a), restored(b))))

    def act(a: Sequence[Term], s: Sequence[Term]) -> list[Term]:
        return whole.act(restored(a), s)

    def holds(a: Sequence[Term]) -> list[Term]:
        return list(dict.fromkeys(c for c in whole.holds(restored(a)) if c is not TRUE))

    identity = whole.identity
    if identity is not None and any(restored(only(identity))[i] is not identity[i] for i in range(whole.size)):
        identity = None
    return replace(
        whole,
        types=tuple(whole.types[i] for i in kept),
        lifts=tuple(only(lift) for lift in whole.lifts),
        mul=mul,
        act=act,
        identity=None if identity is None else only(identity),
        holds=holds,
        fixed=frozenset(place[i] for i in whole.fixed if i in place),
        late=frozenset(place[i] for i in whole.late if i in place),
    )


def _at(sources: Sequence[Sequence[Term]], i: int) -> list[Term]:
    return [source[i] for source in sources]


def _closed(value: Term) -> bool:
    return value.kind == "K" or value in (TRUE, FALSE)


def _representatives(keys: Sequence[Hashable]) -> list[int]:
    """For every position the first one with an equal key."""
    seen: dict[Hashable, int] = {}
    return [seen.setdefault(key, i) for i, key in enumerate(keys)]


def _filled(values: Sequence[Term], constants: dict[int, Term], first: Sequence[int]) -> list[Term]:
    return [constants.get(i, values[first[i]]) for i in range(len(values))]
