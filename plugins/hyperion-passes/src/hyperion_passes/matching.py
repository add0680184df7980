"""Untrusted. Where a theorem's left side stands in a term, modulo what commutes and what is known at the place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Final, TypeAlias

from hyperion.logic import kernel as k
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.derived import chain, head, rewrite
from hyperion_passes.facts import Facts

Found: TypeAlias = Mapping[Term, Term]
COMMUTATIVE: Final = frozenset({"add", "mul", "max", "min", "and", "or", "xor", "radd", "rmul"})
MOST_TRIES: Final = 20_000


def instances(th: Theorem, x: Term, facts: Facts) -> Iterator[Theorem]:
    """A |- x = y by the theorem, whose variables stand for terms of their types; A are facts.

    Products of many factors have many orders: after `MOST_TRIES` comparisons no more are looked at.
    """
    for same, found in _one(th.left, x, {}, facts, count()):
        made = k.inst(found, th)
        made = discharge(made, *_needed(made, facts))
        if facts.cover(made):
            yield k.trans(same, made)


def _needed(th: Theorem, facts: Facts) -> Iterator[Theorem]:
    """Hypotheses of the theorem from facts, also from those that have operands the other way round."""
    for left, right in th.hypotheses:
        known = facts.of(left)
        if known is not None and known.right is right:
            yield known
        else:
            for fact in facts:
                fixed = {v: v for v in left.free}
                same = next(_one(left, fact.left, fixed, facts, count()), None) if fact.right is right else None
                if same is not None:
                    yield k.trans(k.sym(same[0]), fact)
                    break


def _one(pattern: Term, x: Term, found: Found, facts: Facts, tries: Iterator[int]) -> Iterator[tuple[Theorem, Found]]:
    """|- x = the pattern's instance, and what its variables stand for."""
    if next(tries) > MOST_TRIES:
        return
    if pattern.kind == "V" and pattern.type is x.type and found.get(pattern, x) is x:
        yield k.refl(x), {**found, pattern: x}
        return
    if pattern is x and not pattern.free:
        yield k.refl(x), found
        return
    value = facts.of(x) if x.kind == "V" else None
    if value is not None:
        for th, more in _one(pattern, value.right, found, facts, tries):
            yield k.trans(value, th), more
        return
    (function, wanted), (other, given) = arguments(pattern), arguments(x)
    if pattern.kind != "A" or function is not other or len(wanted) != len(given):
        return
    for ths, more in _all(wanted, given, found, facts, tries):
        yield _applied(function, ths), more
    if head(pattern) in COMMUTATIVE and len(wanted) == 2:
        turned = rewrite(lemmas.commutes(head(pattern)), x)
        for ths, more in _all(wanted, given[::-1], found, facts, tries):
            th = chain(turned, _applied(function, ths))
            assert th is not None
            yield th, more


def _all(
    patterns: Sequence[Term], xs: Sequence[Term], found: Found, facts: Facts, tries: Iterator[int]
) -> Iterator[tuple[list[Theorem], Found]]:
    if not patterns:
        yield [], found
        return
    for th, more in _one(patterns[0], xs[0], found, facts, tries):
        for ths, most in _all(patterns[1:], xs[1:], more, facts, tries):
            yield [th, *ths], most


def _applied(function: Term, args: Sequence[Theorem]) -> Theorem:
    th = k.refl(function)
    for a in args:
        th = k.app(th, a)
    return th
