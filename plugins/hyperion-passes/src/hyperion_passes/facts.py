"""Untrusted. What is known at a place of a term: a branch's condition, the value of an operation that did not trap.

A theorem that rests on such a fact has it as a hypothesis; `sequenced` and `branched` remove it where it came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, cond_is
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.derived import both, head
from hyperion_passes.list_lemmas import outcomes

Fact: TypeAlias = tuple[Term, Term]

_PARTS: Final[Mapping[tuple[str, Term], Term]] = {
    ("and", TRUE): TRUE,
    ("or", FALSE): FALSE,
    ("not", TRUE): FALSE,
    ("not", FALSE): TRUE,
}
"""The value of each part of a test that has this value."""


class Facts:
    """Terms, and what each equals here: what was given, and what follows from it at once. Compared by identity."""

    __slots__ = ("_given", "_known")

    def __init__(self, given: frozenset[Fact] = frozenset(), known: Mapping[Term, Theorem] | None = None) -> None:
        self._given = given
        self._known = known or {}

    def __iter__(self) -> Iterator[Theorem]:
        """A |- x = y for each, outer facts first; A is among what was given."""
        return iter(self._known.values())

    def of(self, x: Term) -> Theorem | None:
        """A |- x = y where y is known for x."""
        return self._known.get(x)

    def among(self, *facts: Fact) -> Facts:
        """These facts and more; what was known stays."""
        known, given = dict(self._known), set(self._given)
        for x, y in facts:
            if x.kind not in "CK" and x not in known:
                given.add((x, y))
                for th in _consequences(k.assume(x, y)):
                    known.setdefault(th.left, th)
        return self if len(given) == len(self._given) else Facts(frozenset(given), known)

    def cover(self, th: Theorem) -> bool:
        return th.hypotheses <= self._given


def _consequences(th: Theorem) -> Iterator[Theorem]:
    """The theorem, and what it says of the parts of a test."""
    yield th
    operation, parts = arguments(th.left)
    whole = (operation.name, th.right) if operation.kind == "C" else None
    value = _PARTS.get(whole) if whole is not None else None
    if value is not None:
        for i, part in enumerate(parts):
            rule = lemmas.part_of_test(operation.name, th.right, i, value)
            made = k.inst(dict(zip((lemmas.P, lemmas.Q), parts, strict=False)), rule)
            yield from _consequences(k.cut(th, made)) if part.kind not in "CK" else ()


def after(o: Term, value: Term) -> Iterator[Fact]:
    """What holds once the outcome `o` has given `value`: the tests between it and a trap, and its form."""
    while head(o) == "cond":
        _, (test, yes, no) = arguments(o)
        if head(yes) == "trap":
            yield test, FALSE
            o = no
        elif head(no) == "trap":
            yield test, TRUE
            o = yes
        else:
            return
    if head(o) == "ok":
        yield value, o.argument
    elif head(o) != "trap":
        yield o, apply("ok", value)


def sequenced(o: Term, v: Term, th: Theorem) -> Theorem:
    """From A |- l = r: |- bind o (\\v. l) = bind o (\\v. r), where A may hold facts of `after(o, v)`."""
    left, right = (apply("bind", o, t.lam(v, side)) for side in (th.left, th.right))
    if th.hypotheses.isdisjoint(after(o, v)):
        return k.app(k.refl(left.function), k.abs_(v, th))
    return _by_form(o, left, right, v, th)


def _by_form(o: Term, left: Term, right: Term, v: Term, th: Theorem) -> Theorem:
    """|- bind o (\\v. l) = bind o (\\v. r), by the tests that o makes."""
    if head(o) == "cond":
        test, yes, no = arguments(o)[1]
        cases: list[Theorem] = []
        for known, branch in ((TRUE, yes), (FALSE, no)):
            chosen = cond_is(k.assume(test, known), o)
            first, last = (k.app(k.app(k.refl(x.function.function), chosen), k.refl(x.argument)) for x in (left, right))
            cases.append(both(first, _by_form(branch, first.right, last.right, v, th), k.sym(last)))
        return k.bool_cases(test, *cases)
    if head(o) not in ("ok", "trap", "diverge"):
        cases: list[Theorem] = []
        for known in (k.assume(o, form) for form in outcomes(v)):
            first, last = (k.app(k.app(k.refl(x.function.function), known), k.refl(x.argument)) for x in (left, right))
            cases.append(both(first, _by_form(known.right, first.right, last.right, v, th), k.sym(last)))
        return k.outcome_cases(o, v, *cases)
    first, last = _step(left), _step(right)
    if head(o) != "ok":
        return both(first, k.sym(last))
    inside, same = k.inst({v: o.argument}, th), k.refl(o.argument)
    if (same.left, same.right) in inside.hypotheses:
        inside = k.cut(same, inside)
    return both(first, k.beta(first.right), inside, k.sym(k.beta(last.right)), k.sym(last))


def branched(test: Term, yes: Theorem, no: Theorem) -> Theorem:
    """From A |- a = b and B |- c = d: |- cond test a c = cond test b d; A may hold test = true, B test = false."""
    left, right = apply("cond", test, yes.left, no.left), apply("cond", test, yes.right, no.right)
    facts = ((test, TRUE), (test, FALSE))
    if facts[0] not in yes.hypotheses and facts[1] not in no.hypotheses:
        return k.app(k.app(k.refl(left.function.function), yes), no)
    known = (k.assume(*fact) for fact in facts)
    cases = [both(cond_is(f, left), th, k.sym(cond_is(f, right))) for f, th in zip(known, (yes, no), strict=True)]
    return k.bool_cases(test, *cases)


def _step(x: Term) -> Theorem:
    th = lemmas.sequencing_at(x)
    assert th is not None
    return th
